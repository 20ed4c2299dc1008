//! Writing a message at its number: its rows, all or none of them, and making a number useless.
//! What is written here touches rows that nobody else writes.

use std::time::Duration;

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::{ClientId, MediaUse, Membership, Message, RoomId, Seq, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::client::Call as _;
use crate::item;
use crate::query::Read;
use crate::transaction::{ABSENT, Commit, Reason, built, cancelled, seconds_after};
use crate::{Error, Store, key};

/// How long a `client_id` is remembered. A device that was off for longer asks before it resends.
pub const DEDUP_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Which message a user's `client_id` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dedup {
    /// The room.
    pub room_id: RoomId,
    /// Its number there.
    pub seq: Seq,
    /// A hash of what was sent: the same `client_id` with something else is a mistake.
    pub body_hash: String,
}

impl Dedup {
    fn is_of(&self, message: &Message) -> bool {
        (self.room_id, self.seq) == (message.room_id, message.seq)
    }
}

/// What became of a message's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Stored.
    Stored,
    /// The `client_id` names another number: two sends of it raced, or an earlier try was given up.
    Duplicate(Dedup),
    /// A reader took the writer for dead and voided the number.
    Voided,
    /// Something that it shows was used or deleted meanwhile. The number is still to be voided.
    MediaGone,
}

#[derive(Serialize, Deserialize)]
struct DedupItem {
    room_id: String,
    seq: u64,
    body_hash: String,
    expires_at: i64,
}

impl DedupItem {
    /// `None` if it has expired: DynamoDB may be days late to sweep it.
    fn dedup(self, now: Timestamp) -> Result<Option<Dedup>, Error> {
        if self.expires_at <= now.as_second() {
            return Ok(None);
        }
        let seq = Seq::new(self.seq).ok_or_else(|| Error::corrupt("dedup", "number 0"))?;
        Ok(Some(Dedup {
            room_id: item::parsed("dedup", &self.room_id)?,
            seq,
            body_hash: self.body_hash,
        }))
    }
}

impl Store {
    /// The sender's membership, and what their `client_id` names already: one strong batch.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn begin_send(
        &self,
        room: RoomId,
        sender: UserId,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<(Option<Membership>, Option<Dedup>), Error> {
        const OPERATION: &str = "begin a send";
        let one = |key: key::Key| crate::query::keys_of(OPERATION, vec![key.map()], Read::Strong);
        let mut request = Some(std::collections::HashMap::from([
            (self.tables.chat.clone(), one(key::member(room, sender))?),
            (self.tables.ephemeral.clone(), one(key::dedup(sender, client_id))?),
        ]));
        let (mut membership, mut dedup) = (None, None);
        while let Some(items) = request.take().filter(|items| !items.is_empty()) {
            let answer = BatchGetItemInput::builder()
                .set_request_items(Some(items))
                .call(&self.client)
                .await
                .map_err(|error| Error::unavailable(OPERATION, error))?;
            for (table, rows) in answer.responses.unwrap_or_default() {
                for row in rows {
                    if table == self.tables.chat {
                        membership = Some(item::room::membership(row)?);
                    } else {
                        dedup = item::item::<DedupItem>("dedup", row)?.dedup(now)?;
                    }
                }
            }
            request = answer.unprocessed_keys;
        }
        Ok((membership, dedup))
    }

    /// Writes a numbered message and its dedup row, and takes the media that it shows: all or nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer. It may have written them: the same send again finds out.
    pub async fn append_message(
        &self,
        message: &Message,
        sender: UserId,
        client_id: &ClientId,
        body_hash: &str,
        now: Timestamp,
    ) -> Result<Appended, Error> {
        const OPERATION: &str = "append a message";
        let dedup = DedupItem {
            room_id: message.room_id.to_string(),
            seq: message.seq.get(),
            body_hash: body_hash.to_owned(),
            expires_at: seconds_after(now, DEDUP_KEPT),
        };
        let dedup = item::row(key::dedup(sender, client_id), "dedup", &dedup)?;
        // An expired row that DynamoDB has not swept yet is as good as none.
        let dedup = Put::builder()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(dedup))
            .condition_expression(format!("{ABSENT} OR expires_at <= :now"))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let mut writes = vec![
            TransactWriteItem::builder().put(built(OPERATION, dedup)?).build(),
            self.put_absent(OPERATION, item::message::message_row(message)?)?,
        ];
        let used = MediaUse::Message { room_id: message.room_id, seq: message.seq };
        for media in message.media() {
            writes.push(self.used_media(OPERATION, media.media_id, sender, used)?);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            // Without a token: DynamoDB would remember it for ten minutes, and the local one looks through
            // all that it remembers at each transaction. The row of the `client_id` tells a repeat, with
            // the token too that the SDK's client gives to another try.
            let sent = TransactWriteItemsInput::builder().set_transact_items(Some(writes.clone()));
            return match sent.call(&self.client).await {
                Ok(_) => Ok(Appended::Stored),
                Err(error) => match cancelled(error.as_service_error()) {
                    None => Err(Error::unavailable(OPERATION, error)),
                    Some(reasons) => match reasons.first() {
                        Some(Reason::Condition(Some(row))) => {
                            let earlier: DedupItem = item::item("dedup", row.clone())?;
                            match earlier.dedup(now)? {
                                // It was committed, and the answer lost.
                                Some(dedup) if dedup.is_of(message) => Ok(Appended::Stored),
                                Some(dedup) => Ok(Appended::Duplicate(dedup)),
                                None => Err(Error::unavailable(OPERATION, error)),
                            }
                        }
                        _ if reasons.get(1).is_some_and(Reason::is_condition) => {
                            Ok(Appended::Voided)
                        }
                        _ if reasons.iter().skip(2).any(Reason::is_condition) => {
                            Ok(Appended::MediaGone)
                        }
                        _ if tries < 5 => continue,
                        _ => Err(Error::unavailable(OPERATION, error)),
                    },
                },
            };
        }
    }

    /// Makes a number useless for ever, at both places where it could be used, so that a void can
    /// never later become a message.
    ///
    /// `false` if it is used after all.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn void(&self, room: RoomId, seq: Seq, now: Timestamp) -> Result<bool, Error> {
        self.retire(room, seq, now, false).await
    }

    /// As [`Store::void`], and remembers that the number may have been an event that has expired.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn lapse(&self, room: RoomId, seq: Seq, now: Timestamp) -> Result<bool, Error> {
        self.retire(room, seq, now, true).await
    }

    async fn retire(
        &self,
        room: RoomId,
        seq: Seq,
        now: Timestamp,
        lapsed: bool,
    ) -> Result<bool, Error> {
        const OPERATION: &str = "void a number";
        let row = |key| item::log::void_row(key, now, lapsed);
        let writes = vec![
            self.put_absent(OPERATION, row(key::message(room, seq))?)?,
            self.put_absent(OPERATION, row(key::event(room, seq))?)?,
        ];
        Ok(self.transact(OPERATION, writes).await? == Commit::Done)
    }
}

#[cfg(test)]
mod tests;
