//! Catching up: every change after a cursor, in order, or an explicit reset.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{EventFrame, Room};

/// `POST /v1/sync`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct SyncRequest {
    /// For each room the highest number up to which the client has everything. At most 200.
    #[serde(default)]
    pub rooms: BTreeMap<String, u64>,
}

/// What happened since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub struct SyncRoom {
    /// In order, without a gap up to `upto`.
    pub events: Vec<EventFrame>,
    /// The new cursor.
    pub upto: u64,
    /// The newest number of the room: ask again while it is above `upto`.
    pub head: u64,
    /// The cursor is too old: drop what is held of the room, fetch it afresh, go on from `head`.
    pub reset: bool,
}
