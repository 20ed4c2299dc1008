//! Reactions: what one may react with, and how a message's counts change.

use std::str::FromStr;

use jiff::Timestamp;

use crate::emoji::emoji;
use crate::{Message, MessageKind, Refusal, Seq, UserId, clean_line};

/// Longest reaction, where a deployment allows any.
pub const MAX_REACTION_CHARS: usize = 255;
/// Most reactions of one user to one message.
pub const MAX_OWN_REACTIONS: usize = 10;
/// Most kinds of reaction to one message: every page of history carries them.
pub const MAX_REACTION_KINDS: usize = 50;

const LIKE: &str = "like";
const DISLIKE: &str = "dislike";

/// What somebody reacted with. An emoji is fully qualified, so that it has one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reaction(String);

impl Reaction {
    /// The reaction that `text` names, whether or not it is allowed now: what was stored under
    /// another setting can still be found and removed.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(emoji(text).unwrap_or_else(|| text.trim().to_owned()))
    }

    /// As it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a deployment lets people react with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ReactionSet {
    /// Any one emoji.
    #[default]
    Emoji,
    /// `like` or `dislike`, not both.
    LikeDislike,
    /// One of these.
    Listed(Vec<Reaction>),
    /// 1 to 255 characters in one line.
    Any,
}

/// A setting that names no set of reactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reactions are `emoji`, `like_dislike`, `any`, or `list:` and what is allowed, by commas")]
pub struct InvalidReactionSet;

impl FromStr for ReactionSet {
    type Err = InvalidReactionSet;

    fn from_str(setting: &str) -> Result<Self, InvalidReactionSet> {
        match setting {
            "emoji" => Ok(Self::Emoji),
            "like_dislike" => Ok(Self::LikeDislike),
            "any" => Ok(Self::Any),
            _ => {
                let list = setting.strip_prefix("list:").ok_or(InvalidReactionSet)?;
                let listed = list.split(',').map(|one| line(&Reaction::named(one)));
                let listed: Option<Vec<_>> = listed.collect();
                listed.map(Self::Listed).ok_or(InvalidReactionSet)
            }
        }
    }
}

fn line(reaction: &Reaction) -> Option<Reaction> {
    clean_line(reaction.as_str(), MAX_REACTION_CHARS, "/reaction").ok().map(Reaction)
}

impl ReactionSet {
    /// `text` as a reaction of this set.
    ///
    /// # Errors
    /// [`Refusal::ReactionNotAllowed`].
    pub fn allow(&self, text: &str) -> Result<Reaction, Refusal> {
        let reaction = Reaction::named(text);
        let (allowed, reason) = match self {
            Self::Emoji => (emoji(text).is_some(), "React with one emoji"),
            Self::LikeDislike => {
                ([LIKE, DISLIKE].contains(&reaction.as_str()), "React with \"like\" or \"dislike\"")
            }
            Self::Listed(listed) => (listed.contains(&reaction), "This reaction is not offered"),
            Self::Any => (line(&reaction).is_some(), "React with 1 to 255 characters in one line"),
        };
        if allowed { Ok(reaction) } else { Err(Refusal::ReactionNotAllowed(reason)) }
    }

    /// The reaction that cannot stand beside `reaction`.
    fn opposite(&self, reaction: &Reaction) -> Option<Reaction> {
        match (self, reaction.as_str()) {
            (Self::LikeDislike, LIKE) => Some(Reaction(DISLIKE.to_owned())),
            (Self::LikeDislike, DISLIKE) => Some(Reaction(LIKE.to_owned())),
            _ => None,
        }
    }
}

/// How many reacted to a message with one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionCount {
    /// With what.
    pub reaction: Reaction,
    /// How many.
    pub count: u64,
    /// Whether the one who looks did; false where nobody in particular looks.
    pub mine: bool,
}

/// One of a user's reactions to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReaction {
    /// With what.
    pub reaction: Reaction,
    /// When.
    pub at: Timestamp,
}

