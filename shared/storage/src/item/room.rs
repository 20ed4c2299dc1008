//! Room heads, and the rows that say who is in a room.

use domain::{
    Author, Membership, MyRoom, Permissions, Preview, Room, RoomDetails, RoomId, RoomType, Seq,
    Standing, UserId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuthorItem, Row, item, parsed, time};
use crate::{Error, key};

const ROOM: &str = "room";
const MEMBER: &str = "member";

#[derive(Serialize, Deserialize)]
pub(crate) struct RoomItem {
    pub(crate) room_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) avatar_media_id: Option<String>,
    pub(crate) is_public: bool,
    pub(crate) staff_only: bool,
    pub(crate) member_count: u64,
    pub(crate) seq: u64,
    pub(crate) message_count: u64,
    pub(crate) last_activity_at: i64,
    /// Written by issuing alone, as the last of so many times; 0 where there are fewer.
    #[serde(default, skip_serializing)]
    pub(crate) s15: i64,
    /// Written by issuing alone; 0 where they are those that the room was made with.
    #[serde(default, skip_serializing)]
    pub(crate) members_changed_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preview_seq: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<PreviewItem>,
    pub(crate) created_by: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) version: u64,
    #[serde(default)]
    pub(crate) deleted: bool,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PreviewItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) media_count: u64,
    pub(crate) at: i64,
}

impl From<&Preview> for PreviewItem {
    fn from(preview: &Preview) -> Self {
        Self {
            author: preview.author.as_ref().map(Into::into),
            text: preview.text.clone(),
            media_count: preview.media_count,
            at: preview.at.as_millisecond(),
        }
    }
}

impl From<&Room> for RoomItem {
    fn from(room: &Room) -> Self {
        Self {
            room_type: room.room_type.name().to_owned(),
            name: room.details.name.clone(),
            description: room.details.description.clone(),
            avatar_media_id: room.details.avatar_media_id.map(|id| id.to_string()),
            is_public: room.details.is_public,
            staff_only: room.details.staff_only,
            member_count: room.member_count,
            seq: room.seq.get(),
            message_count: room.message_count,
            last_activity_at: room.last_activity_at.as_millisecond(),
            s15: 0,
            members_changed_at: 0,
            preview_seq: room.preview.as_ref().map(|preview| preview.seq.get()),
            preview: room.preview.as_ref().map(Into::into),
            created_by: room.created_by.to_string(),
            created_at: room.created_at.as_millisecond(),
            updated_at: room.updated_at.as_millisecond(),
            version: room.version,
            deleted: false,
        }
    }
}

impl RoomItem {
    pub(crate) fn room(self, id: RoomId) -> Result<Room, Error> {
        let preview = match (self.preview_seq.and_then(Seq::new), self.preview) {
            (Some(seq), Some(preview)) => Some(Preview {
                seq,
                author: preview.author.map(AuthorItem::author).transpose()?,
                text: preview.text,
                media_count: preview.media_count,
                at: time(ROOM, preview.at)?,
            }),
            _ => None,
        };
        Ok(Room {
            id,
            room_type: RoomType::from_name(&self.room_type)
                .ok_or_else(|| Error::corrupt(ROOM, "an unknown room type"))?,
            details: RoomDetails {
                name: self.name,
                description: self.description,
                avatar_media_id: self.avatar_media_id.map(|id| parsed(ROOM, &id)).transpose()?,
                is_public: self.is_public,
                staff_only: self.staff_only,
            },
            member_count: self.member_count,
            seq: Seq::new(self.seq)
                .ok_or_else(|| Error::corrupt(ROOM, "a head without a number"))?,
            message_count: self.message_count,
            last_activity_at: time(ROOM, self.last_activity_at)?,
            pace_since: time_unless_never(self.s15)?,
            members_changed_at: time_unless_never(self.members_changed_at)?,
            preview,
            created_by: parsed(ROOM, &self.created_by)?,
            created_at: time(ROOM, self.created_at)?,
            updated_at: time(ROOM, self.updated_at)?,
            version: self.version,
        })
    }
}

fn time_unless_never(millis: i64) -> Result<Option<Timestamp>, Error> {
    if millis == 0 { Ok(None) } else { time(ROOM, millis).map(Some) }
}

