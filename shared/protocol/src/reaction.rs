//! Reactions to messages.

use serde::{Deserialize, Serialize};

use crate::{EventFrame, MessageAuthor, Time};

/// A reaction as a message shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AddReaction {
    /// What to react with.
    pub reaction: String,
}

/// One user's reaction to one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct ReactionData {
    pub room_id: String,
    pub seq: u64,
    pub reaction: String,
}

/// The ack of `reaction.add` and `reaction.remove`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReactionAck {
    /// What the others are told, in order; empty if it was so already.
    pub events: Vec<EventFrame>,
}

impl From<domain::ReactionCount> for ReactionCount {
    fn from(domain::ReactionCount { reaction, count, mine }: domain::ReactionCount) -> Self {
        Self { reaction: reaction.as_str().to_owned(), count, mine }
    }
}

impl From<domain::ReactionChange> for ReactionChange {
    fn from(change: domain::ReactionChange) -> Self {
        Self {
            message_seq: change.message_seq.get(),
            reaction: change.reaction.as_str().to_owned(),
            user_id: change.user_id.to_string(),
            count: change.count,
        }
    }
}

impl Reaction {
    /// A reaction of `author` to the message `message_seq`.
    #[must_use]
    pub fn of(
        room_id: domain::RoomId,
        message_seq: domain::Seq,
        author: domain::Author,
        own: &domain::OwnReaction,
    ) -> Self {
        Self {
            room_id: room_id.to_string(),
            message_seq: message_seq.get(),
            user: author.into(),
            reaction: own.reaction.as_str().to_owned(),
            created_at: own.at.into(),
        }
    }
}
