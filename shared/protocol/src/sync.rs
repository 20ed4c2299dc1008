//! Catching up: every change after a cursor, in order, or an explicit reset.

use std::collections::BTreeMap;

use domain::{InvalidId, RoomId};
use serde::{Deserialize, Serialize};

use crate::{EventFrame, Room};

/// `POST /v1/sync`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SyncRequest {
    /// For each room the highest number up to which the client has everything. At most 200.
    #[serde(default)]
    pub rooms: BTreeMap<String, u64>,
    /// `named` asks about these rooms only, so that `added` stays empty.
    #[serde(default)]
    pub scope: SyncScope,
}

/// Which rooms a client asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum SyncScope {
    #[default]
    All,
    Named,
}

/// What happened since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sync {
    /// One answer for each room asked for that the caller is in.
    pub rooms: BTreeMap<String, SyncRoom>,
    /// Rooms that the caller is in and did not name.
    pub added: Vec<Room>,
    /// Rooms that the caller named and is not in.
    pub removed: Vec<String>,
}

/// What happened in one room since the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SyncRoom {
    /// In order, without a gap up to `upto`.
    pub events: Vec<EventFrame>,
    /// The new cursor.
    pub upto: u64,
    /// The newest number of the room: ask again while it is above `upto`.
    pub head: u64,
    /// The cursor is too old: drop what is held of the room, fetch it afresh, go on from `upto`.
    pub reset: bool,
}

impl SyncRequest {
    /// The cursors by room. What cannot be a room's id is told apart: the caller is not in it.
    #[must_use]
    pub fn cursors(&self) -> (BTreeMap<RoomId, u64>, Vec<String>) {
        let mut cursors = BTreeMap::new();
        let mut unknown = Vec::new();
        for (room_id, cursor) in &self.rooms {
            match room_id.parse() {
                Ok(room_id) => _ = cursors.insert(room_id, *cursor),
                Err(InvalidId) => unknown.push(room_id.clone()),
            }
        }
        (cursors, unknown)
    }
}

impl From<domain::Sync> for Sync {
    fn from(sync: domain::Sync) -> Self {
        let rooms = sync.rooms.into_iter().map(|(id, room)| (id.to_string(), room.into()));
        Self {
            rooms: rooms.collect(),
            added: sync.added.into_iter().map(Into::into).collect(),
            removed: sync.removed.into_iter().map(|id| id.to_string()).collect(),
        }
    }
}

impl From<domain::SyncRoom> for SyncRoom {
    fn from(room: domain::SyncRoom) -> Self {
        let domain::SyncRoom { events, upto, head, reset } = room;
        Self { events: events.into_iter().map(Into::into).collect(), upto, head, reset }
    }
}
