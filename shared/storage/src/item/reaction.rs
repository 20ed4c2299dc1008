//! Reactions: counts in a message's row, changes in an event's, and the rows of one user's own.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Author, OwnReaction, Reaction, ReactionChange, ReactionCount, Seq};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuthorItem, Row, item, parsed, time};
use crate::{Error, key};

const REACTIONS: &str = "reactions";

/// How many reacted with one thing, in the order of first use.
#[derive(Serialize, Deserialize)]
pub(crate) struct CountItem {
    reaction: String,
    count: u64,
}

impl From<&ReactionCount> for CountItem {
    fn from(count: &ReactionCount) -> Self {
        Self { reaction: count.reaction.as_str().to_owned(), count: count.count }
    }
}

impl From<CountItem> for ReactionCount {
    fn from(CountItem { reaction, count }: CountItem) -> Self {
        Self { reaction: Reaction::named(&reaction), count, mine: false }
    }
}

/// What an event row holds besides the message's number.
#[derive(Serialize, Deserialize)]
pub(crate) struct ChangeItem {
    reaction: String,
    user_id: String,
    count: u64,
}

impl From<&ReactionChange> for ChangeItem {
    fn from(change: &ReactionChange) -> Self {
        Self {
            reaction: change.reaction.as_str().to_owned(),
            user_id: change.user_id.to_string(),
            count: change.count,
        }
    }
}

impl ChangeItem {
    pub(crate) fn change(self, message_seq: Seq) -> Result<ReactionChange, Error> {
        Ok(ReactionChange {
            message_seq,
            reaction: Reaction::named(&self.reaction),
            user_id: parsed(REACTIONS, &self.user_id)?,
            count: self.count,
        })
    }
}

/// One user's reactions to one message: the row by message and the one by user hold the same.
#[derive(Serialize, Deserialize)]
struct OwnItem {
    author: AuthorItem,
    reactions: Vec<OwnReactionItem>,
}

#[derive(Serialize, Deserialize)]
struct OwnReactionItem {
    reaction: String,
    at: i64,
}

/// The row of one user's reactions at `key`.
pub(crate) fn own_row(key: key::Key, author: &Author, own: &[OwnReaction]) -> Result<Row, Error> {
    let reactions = own.iter().map(|one| OwnReactionItem {
        reaction: one.reaction.as_str().to_owned(),
        at: one.at.as_millisecond(),
    });
    super::row(key, REACTIONS, &OwnItem { author: author.into(), reactions: reactions.collect() })
}

/// Who reacted, and how.
pub(crate) fn own(row: Row) -> Result<(Author, Vec<OwnReaction>), Error> {
    let OwnItem { author, reactions } = item(REACTIONS, row)?;
    let own = |OwnReactionItem { reaction, at }: OwnReactionItem| -> Result<_, Error> {
        let at: Timestamp = time(REACTIONS, at)?;
        Ok(OwnReaction { reaction: Reaction::named(&reaction), at })
    };
    let reactions: Result<_, _> = reactions.into_iter().map(own).collect();
    Ok((author.author()?, reactions?))
}

/// The counts of a message, as its row has them.
pub(crate) fn counts(counts: &[ReactionCount]) -> Result<AttributeValue, Error> {
    let items: Vec<_> = counts.iter().map(CountItem::from).collect();
    serde_dynamo::to_attribute_value(items).map_err(|error| Error::corrupt(REACTIONS, error))
}
