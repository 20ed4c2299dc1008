//! Sending a message: once, however often it is asked for.

use domain::{
    Action, ClientId, Draft, Limited, Media, Membership, Message, MessageKind, MessageMedia,
    MessageText, Permission, RateClass, ReadMark, Refusal, Room, RoomId, Seq, authorize,
    parse_content,
};
use futures_util::{TryFutureExt, future};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use storage::{Appended, Dedup, Issue, Issued, RoomAndStanding};
use tokio::sync::oneshot;

use crate::append::message_created;
use crate::known::Members;
use crate::tell::{audience, prepared, tell_audience, with_members};
use crate::void::give_up;
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// What somebody wants to send, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Where.
    pub room_id: RoomId,
    /// The sender's name for it.
    pub client_id: String,
    /// What it says.
    pub text: Option<String>,
    /// What it shows.
    pub media: Vec<String>,
    /// The message that it answers.
    pub reply_to_seq: Option<u64>,
    /// Whether the sender says that nothing was sent under this name before. Where that is not so it
    /// is one message all the same, and a number is lost.
    pub first_attempt: bool,
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message as stored.
    pub message: Message,
    /// Whether it had been stored before.
    pub duplicate: bool,
}

/// Stores a message and tells everybody in the room.
///
/// A repeat is answered with the message that is there, and tells everybody again: a crash between
/// writing and telling is mended by the sender's own retry. Returns only after every push was
/// taken, found its connection gone, or was given up for the client's sync to find.
///
/// # Errors
/// A refusal, [`Error::ClientIdConflict`], or storage that does not answer: send it again.
pub async fn send_message(app: &App, by: &By, send: Send) -> Result<Sent, Error> {
    let draft = compose(by, &send)?;
    let body_hash = body_hash(&draft);
    let mut is_counted = false;
    if let Some(members) = at_once(app, by, &draft, send.first_attempt) {
        if let Some(sent) = send_at_once(app, by, &draft, &body_hash, members).await? {
            return Ok(sent);
        }
        is_counted = true;
    }
    for _ in 0..MAX_TRIES {
        let begun = app.store.begin_send(draft.room_id, draft.author.id, &draft.client_id, by.now);
        let (membership, dedup) = if std::mem::replace(&mut is_counted, true) {
            begun.await?
        } else {
            // At the same time, so that counting costs a send no time.
            future::try_join(begun.err_into(), count(app, by)).await?.0
        };
        if let Some(dedup) = dedup {
            return replay(app, by, &dedup, &body_hash).await;
        }
        may_send(app, by, draft.room_id, membership.as_ref()).await?;

        let media = match take_media(app, by, &draft).await {
            Ok(media) => media,
            // Another try of this send may have used them meanwhile.
            Err(refused) => return replay_or(app, by, &draft, &body_hash, refused).await,
        };
        let numbering = number(app, by, &draft, media, None);
        let (numbered, early) = with_members(app, by, draft.room_id, numbering).await?;
        let Some(numbered) = numbered else { continue };
        if let Some(sent) = write(app, by, &draft, &body_hash, numbered, early).await? {
            return Ok(sent);
        }
    }
    Err(Error::Contended)
}

/// The members of the room, where a message may be numbered before anything is read: the sender is
/// one of those who write there as far as is known, and has not sent it before.
///
/// Not for media, which are put where they stay before there is a number; nor for whoever was past
/// the rate lately, because each number that is given up costs a write or two.
fn at_once(app: &App, by: &By, draft: &Draft, first_attempt: bool) -> Option<Members> {
    let user = by.actor.user_id;
    if !first_attempt || !draft.media.is_empty() || app.known.was_refused(user, by.now) {
        return None;
    }
    let members = app.known.members(draft.room_id, by.now)?;
    members.of(user)?.permissions.contains(Permission::CanCreateMessages).then_some(members)
}

/// Numbers a message, if the members are still those that are known, and writes it. `None` if they
/// are not, or as [`write()`]: the send is counted, and to be begun with all that there is to read.
async fn send_at_once(
    app: &App,
    by: &By,
    draft: &Draft,
    body_hash: &str,
    members: Members,
) -> Result<Option<Sent>, Error> {
    let counting = count(app, by);
    let numbering = number(app, by, draft, Vec::new(), Some(members.read_at()));
    let (counted, numbered) = future::join(counting, numbering).await;
    let Err(refused) = counted else {
        let Some(numbered) = numbered? else {
            app.known.set_members(draft.room_id, None);
            return Ok(None);
        };
        return write(app, by, draft, body_hash, numbered, Some(members)).await;
    };
    if let Ok(Some(numbered)) = numbered {
        give_up(&app.store, draft.room_id, numbered.message.seq, by.now).await?;
    }
    Err(refused)
}

