//! What one user sees: a room with their place in it, and what happened since they last looked.

use std::collections::BTreeMap;

use crate::{Action, Actor, Event, Room, RoomId, Standing, authorize};

/// A room as one user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomView {
    /// The room.
    pub room: Room,
    /// The user's place in it; none if they are no member.
    pub standing: Option<Standing>,
}

impl RoomView {
    /// The room as `actor`, whose place in it this is, may see it: without what its newest message
    /// says, unless they may read it.
    #[must_use]
    pub fn seen_by(actor: Actor, room: Room, standing: Option<Standing>) -> Self {
        let membership = standing.as_ref().map(|one| &one.membership);
        let may_read = authorize(actor, &room, membership, Action::ReadRoom).is_ok();
        let preview = room.preview.clone().filter(|_| may_read);
        Self { room: Room { preview, ..room }, standing }
    }
}

/// What happened since.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sync {
    /// One answer for each room asked for that the user is in.
    pub rooms: BTreeMap<RoomId, SyncRoom>,
    /// Rooms that the user is in and did not name.
    pub added: Vec<RoomView>,
    /// Rooms that the user named and is not in.
    pub removed: Vec<RoomId>,
}

/// What happened in one room since the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRoom {
    /// In order, without a gap from the cursor up to `upto`.
    pub events: Vec<Event>,
    /// The new cursor.
    pub upto: u64,
    /// The newest number.
    pub head: u64,
    /// The cursor is too old: fetch the room afresh, then go on from `upto`.
    pub reset: bool,
}
