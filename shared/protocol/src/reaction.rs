//! Reactions to messages.

use serde::{Deserialize, Serialize};

use crate::{EventFrame, MessageAuthor, Time};

/// A reaction as a message shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionCount {
    /// An emoji, a word: what the deployment allows.
    pub reaction: String,
    /// How many users reacted so.
    pub count: u64,
    /// Whether the caller did. `false` in events that a whole room gets.
    pub mine: bool,
}

/// `POST /v1/rooms/{room_id}/messages/{seq}/reactions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AddReaction {
    /// What to react with.
    pub reaction: String,
}

/// One user's reaction to one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The room.
    pub room_id: String,
    /// The message.
    pub message_seq: u64,
    /// Who, by the name they had then.
    pub user: MessageAuthor,
    /// What.
    pub reaction: String,
    /// When.
    pub created_at: Time,
}

/// The `data` of `reaction.added` and `reaction.removed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionChange {
    /// The message.
    pub message_seq: u64,
    /// What.
    pub reaction: String,
    /// Whose.
    pub user_id: String,
    /// How many users have reacted so with this change made.
    pub count: u64,
}

/// `reaction.add` and `reaction.remove`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct ReactionData {
    pub room_id: String,
    pub seq: u64,
    pub reaction: String,
}

/// The ack of `reaction.add` and `reaction.remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionAck {
    /// What the others are told, in order; empty if it was so already.
    pub events: Vec<EventFrame>,
}