/// Counts a send, and remembers whom it is one too many of.
async fn count(app: &App, by: &By) -> Result<(), Error> {
    let counted = within_rate(app, by, RateClass::Send).await;
    if let Err(Error::Limited(_)) = counted {
        app.known.refused(by.actor.user_id, by.now);
    }
    counted
}

/// Writes a numbered message and tells everybody of it. `None` if its number is void: another is
/// needed.
async fn write(
    app: &App,
    by: &By,
    draft: &Draft,
    body_hash: &str,
    Numbered { message, room }: Numbered,
    early: Option<Members>,
) -> Result<Option<Sent>, Error> {
    // Who is told may be read while the message is written: whoever comes meanwhile finds the
    // message, or its hole, in the log that they then read. It is asked first, so that the posts can be
    // made ready while the process has nothing else to do. Whatever becomes of the message, its number
    // is no news to its sender.
    let (stored, is_stored) = oneshot::channel();
    let telling = async {
        let audience = audience(app, &room, early, by.now).await?;
        let events = vec![message_created(message.clone())];
        let mut prepared = prepared(by, &room, events, audience);
        app.push.sign(&mut prepared, by.now).await;
        if is_stored.await.is_ok() {
            app.push.tell_prepared(prepared, by.now).await;
        }
        Ok::<_, Error>(())
    };
    let writing = async {
        let user = by.actor.user_id;
        let appending =
            app.store.append_message(&message, user, &draft.client_id, body_hash, by.now);
        let appended = appending.await?;
        if appended == Appended::Stored {
            tracing::info!(target: "metrics", sends = 1_u64);
            let _ = stored.send(()); // Nobody listens where the audience could not be read.
        }
        Ok::<_, Error>(appended)
    };
    // The mark in the middle: a database that works in one thread begins with what came first or last,
    // and only the sender waits for the mark.
    let (told, (), appended) = future::join3(telling, mark_sent(app, by, &message), writing).await;
    match appended? {
        Appended::Stored => told.map(|()| Some(Sent { message, duplicate: false })),
        Appended::Duplicate(dedup) => {
            give_up(&app.store, draft.room_id, message.seq, by.now).await?;
            replay(app, by, &dedup, body_hash).await.map(Some)
        }
        Appended::Voided => Ok(None),
        Appended::MediaGone => {
            give_up(&app.store, draft.room_id, message.seq, by.now).await?;
            Ok(None)
        }
    }
}

/// Counts an own message as read. That it was not must not look as if it were not sent.
async fn mark_sent(app: &App, by: &By, message: &Message) {
    let mark = ReadMark { seq: message.seq, read_count: message.ordinal };
    let marked = app.store.mark_sent(message.room_id, by.actor.user_id, mark, by.now).await;
    if let Err(error) = marked {
        tracing::warn!(error = %error, "an own message counts as unread");
    }
}

fn compose(by: &By, send: &Send) -> Result<Draft, Refusal> {
    let client_id: ClientId = send.client_id.parse().map_err(|_| Refusal::Invalid {
        pointer: "/client_id",
        reason: "must be 1 to 64 printable ASCII characters without spaces or #".to_owned(),
    })?;
    let (text, media) = parse_content(send.text.as_deref(), &send.media)?;
    let reply_to_seq = match send.reply_to_seq {
        None => None,
        Some(seq) => Some(Seq::new(seq).ok_or(Refusal::MessageNotFound)?),
    };
    let author = by.author();
    Ok(Draft { room_id: send.room_id, author, client_id, text, media, reply_to_seq })
}