/// One change of a message's reactions, as its event tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionChange {
    /// The message.
    pub message_seq: Seq,
    /// With what.
    pub reaction: Reaction,
    /// Whose.
    pub user_id: UserId,
    /// How many reacted so with this change made.
    pub count: u64,
}

/// What becomes of a message's reactions when one user changes theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reacting {
    /// The user's own, afterwards.
    pub own: Vec<OwnReaction>,
    /// Everybody's counts, afterwards.
    pub counts: Vec<ReactionCount>,
    /// What is taken away, with the count that is left.
    pub removed: Vec<(Reaction, u64)>,
    /// What is added, with its count.
    pub added: Option<(Reaction, u64)>,
}

impl Reacting {
    /// Numbers that its events take.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.removed.len() as u64 + u64::from(self.added.is_some())
    }

    fn from(message: &Message, own: &[OwnReaction]) -> Self {
        Self {
            own: own.to_vec(),
            counts: message.reactions.clone(),
            removed: Vec::new(),
            added: None,
        }
    }

    fn remove(&mut self, reaction: &Reaction) {
        let before = self.own.len();
        self.own.retain(|one| one.reaction != *reaction);
        if self.own.len() == before {
            return;
        }
        let mut left = 0;
        if let Some(entry) = self.counts.iter_mut().find(|one| one.reaction == *reaction) {
            entry.count = entry.count.saturating_sub(1);
            left = entry.count;
        }
        self.counts.retain(|one| one.count > 0);
        self.removed.push((reaction.clone(), left));
    }

    fn add(&mut self, reaction: Reaction, now: Timestamp) {
        let count = match self.counts.iter_mut().find(|one| one.reaction == reaction) {
            Some(entry) => {
                entry.count += 1;
                entry.count
            }
            None => {
                let entry = ReactionCount { reaction: reaction.clone(), count: 1, mine: false };
                self.counts.push(entry);
                1
            }
        };
        self.own.push(OwnReaction { reaction: reaction.clone(), at: now });
        self.added = Some((reaction, count));
    }
}

/// What becomes of `message` when somebody whose reactions to it are `own` adds one; `None` if they
/// had added it already.
///
/// # Errors
/// [`Refusal::MessageNotFound`] for what nobody wrote or was deleted, and
/// [`Refusal::ReactionNotAllowed`] past a limit.
pub fn add_reaction(
    set: &ReactionSet,
    message: &Message,
    own: &[OwnReaction],
    reaction: Reaction,
    now: Timestamp,
) -> Result<Option<Reacting>, Refusal> {
    takes_reactions(message)?;
    if own.iter().any(|one| one.reaction == reaction) {
        return Ok(None);
    }
    let mut reacting = Reacting::from(message, own);
    if let Some(opposite) = set.opposite(&reaction) {
        reacting.remove(&opposite);
    }
    if reacting.own.len() >= MAX_OWN_REACTIONS {
        return Err(Refusal::ReactionNotAllowed("A user has at most 10 reactions to a message"));
    }
    reacting.add(reaction, now);
    if reacting.counts.len() > MAX_REACTION_KINDS {
        return Err(Refusal::ReactionNotAllowed("A message has at most 50 kinds of reaction"));
    }
    Ok(Some(reacting))
}

/// What becomes of `message` when somebody whose reactions to it are `own` takes one back; `None` if
/// it is not there.
///
/// # Errors
/// [`Refusal::MessageNotFound`] for what nobody wrote or was deleted.
pub fn remove_reaction(
    message: &Message,
    own: &[OwnReaction],
    reaction: &Reaction,
) -> Result<Option<Reacting>, Refusal> {
    takes_reactions(message)?;
    let mut reacting = Reacting::from(message, own);
    reacting.remove(reaction);
    Ok(Some(reacting).filter(|reacting| !reacting.removed.is_empty()))
}

fn takes_reactions(message: &Message) -> Result<(), Refusal> {
    match message.kind {
        MessageKind::Regular { .. } => Ok(()),
        MessageKind::System(_) | MessageKind::Deleted { .. } => Err(Refusal::MessageNotFound),
    }
}

#[cfg(test)]
mod tests;
