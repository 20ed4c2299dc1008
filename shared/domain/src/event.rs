//! What is told to clients when something happened.

use jiff::Timestamp;

use crate::{Author, Member, Message, ReactionChange, Room, RoomId, Seq, Standing};

/// Something that happened in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where.
    pub room_id: RoomId,
    /// Its number, if it is part of the room's log.
    pub seq: Option<Seq>,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Option<Author>,
    /// What.
    pub data: EventData,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventData {
    /// A message was numbered.
    MessageCreated(Message),
    /// A message has another text.
    MessageUpdated(Message),
    /// A message became a tombstone.
    MessageDeleted(Message),
    /// The room was made.
    RoomCreated(Room),
    /// The room's details changed.
    RoomUpdated(Room),
    /// The room is gone.
    RoomDeleted,
    /// Somebody was let in or joined.
    MemberJoined(Member),
    /// Somebody's standing changed.
    MemberUpdated(Member),
    /// Somebody left or was removed.
    MemberLeft(Member),
    /// Somebody reacted to a message.
    ReactionAdded(ReactionChange),
    /// Somebody took a reaction back.
    ReactionRemoved(ReactionChange),
    /// To the others: a member writes.
    Typing(Author),
    /// To the others: a member opened the room.
    MemberEntered(Author),
    /// To the others: somebody left the room by its socket action.
    MemberExited(Author),
    /// The number will never be a message or an event.
    Void,
    /// To one user: a room came into their list.
    RoomAdded {
        /// The room.
        room: Room,
        /// Their place there.
        standing: Standing,
    },
    /// To one user: a room left their list.
    RoomRemoved,
    /// To one user: they read a room on another device.
    RoomRead {
        /// How far.
        last_read_seq: u64,
        /// What is left.
        unread_count: u64,
    },
}

impl EventData {
    /// The name that clients see and that is stored.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MessageCreated(_) => "message.created",
            Self::MessageUpdated(_) => "message.updated",
            Self::MessageDeleted(_) => "message.deleted",
            Self::RoomCreated(_) => "room.created",
            Self::RoomUpdated(_) => "room.updated",
            Self::RoomDeleted => "room.deleted",
            Self::MemberJoined(_) => "member.joined",
            Self::MemberUpdated(_) => "member.updated",
            Self::MemberLeft(_) => "member.left",
            Self::ReactionAdded(_) => "reaction.added",
            Self::ReactionRemoved(_) => "reaction.removed",
            Self::Typing(_) => "typing",
            Self::MemberEntered(_) => "member.entered",
            Self::MemberExited(_) => "member.exited",
            Self::Void => "void",
            Self::RoomAdded { .. } => "room.added",
            Self::RoomRemoved => "room.removed",
            Self::RoomRead { .. } => "room.read",
        }
    }
}
