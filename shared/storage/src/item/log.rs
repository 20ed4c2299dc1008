//! What a room's log is made of, as a reader finds it.

use domain::{Author, EventData, Message, RoomId, Seq, Slot, Used};
use jiff::Timestamp;
use serde::Serialize;

use super::Row;
use crate::{Error, key};

/// The attribute that says what a row is.
pub(crate) const KIND: &str = "kind";

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
