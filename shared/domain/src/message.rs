//! Messages: what one may hold, and how it changes.

use jiff::Timestamp;

use crate::authorize::staff_may;
use crate::{
    Action, Actor, ClientId, MediaId, Membership, MessageMedia, Permission, ReactionCount, Refusal,
    Room, RoomId, Seq, UserId,
};

/// Longest text, in characters.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Most media in one message.
pub const MAX_MEDIA: usize = 10;

/// Characters of a text that a room list shows.
const PREVIEW_CHARS: usize = 140;

/// Who wrote it, by the name they had then: a page of history costs no look-up of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Who.
    pub id: UserId,
    /// Their name when they did it.
    pub name: String,
}

/// A message's text: 1 to 4,000 characters, not all white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// # Errors
    /// [`Refusal::MessageTooLarge`] past the limit, [`Refusal::Invalid`] for an empty one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            let reason = "must not be empty".to_owned();
            return Err(Refusal::Invalid { pointer: "/text", reason });
        }
        if text.chars().count() > MAX_TEXT_CHARS {
            return Err(Refusal::MessageTooLarge);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody wants to say and show: a text, or media, or both.
///
/// # Errors
/// [`Refusal::Invalid`] for neither, for too many media, or for the same twice;
/// [`Refusal::MediaNotFound`] for what cannot be media; what [`MessageText::parse`] refuses.
pub fn parse_content(
    text: Option<&str>,
    media: &[String],
) -> Result<(Option<MessageText>, Vec<MediaId>), Refusal> {
    let invalid = |reason: String| Err(Refusal::Invalid { pointer: "/media", reason });
    if media.len() > MAX_MEDIA {
        return invalid(format!("must name at most {MAX_MEDIA}"));
    }
    let mut ids = Vec::with_capacity(media.len());
    for id in media {
        let id = id.parse().map_err(|_| Refusal::MediaNotFound)?;
        if ids.contains(&id) {
            return invalid("must name each once".to_owned());
        }
        ids.push(id);
    }
    let text = match text {
        None | Some("") if !ids.is_empty() => None,
        text => Some(MessageText::parse(text.unwrap_or_default())?),
    };
    Ok((text, ids))
}

/// A message that passed the rules and has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it goes.
    pub room_id: RoomId,
    /// Who sends it.
    pub author: Author,
    /// The sender's name for this send.
    pub client_id: ClientId,
    /// What it says.
    pub text: Option<MessageText>,
    /// What it shows, in this order. With neither it would be no message.
    pub media: Vec<MediaId>,
    /// The message it answers.
    pub reply_to_seq: Option<Seq>,
}

/// A message in a room's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The room.
    pub room_id: RoomId,
    /// Its number there.
    pub seq: Seq,
    /// The sender's name for it; none for system messages.
    pub client_id: Option<ClientId>,
    /// How many counted messages there were when it was numbered: reading it sets `read_count`.
    pub ordinal: u64,
    /// What it is.
    pub kind: MessageKind,
    /// What people reacted with, in the order of first use.
    pub reactions: Vec<ReactionCount>,
    /// The number of the last change of its reactions; 0 before the first.
    pub reaction_seq: u64,
    /// The message it answers.
    pub reply_to_seq: Option<Seq>,
    /// When it was numbered.
    pub created_at: Timestamp,
    /// When its text last changed.
    pub edited_at: Option<Timestamp>,
    /// Counts its changes, from 1.
    pub version: u64,
}

/// The three things that a message can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageKind {
    /// Somebody wrote it.
    Regular {
        /// Who.
        author: Author,
        /// What they say.
        text: Option<MessageText>,
        /// What they show, in this order. There is a text, or media, or both.
        media: Vec<MessageMedia>,
    },
    /// Something happened to the room.
    System(SystemNotice),
    /// Somebody's message was deleted; this remains.
    Deleted {
        /// Who had written it.
        author: Author,
    },
}

impl Message {
    /// Who wrote it; nobody wrote a system message.
    #[must_use]
    pub const fn author(&self) -> Option<&Author> {
        match &self.kind {
            MessageKind::Regular { author, .. } | MessageKind::Deleted { author } => Some(author),
            MessageKind::System(_) => None,
        }
    }