/// The room in a head row; `None` if it was deleted.
pub(crate) fn room(row: Row) -> Result<Option<Room>, Error> {
    let id = key::room_of(&row).ok_or_else(|| Error::corrupt(ROOM, "a key of another shape"))?;
    let head: RoomItem = item(ROOM, row)?;
    if head.deleted { Ok(None) } else { head.room(id).map(Some) }
}

/// What both rows of a membership hold: the one by room and the one by user are written together.
#[derive(Serialize, Deserialize)]
pub(crate) struct MembershipItem {
    pub(crate) permissions: u16,
    pub(crate) is_owner: bool,
    pub(crate) created_by: String,
    pub(crate) joined_at: i64,
}

impl From<&Membership> for MembershipItem {
    fn from(membership: &Membership) -> Self {
        Self {
            permissions: membership.permissions.bits(),
            is_owner: membership.is_owner,
            created_by: membership.created_by.to_string(),
            joined_at: membership.joined_at.as_millisecond(),
        }
    }
}

impl MembershipItem {
    fn membership(self, room_id: RoomId, user_id: UserId) -> Result<Membership, Error> {
        Ok(Membership {
            room_id,
            user_id,
            permissions: Permissions::from_bits(self.permissions),
            is_owner: self.is_owner,
            created_by: parsed(MEMBER, &self.created_by)?,
            joined_at: time(MEMBER, self.joined_at)?,
        })
    }
}

/// The membership in a row `R#room`, `U#user`.
pub(crate) fn membership(row: Row) -> Result<Membership, Error> {
    let ids = key::room_of(&row).zip(key::member_of(&row));
    let (room, user) = ids.ok_or_else(|| Error::corrupt(MEMBER, "a key of another shape"))?;
    item::<MembershipItem>(MEMBER, row)?.membership(room, user)
}

/// The row `U#user`, `R#room`: the membership again, and what the user keeps about the room.
#[derive(Serialize, Deserialize)]
pub(crate) struct MyRoomItem {
    pub(crate) permissions: u16,
    pub(crate) is_owner: bool,
    pub(crate) created_by: String,
    pub(crate) joined_at: i64,
    #[serde(default)]
    pub(crate) last_read_seq: u64,
    #[serde(default)]
    pub(crate) read_count: u64,
    #[serde(default)]
    pub(crate) muted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at: Option<i64>,
}

impl From<&Standing> for MyRoomItem {
    fn from(Standing { membership, my_room }: &Standing) -> Self {
        let MembershipItem { permissions, is_owner, created_by, joined_at } = membership.into();
        Self {
            permissions,
            is_owner,
            created_by,
            joined_at,
            last_read_seq: my_room.last_read_seq,
            read_count: my_room.read_count,
            muted: my_room.muted,
            last_seen_at: my_room.last_seen_at.map(Timestamp::as_millisecond),
        }
    }
}

/// The standing in a row `U#user`, `R#room`.
pub(crate) fn standing(row: Row) -> Result<Standing, Error> {
    let ids = key::user_of(&row).zip(key::my_room_of(&row));
    let (user, room) = ids.ok_or_else(|| Error::corrupt(MEMBER, "a key of another shape"))?;
    let MyRoomItem {
        permissions,
        is_owner,
        created_by,
        joined_at,
        last_read_seq,
        read_count,
        muted,
        last_seen_at,
    } = item(MEMBER, row)?;
    let membership = MembershipItem { permissions, is_owner, created_by, joined_at };
    let last_seen_at = last_seen_at.map(|at| time(MEMBER, at)).transpose()?;
    Ok(Standing {
        membership: membership.membership(room, user)?,
        my_room: MyRoom { room_id: room, last_read_seq, read_count, muted, last_seen_at },
    })
}

impl From<&Author> for AuthorItem {
    fn from(author: &Author) -> Self {
        Self { id: author.id.to_string(), name: author.name.clone() }
    }
}

impl AuthorItem {
    pub(crate) fn author(self) -> Result<Author, Error> {
        Ok(Author { id: parsed("user", &self.id)?, name: self.name })
    }
}

#[cfg(test)]
mod tests;
