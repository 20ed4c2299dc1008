//! Frames of the socket protocol `banter.v1`: JSON text, one object each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ErrorCode, MediaRef, Message, Room, Sync, Time, User};

/// Longest [`ActionFrame::id`], in characters. It comes back beside an answer, which it must not keep
/// out of the frame: what an action did would not be known.
pub const MAX_ACTION_ID_CHARS: usize = 128;

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ActionFrame {
    /// `message.send`.
    pub action: String,
    /// Comes back in the ack or error; of at most [`MAX_ACTION_ID_CHARS`].
    #[serde(default)]
    pub id: Option<String>,
    /// What the action takes.
    #[serde(default)]
    pub data: Value,
}

/// The answer to an action, after its durable write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "ack")]
pub struct Ack<T> {
    /// The action's.
    pub id: Option<String>,
    /// What the action gives.
    pub data: T,
}

/// The refusal of an action; the socket stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "error")]
pub struct ErrorFrame {
    /// The action's, as far as it could be read.
    pub id: Option<String>,
    /// Why.
    pub error: ErrorBody,
}

/// Why an action was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// The same codes as over REST.
    pub code: ErrorCode,
    /// This occurrence, in a sentence.
    pub message: String,
    /// Whether the same action may succeed later.
    pub retryable: bool,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Names this frame in the logs.
    pub request_id: String,
}

/// The last frame before the server closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename = "bye")]
pub struct Bye {
    /// Why: `replaced`, `staff_changed` or `signed_out`.
    pub code: String,
    /// Whether to come back.
    pub reconnect: bool,
    /// When.
    pub retry_after_ms: u64,
}

/// `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HelloData {
    /// Cursors to catch up from.
    #[serde(default)]
    pub rooms: Option<BTreeMap<String, u64>>,
}

/// The ack of `hello`: only now is a connection good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HelloAck {
    /// This connection.
    pub connection_id: String,
    /// Who is connected.
    pub user: User,
    /// Send `ping` this often.
    pub ping_interval_ms: u64,
    /// The connection ends by then: open the next one before.
    pub expires_at: Time,
    /// If cursors were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Sync>,
}

/// The ack of `ping`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeadsAck {
    /// The newest number of each room that moved lately.
    pub heads: BTreeMap<String, u64>,
}

/// `room.leave`, and its ack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoomRef {
    /// Which.
    pub room_id: String,
}

/// `room.join`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JoinData {
    /// Which.
    pub room_id: String,
    /// How many of the newest messages to send along, at most 200; 50 if absent.
    #[serde(default)]
    pub last: Option<u32>,
}

/// The ack of `room.join`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct JoinAck {
    pub room: Room,
    pub messages: Vec<Message>,
}

/// `room.read`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct ReadData {
    pub room_id: String,
    pub seq: u64,
}

/// `message.send`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct SendData {
    pub room_id: String,
    pub client_id: String,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub media: Vec<MediaRef>,
    #[serde(default)]
    pub reply_to_seq: Option<u64>,
    #[serde(default)]
    pub first_attempt: bool,
}

/// The ack of `message.send`, `message.edit` and `message.delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SendAck {
    /// The message as stored.
    pub message: Message,
    /// Whether it was so already.
    pub duplicate: bool,
}

/// `message.edit`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct EditData {
    pub room_id: String,
    pub seq: u64,
    pub text: String,
}

/// `message.delete`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct MessageRef {
    pub room_id: String,
    pub seq: u64,
}