    /// What remains of it once it is deleted, by `author`'s name.
    #[must_use]
    pub fn tombstone(&self, author: Author) -> Self {
        Self {
            kind: MessageKind::Deleted { author },
            reactions: Vec::new(),
            reply_to_seq: None,
            edited_at: None,
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// What it shows.
    #[must_use]
    pub fn media(&self) -> &[MessageMedia] {
        match &self.kind {
            MessageKind::Regular { media, .. } => media,
            MessageKind::System(_) | MessageKind::Deleted { .. } => &[],
        }
    }

    /// The short form for the room's head.
    #[must_use]
    pub fn preview(&self) -> Preview {
        let (text, media_count) = match &self.kind {
            MessageKind::Regular { text, media, .. } => {
                let cut = |text: &MessageText| text.as_str().chars().take(PREVIEW_CHARS).collect();
                (text.as_ref().map(cut), media.len() as u64)
            }
            MessageKind::System(_) | MessageKind::Deleted { .. } => (None, 0),
        };
        let author = self.author().cloned();
        Preview { seq: self.seq, author, text, media_count, at: self.created_at }
    }
}

/// The newest message of a room, as a room list shows it. Neither text nor media: it was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its number.
    pub seq: Seq,
    /// Who wrote it.
    pub author: Option<Author>,
    /// How it begins, at most 140 characters.
    pub text: Option<String>,
    /// How many media it shows.
    pub media_count: u64,
    /// When.
    pub at: Timestamp,
}

/// What happened to a room, told as a message. Clients put it into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemNotice {
    /// What.
    pub code: SystemCode,
    /// Who did it.
    pub actor: Author,
    /// To whom, if to somebody else.
    pub user: Option<Author>,
    /// The room's name, where it is about that.
    pub name: Option<String>,
}

/// The kinds of system message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum SystemCode {
    RoomCreated,
    MemberAdded,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    RoomUpdated,
}

impl SystemCode {
    const ALL: [Self; 6] = [
        Self::RoomCreated,
        Self::MemberAdded,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::MemberRemoved,
        Self::RoomUpdated,
    ];

    /// The name that clients see and that is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RoomCreated => "room_created",
            Self::MemberAdded => "member_added",
            Self::MemberJoined => "member_joined",
            Self::MemberLeft => "member_left",
            Self::MemberRemoved => "member_removed",
            Self::RoomUpdated => "room_updated",
        }
    }

    /// The code of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// `message` with another text.
///
/// # Errors
/// [`Refusal::Forbidden`] without the permission, [`Refusal::MessageNotFound`] for a message that is
/// deleted or was written by nobody.
pub fn edit_message(
    actor: &Actor,
    membership: &Membership,
    message: &Message,
    text: MessageText,
    now: Timestamp,
) -> Result<Message, Refusal> {
    let MessageKind::Regular { author, media, .. } = &message.kind else {
        return Err(Refusal::MessageNotFound);
    };
    let needed = if author.id == actor.user_id {
        Permission::CanEditOwnMessages
    } else {
        Permission::CanEditMessages
    };
    if !membership.permissions.contains(needed) {
        return Err(Refusal::Forbidden);
    }
    Ok(Message {
        kind: MessageKind::Regular {
            author: author.clone(),
            text: Some(text),
            media: media.clone(),
        },
        edited_at: Some(now),
        version: message.version + 1,
        ..message.clone()
    })
}

/// What remains of `message`; `None` if it is deleted already.
///
/// # Errors
/// [`Refusal::Forbidden`] without the permission, [`Refusal::MessageNotFound`] for a system message.
pub fn delete_message(
    actor: Actor,
    room: &Room,
    membership: Option<&Membership>,
    message: &Message,
) -> Result<Option<Message>, Refusal> {
    let author = message.author().ok_or(Refusal::MessageNotFound)?;
    let needed = if author.id == actor.user_id {
        Permission::CanDeleteOwnMessages
    } else {
        Permission::CanDeleteMessages
    };
    let is_granted = membership.is_some_and(|member| member.permissions.contains(needed));
    if !is_granted && !staff_may(actor, room, Action::DeleteMessage) {
        return Err(Refusal::Forbidden);
    }
    Ok(match &message.kind {
        MessageKind::Deleted { .. } => None,
        MessageKind::Regular { .. } | MessageKind::System(_) => {
            Some(message.tombstone(author.clone()))
        }
    })
}

#[cfg(test)]
mod tests;
