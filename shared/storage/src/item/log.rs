//! Rows of a room's log: messages, events, voids.

use domain::{
    Author, ClientId, Event, EventData, Member, Membership, Message, MessageKind, MessageText,
    Permissions, RoomId, Seq, Slot, SystemCode, SystemNotice, Used, User, Username,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::media::MessageMediaItem;
use super::reaction::{ChangeItem, CountItem};
use super::{AuthorItem, Row, item, parsed, time};
use crate::{Error, key};

/// The attribute that says what a row is.
pub(crate) const KIND: &str = "kind";
/// The kind of a message that a person wrote and nobody deleted.
pub(crate) const REGULAR: &str = "regular";

const MESSAGE: &str = "message";
const EVENT: &str = "event";

/// The kinds of a row that keeps its number from ever being used.
pub(crate) const VOID: &str = "void";
pub(crate) const LAPSED: &str = "lapsed";

/// One number of a room's log, as a reader finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRow {
    /// A message.
    Message(Message),
    /// An event.
    Event(StoredEvent),
    /// A number that will never be either.
    Void {
        /// The number.
        seq: Seq,
        /// When it was found to be so.
        at: Timestamp,
        /// Whether it may have been an event that has expired.
        lapsed: bool,
    },
}

impl LogRow {
    /// Its number and what it is used for.
    #[must_use]
    pub const fn slot(&self) -> Slot {
        match self {
            Self::Message(message) => {
                Slot { seq: message.seq, used: Used::Entry(message.created_at) }
            }
            Self::Event(event) => Slot { seq: event.seq, used: Used::Entry(event.at) },
            Self::Void { seq, lapsed: false, .. } => Slot { seq: *seq, used: Used::Void },
            Self::Void { seq, lapsed: true, .. } => Slot { seq: *seq, used: Used::Lapsed },
        }
    }
}

/// An event as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The room.
    pub room_id: RoomId,
    /// Its number.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Option<Author>,
    /// What.
    pub data: StoredData,
}

/// What an event row holds. Messages and the room are referred to, not copied: a deleted text must
/// not live on in the log, and a reader wants them as they are now anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredData {
    /// The whole event.
    Whole(Box<EventData>),
    /// `room.created`.
    RoomCreated,
    /// `room.updated`.
    RoomUpdated,
    /// `message.updated` of this message.
    MessageUpdated(Seq),
    /// `message.deleted` of this message.
    MessageDeleted(Seq),
}

#[derive(Serialize, Deserialize)]
struct MessageItem {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media: Vec<MessageMediaItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    system: Option<SystemItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default)]
    ordinal: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<CountItem>,
    #[serde(default, skip_serializing_if = "is_zero")]
    reaction_seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to_seq: Option<u64>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<i64>,
    #[serde(default)]
    version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize, Deserialize)]
