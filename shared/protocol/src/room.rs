//! Rooms.

use domain::{MediaId, Refusal, RoomChange};
use serde::{Deserialize, Serialize};

use crate::{NewMember, PermissionFlags, Preview, Time, present};

/// What kind of room it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum RoomType {
    PrivateMessages,
    Group,
    Channel,
}

impl From<RoomType> for domain::RoomType {
    fn from(room_type: RoomType) -> Self {
        match room_type {
            RoomType::PrivateMessages => Self::PrivateMessages,
            RoomType::Group => Self::Group,
            RoomType::Channel => Self::Channel,
        }
    }
}

impl From<domain::RoomType> for RoomType {
    fn from(room_type: domain::RoomType) -> Self {
        match room_type {
            domain::RoomType::PrivateMessages => Self::PrivateMessages,
            domain::RoomType::Group => Self::Group,
            domain::RoomType::Channel => Self::Channel,
        }
    }
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct Room {
    pub id: String,
    #[serde(rename = "type")]
    pub room_type: RoomType,
    pub name: Option<String>,
    pub description: Option<String>,
    pub avatar_media_id: Option<String>,
    pub is_public: bool,
    pub staff_only: bool,
    pub member_count: u64,
    /// The newest number of the room's log.
    pub seq: u64,
    pub message_count: u64,
    pub last_message: Option<Preview>,
    pub last_activity_at: Time,
    pub created_by: String,
    pub created_at: Time,
    pub updated_at: Time,
    pub version: u64,
    /// The caller's own standing; `null` for one who is no member, and in events to a whole room.
    pub my: Option<My>,
}

/// One's own standing in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct My {
    pub permissions: PermissionFlags,
    pub is_owner: bool,
    pub muted: bool,
    pub last_read_seq: u64,
    pub last_seen_at: Option<Time>,
    pub unread_count: u64,
}

impl From<domain::Room> for Room {
    fn from(room: domain::Room) -> Self {
        Self {
            id: room.id.to_string(),
            room_type: room.room_type.into(),
            name: room.details.name,
            description: room.details.description,
            avatar_media_id: room.details.avatar_media_id.map(|id| id.to_string()),
            is_public: room.details.is_public,
            staff_only: room.details.staff_only,
            member_count: room.member_count,
            seq: room.seq.get(),
            message_count: room.message_count,
            last_message: room.preview.map(Into::into),
            last_activity_at: room.last_activity_at.into(),
            created_by: room.created_by.to_string(),
            created_at: room.created_at.into(),
            updated_at: room.updated_at.into(),
            version: room.version,
            my: None,
        }
    }
}

impl Room {
    /// The room as somebody with this place in it sees it.
    #[must_use]
    pub fn seen_by(room: domain::Room, standing: Option<domain::Standing>) -> Self {
        let my = standing.map(|domain::Standing { membership, my_room }| My {
            permissions: membership.permissions.into(),
            is_owner: membership.is_owner,
            muted: my_room.muted,
            last_read_seq: my_room.last_read_seq,
            last_seen_at: my_room.last_seen_at.map(Time),
            unread_count: my_room.unread_count(&room),
        });
        Self { my, ..Self::from(room) }
    }
}

impl From<domain::RoomView> for Room {
    fn from(domain::RoomView { room, standing }: domain::RoomView) -> Self {
        Self::seen_by(room, standing)
    }
}

/// `POST /v1/rooms`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct CreateRoom {
    #[serde(rename = "type")]
    pub room_type: RoomType,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub avatar_media_id: Option<String>,
    #[serde(default)]
    pub is_public: bool,
    #[serde(default)]
    pub staff_only: bool,
    #[serde(default)]
    pub members: Vec<NewMember>,
}

/// `PATCH /v1/rooms/{room_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct UpdateRoom {
    #[serde(deserialize_with = "present")]
    pub name: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub description: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pub avatar_media_id: Option<Option<String>>,
    pub is_public: Option<bool>,
    pub staff_only: Option<bool>,
}

/// `POST /v1/rooms/{room_id}/read`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReadRoom {
    /// Everything up to here has been read.
    pub seq: u64,
}

/// How far one has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReadMark {
    /// The room.
    pub room_id: String,
    /// Never moves back.
    pub last_read_seq: u64,
    /// What is left.
    pub unread_count: u64,
}

impl CreateRoom {
    /// The details asked for.
    ///
    /// # Errors
    /// [`Refusal::MediaNotFound`] for an avatar that cannot be a media id.
    pub fn details(&self) -> Result<RoomChange, Refusal> {
        Ok(RoomChange {
            name: Some(self.name.clone()),
            description: Some(self.description.clone()),
            avatar_media_id: Some(self.avatar_media_id.as_deref().map(media_id).transpose()?),
            is_public: Some(self.is_public),
            staff_only: Some(self.staff_only),
        })
    }
}

impl UpdateRoom {
    /// The change asked for.
    ///
    /// # Errors
    /// [`Refusal::MediaNotFound`] for an avatar that cannot be a media id.
    pub fn change(self) -> Result<RoomChange, Refusal> {
        let avatar_media_id = match self.avatar_media_id {
            Some(Some(id)) => Some(Some(media_id(&id)?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(RoomChange {
            name: self.name,
            description: self.description,
            avatar_media_id,
            is_public: self.is_public,
            staff_only: self.staff_only,
        })
    }
}

fn media_id(text: &str) -> Result<MediaId, Refusal> {
    text.parse().map_err(|_| Refusal::MediaNotFound)
}
