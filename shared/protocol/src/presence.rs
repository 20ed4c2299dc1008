//! What is told while it lasts and kept nowhere: who writes, who is there.

use serde::{Deserialize, Serialize};

use crate::Time;

/// The `data` of `typing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Typing {
    /// Who.
    pub user_id: String,
    /// By what name.
    pub name: String,
    /// Forget it after this long, or when a message of theirs comes.
    pub expires_in_ms: u64,
}

/// The `data` of `member.entered` and `member.exited`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Notice {
    /// Who.
    pub user_id: String,
    /// By what name.
    pub name: String,
}

/// Whether a user is connected; also the `data` of `presence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Presence {
    /// Who.
    pub user_id: String,
    /// Whether they have an open connection.
    pub online: bool,
    /// Only in an event that says that somebody went: when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Time>,
}

/// `GET /v1/rooms/{room_id}/presence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PresenceList {
    /// Every member, by user id.
    pub data: Vec<Presence>,
}
