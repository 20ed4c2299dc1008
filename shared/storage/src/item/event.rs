//! Rows of the events of a room's log.

use domain::{
    Event, EventData, Member, Membership, Name, Permissions, RoomId, Seq, User, Username,
};
use serde::{Deserialize, Serialize};

use super::log::{LAPSED, LogRow, StoredData, StoredEvent, VOID};
use super::reaction::ChangeItem;
use super::{AuthorItem, Row, item, parsed, time};
use crate::{Error, key};

const EVENT: &str = "event";

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
                name: Name::parse(&self.name).map_err(corrupt)?,
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
