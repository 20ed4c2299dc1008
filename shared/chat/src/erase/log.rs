//! Going through a room's log: what an erased user wrote is deleted, or stays without their name.

use domain::{Author, EventData, Message, MessageKind, Refusal, RoomId, User};
use jiff::Timestamp;
use storage::LogRow;

use super::as_erased;
use crate::delete_message::{bury, delete_media};
use crate::edit_message::change;
use crate::{App, By, Error, MAX_TRIES};

/// Numbers of a log that are looked at in one go.
const STRETCH: u64 = 200;

/// What becomes of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// The texts stay, by nobody; files go.
    Anonymise,
    /// All of them are deleted.
    Remove,
}

/// What was done in a stretch of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// How far it was looked through.
    pub upto: u64,
    /// Messages that are tombstones now.
    pub removed: u64,
    /// Messages whose text stays, by nobody.
    pub anonymised: u64,
    /// Files that are gone.
    pub files: u64,
    /// Notices, events and tombstones out of which the name was taken.
    pub names: u64,
}

/// Takes an erased user out of a stretch of a room's log, after the number `after`. It has come to
/// the end when `upto` is the room's last number.
///
/// # Errors
/// If storage does not answer; doing it again is safe.
pub async fn erase_in_room(
    app: &App,
    erased: &User,
    room_id: RoomId,
    after: u64,
    messages: Messages,
    now: Timestamp,
) -> Result<Erased, Error> {
    let by = &as_erased(erased, now);
    let upto = after.saturating_add(STRETCH);
    let mut sends = Vec::new();
    let mut done = Erased { upto, ..Erased::default() };
    let mut is_theirs = false;
    for row in app.store.log(room_id, after, upto).await? {
        if let LogRow::Message(message) = &row
            && message.author().is_some_and(|author| author.id == erased.id)
        {
            is_theirs = true;
            sends.extend(message.client_id.clone());
            if let MessageKind::Regular { .. } = message.kind {
                let own = erase_message(app, erased, by, message.clone(), messages).await;
                let own = match own {
                    // Somebody deleted the room meanwhile.
                    Err(Error::Refused(Refusal::RoomNotFound)) => {
                        return Ok(Erased { upto: u64::MAX, ..done });
                    }
                    own => own?,
                };
                done.removed += own.removed;
                done.anonymised += own.anonymised;
                done.files += own.files;
                continue;
            }
        }
        done.names += u64::from(app.store.anonymise(room_id, &row, erased).await?);
    }
    if is_theirs {
        clear_head(app, erased, room_id).await?;
    }
    app.store.forget_sends(erased.id, &sends).await?;
    Ok(done)
}

/// Whatever was cut short, the head of a room shows no more than its log holds.
async fn clear_head(app: &App, erased: &User, room_id: RoomId) -> Result<(), Error> {
    let Some(room) = app.store.room(room_id).await? else { return Ok(()) };
    let is_theirs = |author: &Author| author.id == erased.id;
    let shown = room.preview.filter(|preview| preview.author.as_ref().is_some_and(is_theirs));
    let Some(shown) = shown.map(|preview| preview.seq) else { return Ok(()) };
    let message = match app.store.message(room_id, shown).await? {
        // It never came to be.
        None => app.store.written_before(room_id, shown).await?,
        found => found,
    };
    app.store.replace_preview(room_id, shown, message.as_ref()).await?;
    app.store.anonymise_preview(room_id, erased).await?;
    Ok(())
}

async fn erase_message(
    app: &App,
    erased: &User,
    by: &By,
    mut message: Message,
    messages: Messages,
) -> Result<Erased, Error> {
    let nobody = by.author();
    for _ in 0..MAX_TRIES {
        let files = message.media().len() as u64;
        let MessageKind::Regular { author, text, .. } = message.kind.clone() else {
            return Ok(Erased::default()); // Somebody else deleted it meanwhile.
        };
        match (messages, text) {
            (Messages::Anonymise, Some(_)) if files == 0 => {
                let is_named = author.name != nobody.name;
                let row = LogRow::Message(message.clone());
                app.store.anonymise(message.room_id, &row, erased).await?;
                return Ok(Erased { anonymised: u64::from(is_named), ..Erased::default() });
            }
            (Messages::Anonymise, Some(text)) => {
                delete_media(app, &message).await?;
                let kind = MessageKind::Regular {
                    author: nobody.clone(),
                    text: Some(text),
                    media: Vec::new(),
                };
                let version = message.version + 1;
                let next = Message { kind, version, ..message.clone() };
                if change(app, by, &next, EventData::MessageUpdated(next.clone())).await? {
                    return Ok(Erased { anonymised: 1, files, ..Erased::default() });
                }
            }
            (Messages::Remove, _) | (Messages::Anonymise, None) => {
                let tombstone = message.tombstone(nobody.clone());
                if bury(app, by, &message, &tombstone).await? {
                    return Ok(Erased { removed: 1, files, ..Erased::default() });
                }
            }
        }
        let again = app.store.message(message.room_id, message.seq).await?;
        message = again.ok_or(Refusal::MessageNotFound)?;
    }
    Err(Error::Contended)
}