/// Two sends of one `client_id` are the same only if they say the same in the same room.
fn body_hash(draft: &Draft) -> String {
    let Draft { room_id, text, media, reply_to_seq, .. } = draft;
    let reply = reply_to_seq.map_or(0, Seq::get);
    // Identifiers have no spaces, so the text, which comes last, cannot pass for one of them.
    let media: String = media.iter().map(|id| format!("{id} ")).collect();
    let text = text.as_ref().map_or("", MessageText::as_str);
    let hash = digest(&SHA256, format!("{room_id} {reply} {media}{text}").as_bytes());
    hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Answers with the message that another try stored; `refused` if there is none.
async fn replay_or(
    app: &App,
    by: &By,
    draft: &Draft,
    body_hash: &str,
    refused: Error,
) -> Result<Sent, Error> {
    let begun = app.store.begin_send(draft.room_id, draft.author.id, &draft.client_id, by.now);
    match begun.await? {
        (_, Some(dedup)) => replay(app, by, &dedup, body_hash).await,
        (_, None) => Err(refused),
    }
}

/// A member is judged by their own row alone; only a stranger costs the reading of the head.
async fn may_send(
    app: &App,
    by: &By,
    room_id: RoomId,
    membership: Option<&Membership>,
) -> Result<(), Error> {
    match membership {
        Some(member) if member.permissions.contains(Permission::CanCreateMessages) => Ok(()),
        refused => {
            let room = app.store.room(room_id).await?.ok_or(Refusal::RoomNotFound)?;
            Ok(authorize(by.actor, &room, refused, Action::SendMessage)?)
        }
    }
}

/// Puts the files of the media where they stay. Before there is a number: it takes a while.
async fn take_media(app: &App, by: &By, draft: &Draft) -> Result<Vec<MessageMedia>, Error> {
    if draft.media.is_empty() {
        return Ok(Vec::new());
    }
    let found = app.store.media_of(&draft.media, by.now).await?;
    let of = |id| found.iter().find(|media: &&Media| media.id == id).ok_or(Refusal::MediaNotFound);
    let shown: Result<_, Refusal> =
        draft.media.iter().map(|id| of(*id)?.for_message(draft.author.id)).collect();
    let shown = shown?;
    app.bucket.keep(&found).await?;
    Ok(shown)
}

/// A message with its number, and the room as it was then.
struct Numbered {
    message: Message,
    room: Box<Room>,
}

/// `None` if the members may be others than those that were read at this time.
async fn number(
    app: &App,
    by: &By,
    draft: &Draft,
    media: Vec<MessageMedia>,
    members_read_at: Option<Timestamp>,
) -> Result<Option<Numbered>, Error> {
    let (author, text) = (draft.author.clone(), draft.text.clone());
    let kind = MessageKind::Regular { author, text, media };
    let mut message = Message {
        room_id: draft.room_id,
        seq: Seq::FIRST,
        client_id: Some(draft.client_id.clone()),
        ordinal: 0,
        kind,
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: draft.reply_to_seq,
        created_at: by.now,
        edited_at: None,
        version: 1,
    };
    let (preview, is_staff) = (message.preview(), by.actor.is_staff);
    let issue = Issue::Message { preview, is_staff, members_read_at };
    let class = RateClass::Room;
    let rate = app.settings.limits.of(class);
    match app.store.issue_within(draft.room_id, &issue, rate, by.now).await? {
        Issued::Numbered(room) => {
            message.seq = room.seq;
            message.ordinal = room.message_count;
            Ok(Some(Numbered { message, room }))
        }
        Issued::MembersChanged => Ok(None),
        Issued::NoRoom => Err(Refusal::RoomNotFound.into()),
        Issued::StaffOnly => Err(Refusal::StaffOnly.into()),
        Issued::Beyond(retry_after) => match rate {
            Some(rate) => Err(Limited { class, rate, retry_after }.into()),
            None => Err(Error::Contended),
        },
    }
}

async fn replay(app: &App, by: &By, dedup: &Dedup, body_hash: &str) -> Result<Sent, Error> {
    if dedup.body_hash != body_hash {
        return Err(Error::ClientIdConflict);
    }
    let message =
        app.store.message(dedup.room_id, dedup.seq).await?.ok_or(Refusal::MessageNotFound)?;
    let found = app.store.room_and_standing(dedup.room_id, by.actor.user_id).await?;
    // Only to a sender who is still a member does the room listen.
    if let RoomAndStanding { room: Some(room), standing: Some(_) } = found {
        let audience = audience(app, &room, None, by.now).await?;
        tell_audience(app, by, &room, vec![message_created(message.clone())], audience).await;
    }
    Ok(Sent { message, duplicate: true })
}

#[cfg(test)]
mod tests;