struct SystemItem {
    code: String,
    actor: AuthorItem,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// The row of a message.
pub(crate) fn message_row(message: &Message) -> Result<Row, Error> {
    let (kind, author, text, system) = match &message.kind {
        MessageKind::Regular { author, text, .. } => {
            let text = text.as_ref().map(|text| text.as_str().to_owned());
            (REGULAR, Some(author), text, None)
        }
        MessageKind::Deleted { author } => ("deleted", Some(author), None, None),
        MessageKind::System(notice) => ("system", None, None, Some(notice)),
    };
    let item = MessageItem {
        kind: kind.to_owned(),
        author: author.map(Into::into),
        text,
        media: message.media().iter().map(Into::into).collect(),
        system: system.map(|notice| SystemItem {
            code: notice.code.name().to_owned(),
            actor: (&notice.actor).into(),
            user: notice.user.as_ref().map(Into::into),
            name: notice.name.clone(),
        }),
        client_id: message.client_id.as_ref().map(ToString::to_string),
        ordinal: message.ordinal,
        reactions: message.reactions.iter().map(Into::into).collect(),
        reaction_seq: message.reaction_seq,
        reply_to_seq: message.reply_to_seq.map(Seq::get),
        created_at: message.created_at.as_millisecond(),
        edited_at: message.edited_at.map(Timestamp::as_millisecond),
        version: message.version,
    };
    super::row(key::message(message.room_id, message.seq), MESSAGE, &item)
}

/// What turns the row of a message into the row of its next version.
pub(crate) struct NextVersion {
    pub(crate) set: Row,
    pub(crate) remove: Vec<&'static str>,
}

/// Attributes that a version may have and the next one not.
const MAY_GO: [&str; 4] = ["text", "media", "edited_at", "reply_to_seq"];

/// What an edit or a deletion changes. Reactions are none of it, but a tombstone has none.
pub(crate) fn next_version(message: &Message) -> Result<NextVersion, Error> {
    let mut set = message_row(message)?;
    for name in [key::PK, key::SK, REACTIONS, REACTION_SEQ] {
        set.remove(name);
    }
    let mut remove: Vec<_> = MAY_GO.into_iter().filter(|name| !set.contains_key(*name)).collect();
    if matches!(message.kind, MessageKind::Deleted { .. }) {
        remove.push(REACTIONS);
    }
    Ok(NextVersion { set, remove })
}

const REACTIONS: &str = "reactions";
const REACTION_SEQ: &str = "reaction_seq";

/// The message or void in a row `R#room`, `M#seq`.
pub(crate) fn message(row: Row) -> Result<LogRow, Error> {
    let ids = key::room_of(&row).zip(key::seq_of(&row));
    let (room_id, seq) = ids.ok_or_else(|| Error::corrupt(MESSAGE, "a key of another shape"))?;
    let MessageItem {
        kind,
        author,
        text,
        media,
        system,
        client_id,
        ordinal,
        reactions,
        reaction_seq,
        reply_to_seq,
        created_at,
        edited_at,
        version,
    } = item(MESSAGE, row)?;
    let created_at = time(MESSAGE, created_at)?;
    let author = author.map(AuthorItem::author).transpose()?;
    let kind = match (kind.as_str(), author, text, system) {
        (VOID, ..) => return Ok(LogRow::Void { seq, at: created_at, lapsed: false }),
        (LAPSED, ..) => return Ok(LogRow::Void { seq, at: created_at, lapsed: true }),
        (REGULAR, Some(author), text, _) => {
            let text = text.as_deref().map(MessageText::parse).transpose();
            let text = text.map_err(|error| Error::corrupt(MESSAGE, error))?;
            let media: Result<_, _> = media.into_iter().map(MessageMediaItem::media).collect();
            MessageKind::Regular { author, text, media: media? }
        }
        ("deleted", Some(author), ..) => MessageKind::Deleted { author },
        ("system", _, _, Some(notice)) => MessageKind::System(SystemNotice {
            code: SystemCode::from_name(&notice.code)
                .ok_or_else(|| Error::corrupt(MESSAGE, "an unknown system code"))?,
            actor: notice.actor.author()?,
            user: notice.user.map(AuthorItem::author).transpose()?,
            name: notice.name,
        }),
        _ => return Err(Error::corrupt(MESSAGE, "an unknown kind")),
    };
    Ok(LogRow::Message(Message {
        room_id,
        seq,
        client_id: client_id.map(|id| parsed::<ClientId>(MESSAGE, &id)).transpose()?,
        ordinal,
        kind,
        reactions: reactions.into_iter().map(Into::into).collect(),
        reaction_seq,
        reply_to_seq: reply_to_seq.and_then(Seq::new),
        created_at,
        edited_at: edited_at.map(|at| time(MESSAGE, at)).transpose()?,
        version,
    }))
}

#[derive(Serialize, Deserialize)]
struct EventItem {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message_seq: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<MemberItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reaction: Option<ChangeItem>,
    created_at: i64,
}

/// A member as an event tells of them.
#[derive(Serialize, Deserialize)]
struct MemberItem {
    user_id: String,
    username: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar_media_id: Option<String>,
    is_staff: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_banned: bool,
    user_created_at: i64,
    permissions: u16,
    is_owner: bool,
    created_by: String,
    joined_at: i64,
}

impl From<&Member> for MemberItem {
    fn from(Member { membership, user, .. }: &Member) -> Self {
        Self {
            user_id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            avatar_media_id: user.avatar_media_id.map(|id| id.to_string()),
            is_staff: user.is_staff,
            is_banned: user.is_banned,
            user_created_at: user.created_at.as_millisecond(),
            permissions: membership.permissions.bits(),
            is_owner: membership.is_owner,
            created_by: membership.created_by.to_string(),
            joined_at: membership.joined_at.as_millisecond(),
        }
    }
}

impl MemberItem {
    fn member(self, room_id: RoomId) -> Result<Member, Error> {
        let user_id = parsed(EVENT, &self.user_id)?;
        let corrupt = |error| Error::corrupt(EVENT, error);
        Ok(Member {
            membership: Membership {
                room_id,
                user_id,
                permissions: Permissions::from_bits(self.permissions),
                is_owner: self.is_owner,
                created_by: parsed(EVENT, &self.created_by)?,
                joined_at: time(EVENT, self.joined_at)?,
            },
            user: User {
                id: user_id,
                username: Username::parse(&self.username).map_err(corrupt)?,
                name: domain::Name::parse(&self.name).map_err(corrupt)?,
                avatar_media_id: self.avatar_media_id.map(|id| parsed(EVENT, &id)).transpose()?,
                is_staff: self.is_staff,
                is_banned: self.is_banned,
                created_at: time(EVENT, self.user_created_at)?,
            },
            my_room: None,
        })
    }
}

/// The row of a numbered event.
pub(crate) fn event_row(event: &Event, seq: Seq) -> Result<Row, Error> {
    let mut reaction = None;
    let (message_seq, member) = match &event.data {
        EventData::MessageUpdated(message) | EventData::MessageDeleted(message) => {
            (Some(message.seq.get()), None)
        }
        EventData::ReactionAdded(change) | EventData::ReactionRemoved(change) => {
            reaction = Some(ChangeItem::from(change));
            (Some(change.message_seq.get()), None)
        }
        EventData::MemberJoined(member)
        | EventData::MemberUpdated(member)
        | EventData::MemberLeft(member) => (None, Some(member.into())),
        EventData::RoomCreated(_) | EventData::RoomUpdated(_) | EventData::RoomDeleted => {
            (None, None)
        }
        EventData::MessageCreated(_)
        | EventData::Typing(_)
        | EventData::MemberEntered(_)
        | EventData::MemberExited(_)
        | EventData::Void
        | EventData::RoomAdded { .. }
        | EventData::RoomRemoved
        | EventData::RoomRead { .. } => {
            return Err(Error::corrupt(
                EVENT,
                format!("{} is no event of the log", event.data.name()),
            ));
        }
    };
    let item = EventItem {
        kind: event.data.name().to_owned(),
        actor: event.actor.as_ref().map(Into::into),
        message_seq,
        member,
        reaction,
        created_at: event.at.as_millisecond(),
    };
    super::row(key::event(event.room_id, seq), EVENT, &item)
}

/// The event or void in a row `R#room`, `E#seq`.
pub(crate) fn event(row: Row) -> Result<LogRow, Error> {
    let ids = key::room_of(&row).zip(key::seq_of(&row));
    let (room_id, seq) = ids.ok_or_else(|| Error::corrupt(EVENT, "a key of another shape"))?;
    let EventItem { kind, actor, message_seq, member, reaction, created_at } = item(EVENT, row)?;
    let at = time(EVENT, created_at)?;
    let member = member.map(|member| member.member(room_id)).transpose()?;
    let whole = |data| StoredData::Whole(Box::new(data));
    let message_seq = message_seq.and_then(Seq::new);
    let reaction = reaction.zip(message_seq).map(|(item, message)| item.change(message));
    let data = match (kind.as_str(), message_seq, member) {
        (VOID, ..) => return Ok(LogRow::Void { seq, at, lapsed: false }),
        (LAPSED, ..) => return Ok(LogRow::Void { seq, at, lapsed: true }),
        ("message.updated", Some(message), _) => StoredData::MessageUpdated(message),
        ("message.deleted", Some(message), _) => StoredData::MessageDeleted(message),
        ("room.created", ..) => StoredData::RoomCreated,
        ("room.updated", ..) => StoredData::RoomUpdated,
        ("room.deleted", ..) => whole(EventData::RoomDeleted),
        ("member.joined", _, Some(member)) => whole(EventData::MemberJoined(member)),
        ("member.updated", _, Some(member)) => whole(EventData::MemberUpdated(member)),
        ("member.left", _, Some(member)) => whole(EventData::MemberLeft(member)),
        ("reaction.added" | "reaction.removed", ..) => {
            let change = reaction.ok_or_else(|| Error::corrupt(EVENT, "no reaction in it"))??;
            let added = kind == "reaction.added";
            whole(if added { EventData::ReactionAdded } else { EventData::ReactionRemoved }(change))
        }
        _ => return Err(Error::corrupt(EVENT, "an unknown kind")),
    };
    let actor = actor.map(AuthorItem::author).transpose()?;
    Ok(LogRow::Event(StoredEvent { room_id, seq, at, actor, data }))
}

/// The void of a number, at the key of a message or of an event.
pub(crate) fn void_row(key: key::Key, at: Timestamp, lapsed: bool) -> Result<Row, Error> {
    #[derive(Serialize)]
    struct VoidItem {
        kind: &'static str,
        created_at: i64,
    }
    let kind = if lapsed { LAPSED } else { VOID };
    super::row(key, "void", &VoidItem { kind, created_at: at.as_millisecond() })
}

#[cfg(test)]
mod tests;
