//! Messages.

use serde::{Deserialize, Serialize};

use crate::{MediaRef, MessageMedia, ReactionCount, Time};

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Message {
    /// The room.
    pub room_id: String,
    /// With the room it names the message.
    pub seq: u64,
    /// The sender's own name for it.
    pub client_id: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// Who wrote it; `null` for a system message.
    pub user: Option<MessageAuthor>,
    /// `null` in a system message, in a tombstone, and where media say it all.
    pub text: Option<String>,
    /// Pictures, video, audio, files, in the order of their `sequence`.
    pub media: Vec<MessageMedia>,
    /// Reactions with their counts, in the order of their first use.
    pub reactions: Vec<ReactionCount>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_seq: Option<u64>,
    /// Only in a system message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemNotice>,
    /// When it was numbered.
    pub created_at: Time,
    /// When its text last changed.
    pub edited_at: Option<Time>,
    /// Counts its changes, from 1.
    pub version: u64,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum MessageType {
    Regular,
    System,
    Deleted,
}

/// Who wrote a message, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct MessageAuthor {
    pub id: String,
    pub name: String,
}

/// What happened to the room: clients put it into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SystemNotice {
    /// `room_created`, `member_added`, `member_joined`, `member_left`, `member_removed`, `room_updated`.
    pub code: String,
    /// Who, to whom, and the room's name where it is about that.
    pub params: SystemParams,
}

/// The parts of the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct SystemParams {
    pub actor: MessageAuthor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<MessageAuthor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl From<domain::Author> for MessageAuthor {
    fn from(author: domain::Author) -> Self {
        Self { id: author.id.to_string(), name: author.name }
    }
}

impl From<domain::SystemNotice> for SystemNotice {
    fn from(notice: domain::SystemNotice) -> Self {
        Self {
            code: notice.code.name().to_owned(),
            params: SystemParams {
                actor: notice.actor.into(),
                user: notice.user.map(Into::into),
                name: notice.name,
            },
        }
    }
}

impl From<domain::Message> for Message {
    fn from(message: domain::Message) -> Self {
        let media = media(message.media());
        let (message_type, user, text, system) = match message.kind {
            domain::MessageKind::Regular { author, text, .. } => {
                let text = text.map(|text| text.as_str().to_owned());
                (MessageType::Regular, Some(author.into()), text, None)
            }
            domain::MessageKind::System(notice) => {
                (MessageType::System, None, None, Some(notice.into()))
            }
            domain::MessageKind::Deleted { author } => {
                (MessageType::Deleted, Some(author.into()), None, None)
            }
        };
        Self {
            room_id: message.room_id.to_string(),
            seq: message.seq.get(),
            client_id: message.client_id.map(|id| id.to_string()),
            message_type,
            user,
            text,
            media,
            reactions: message.reactions.into_iter().map(Into::into).collect(),
            reply_to_seq: message.reply_to_seq.map(domain::Seq::get),
            system,
            created_at: message.created_at.into(),
            edited_at: message.edited_at.map(Time),
            version: message.version,
        }
    }
}

fn media(media: &[domain::MessageMedia]) -> Vec<MessageMedia> {
    let places = media.iter().zip(0..);
    let shown = places.map(|(media, sequence)| MessageMedia {
        media_id: media.media_id.to_string(),
        sequence,
        content_type: media.content_type.clone(),
        size_bytes: media.size_bytes,
        filename: media.filename.clone(),
        width: media.size.map(|size| size.width),
        height: media.size.map(|size| size.height),
    });
    shown.collect()
}

/// The newest message of a room, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Preview {
    /// Its number.
    pub seq: u64,
    /// `regular`, or `deleted`.
    #[serde(rename = "type")]
    pub message_type: MessageType,
    /// Who wrote it.
    pub user: Option<MessageAuthor>,
    /// How it begins, at most 140 characters; `null` if it was deleted, or is media alone.
    pub text: Option<String>,
    /// How many media it shows.
    #[serde(default)]
    pub media_count: u64,
    /// When.
    pub created_at: Time,
}

impl From<domain::Preview> for Preview {
    fn from(preview: domain::Preview) -> Self {
        let is_deleted = preview.text.is_none() && preview.media_count == 0;
        let message_type = if is_deleted { MessageType::Deleted } else { MessageType::Regular };
        Self {
            seq: preview.seq.get(),
            message_type,
            user: preview.author.map(Into::into),
            text: preview.text,
            media_count: preview.media_count,
            created_at: preview.at.into(),
        }
    }
}

/// `POST /v1/rooms/{room_id}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct SendMessage {
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

/// The message as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SentMessage {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// Whether it was there already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// `PATCH /v1/rooms/{room_id}/messages/{seq}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EditMessage {
    /// The new text.
    pub text: String,
}

/// A page of history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MessagePage {
    /// The messages.
    pub data: Vec<Message>,
    /// Nothing is before them.
    pub found_oldest: bool,
    /// Nothing is after them.
    pub found_newest: bool,
    /// With a filter: how far was searched. Go on from there while nothing says that there is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searched_to_seq: Option<u64>,
}
