//! Rows of messages.

use domain::{ClientId, Message, MessageKind, MessageText, Seq, SystemCode, SystemNotice};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::log::{LAPSED, LogRow, VOID};
use super::media::MessageMediaItem;
use super::reaction::CountItem;
use super::{AuthorItem, Row, item, parsed, time};
use crate::{Error, key};

/// The kind of a message that a person wrote and nobody deleted.
pub(crate) const REGULAR: &str = "regular";

const MESSAGE: &str = "message";

#[derive(Serialize, Deserialize)]
struct MessageItem {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    media: Vec<MessageMediaItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    system: Option<SystemItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default)]
    ordinal: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<CountItem>,
    #[serde(default, skip_serializing_if = "is_zero")]
    reaction_seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to_seq: Option<u64>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<i64>,
    #[serde(default)]
    version: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize, Deserialize)]
struct SystemItem {
    code: String,
    actor: AuthorItem,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<AuthorItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// The row of a message.
pub(crate) fn message_row(message: &Message) -> Result<Row, Error> {
    let (kind, author, text, system) = match &message.kind {
        MessageKind::Regular { author, text, .. } => {
            let text = text.as_ref().map(|text| text.as_str().to_owned());
            (REGULAR, Some(author), text, None)
        }
        MessageKind::Deleted { author } => ("deleted", Some(author), None, None),
        MessageKind::System(notice) => ("system", None, None, Some(notice)),
    };
    let item = MessageItem {
        kind: kind.to_owned(),
        author: author.map(Into::into),
        text,
        media: message.media().iter().map(Into::into).collect(),
        system: system.map(|notice| SystemItem {
            code: notice.code.name().to_owned(),
            actor: (&notice.actor).into(),
            user: notice.user.as_ref().map(Into::into),
            name: notice.name.clone(),
        }),
        client_id: message.client_id.as_ref().map(ToString::to_string),
        ordinal: message.ordinal,
        reactions: message.reactions.iter().map(Into::into).collect(),
        reaction_seq: message.reaction_seq,
        reply_to_seq: message.reply_to_seq.map(Seq::get),
        created_at: message.created_at.as_millisecond(),
        edited_at: message.edited_at.map(Timestamp::as_millisecond),
        version: message.version,
    };
    super::row(key::message(message.room_id, message.seq), MESSAGE, &item)
}

/// What turns the row of a message into the row of its next version.
pub(crate) struct NextVersion {
    pub(crate) set: Row,
    pub(crate) remove: Vec<&'static str>,
}

/// Attributes that a version may have and the next one not.
const MAY_GO: [&str; 4] = ["text", "media", "edited_at", "reply_to_seq"];

/// What an edit or a deletion changes. Reactions are none of it, but a tombstone has none.
pub(crate) fn next_version(message: &Message) -> Result<NextVersion, Error> {
    let mut set = message_row(message)?;
    for name in [key::PK, key::SK, REACTIONS, REACTION_SEQ] {
        set.remove(name);
    }
    let mut remove: Vec<_> = MAY_GO.into_iter().filter(|name| !set.contains_key(*name)).collect();
    if matches!(message.kind, MessageKind::Deleted { .. }) {
        remove.push(REACTIONS);
    }
    Ok(NextVersion { set, remove })
}

const REACTIONS: &str = "reactions";
const REACTION_SEQ: &str = "reaction_seq";

/// The message or void in a row `R#room`, `M#seq`.
pub(crate) fn message(row: Row) -> Result<LogRow, Error> {
    let ids = key::room_of(&row).zip(key::seq_of(&row));
    let (room_id, seq) = ids.ok_or_else(|| Error::corrupt(MESSAGE, "a key of another shape"))?;
    let MessageItem {
        kind,
        author,
        text,
        media,
        system,
        client_id,
        ordinal,
        reactions,
        reaction_seq,
        reply_to_seq,
        created_at,
        edited_at,
        version,
    } = item(MESSAGE, row)?;
    let created_at = time(MESSAGE, created_at)?;
    let author = author.map(AuthorItem::author).transpose()?;
    let kind = match (kind.as_str(), author, text, system) {
        (VOID, ..) => return Ok(LogRow::Void { seq, at: created_at, lapsed: false }),
        (LAPSED, ..) => return Ok(LogRow::Void { seq, at: created_at, lapsed: true }),
        (REGULAR, Some(author), text, _) => {
            let text = text.as_deref().map(MessageText::parse).transpose();
            let text = text.map_err(|error| Error::corrupt(MESSAGE, error))?;
            let media: Result<_, _> = media.into_iter().map(MessageMediaItem::media).collect();
            MessageKind::Regular { author, text, media: media? }
        }
        ("deleted", Some(author), ..) => MessageKind::Deleted { author },
        ("system", _, _, Some(notice)) => MessageKind::System(SystemNotice {
            code: SystemCode::from_name(&notice.code)
                .ok_or_else(|| Error::corrupt(MESSAGE, "an unknown system code"))?,
            actor: notice.actor.author()?,
            user: notice.user.map(AuthorItem::author).transpose()?,
            name: notice.name,
        }),
        _ => return Err(Error::corrupt(MESSAGE, "an unknown kind")),
    };
    Ok(LogRow::Message(Message {
        room_id,
        seq,
        client_id: client_id.map(|id| parsed::<ClientId>(MESSAGE, &id)).transpose()?,
        ordinal,
        kind,
        reactions: reactions.into_iter().map(Into::into).collect(),
        reaction_seq,
        reply_to_seq: reply_to_seq.and_then(Seq::new),
        created_at,
        edited_at: edited_at.map(|at| time(MESSAGE, at)).transpose()?,
        version,
    }))
}
