//! Writing a room's log: issue a number, then write its rows, all or none of them.
//!
//! The head is the only row that many writers touch; it is one update, outside of any transaction
//! where a message is sent. What follows touches rows that nobody else writes.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::{
    ClientId, MediaUse, Membership, Message, Preview, Rate, Room, RoomId, Seq, UserId,
    members_settled_before,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::room::PreviewItem;
use crate::item::{self, Row};
use crate::pace::{ATTEMPTS, over_at, paced};
use crate::query::Read;
use crate::rooms::number;
use crate::transaction::{
    ABSENT, Commit, Reason, WithoutToken, built, cancelled, millis, seconds_after,
};
use crate::{Error, Store, key};

/// How long a `client_id` is remembered. A device that was off for longer asks before it resends.
pub const DEDUP_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// When the last messages were sent: each takes the next one's place. An update reads everything as
/// it was before, so this shifts them all by one and costs nothing.
const SENT: [&str; 5] = [
    "sent_2 = if_not_exists(sent_1, :never)",
    "sent_3 = if_not_exists(sent_2, :never)",
    "sent_4 = if_not_exists(sent_3, :never)",
    "sent_5 = if_not_exists(sent_4, :never)",
    "sent_6 = if_not_exists(sent_5, :never)",
];

/// What a number is issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// A message that counts as unread, shown in the room's head.
    Message {
        /// How it is shown; its number is the one that is issued.
        preview: Preview,
        /// Whether the sender may enter staff-only rooms.
        is_staff: bool,
        /// A time before the members were read of whom the sender is known to be one. The number is
        /// issued only if they are still the same: [`Room::had_its_members_at`].
        members_read_at: Option<Timestamp>,
    },
    /// This many events and system messages, which count for nobody.
    Entries(u64),
    /// As many, which tell of a change of members. The head remembers when that began.
    Members(u64),
}

impl Issue {
    /// How many numbers.
    #[must_use]
    pub const fn count(&self) -> u64 {
        match self {
            Self::Message { .. } => 1,
            Self::Entries(count) | Self::Members(count) => *count,
        }
    }

    /// Whether it relies on other members than this head's.
    fn expects_others_than(&self, head: &Room) -> bool {
        match self {
            Self::Message { members_read_at: Some(at), .. } => !head.had_its_members_at(*at),
            _ => false,
        }
    }
}

/// What became of asking for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issued {
    /// The head afterwards: `seq` is the last number issued.
    Numbered(Box<Room>),
    /// The room is gone.
    NoRoom,
    /// The room is for staff, and the sender is none. No number was issued.
    StaffOnly,
    /// The members may not be those that were read. No number was issued.
    MembersChanged,
    /// More than the room's rate allows. No number was issued; there is room for one after this.
    Beyond(Duration),
}

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
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(items))
                .send()
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

    /// Issues numbers to a room: one, or as many as `issue` says.
    ///
    /// The preview's number is computed by the same update, so that a head never shows a message
    /// under another's number.
    ///
    /// # Errors
    /// If DynamoDB does not answer. A number may then have been issued: it will be voided.
    pub async fn issue(
        &self,
        room: RoomId,
        issue: &Issue,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        self.issue_within(room, issue, None, now).await
    }

    /// The same, if the room's `rate` allows one more.
    ///
    /// The rate is kept in the head, in the update that it takes anyway: it costs nothing but where
    /// two follow one another faster than at an even pace, which cannot be known before.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub async fn issue_within(
        &self,
        room: RoomId,
        issue: &Issue,
        rate: Option<Rate>,
        now: Timestamp,
    ) -> Result<Issued, Error> {
        const OPERATION: &str = "issue a number";
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.chat)
            .set_key(Some(key::head(room).map()))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":now", millis(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_values(ReturnValue::AllNew);
        let open = "attribute_exists(pk) AND deleted = :no";
        let keeps_out = matches!(issue, Issue::Message { is_staff: false, .. });
        let mut condition =
            if keeps_out { format!("{open} AND staff_only = :no") } else { open.to_owned() };
        let (set, update) = match issue {
            Issue::Message { preview, members_read_at, .. } => {
                let preview: Row = serde_dynamo::to_item(PreviewItem::from(preview))
                    .map_err(|error| Error::corrupt("preview", error))?;
                let set = format!(
                    "SET seq = seq + :one, message_count = message_count + :one, \
                     last_activity_at = :now, preview_seq = seq + :one, \
                     preview_version = :one, preview = :preview, sent_1 = :now, {}",
                    SENT.join(", ")
                );
                let update = update
                    .expression_attribute_values(":one", number(1))
                    .expression_attribute_values(":never", number(0))
                    .expression_attribute_values(":preview", AttributeValue::M(preview));
                let update = match *members_read_at {
                    None => update,
                    Some(read_at) => {
                        condition.push_str(
                            " AND (attribute_not_exists(members_changed_at) \
                             OR members_changed_at < :settled)",
                        );
                        let settled = members_settled_before(read_at);
                        update.expression_attribute_values(":settled", millis(settled))
                    }
                };
                (set, update)
            }
            Issue::Entries(count) | Issue::Members(count) => {
                let mut set = "SET seq = seq + :count, last_activity_at = :now".to_owned();
                if matches!(issue, Issue::Members(_)) {
                    set.push_str(", members_changed_at = :now");
                }
                (set, update.expression_attribute_values(":count", number(*count)))
            }
        };
        let mut over = None;
        for _ in 0..ATTEMPTS {
            let step = match rate.map(|rate| rate.step(over, now)).transpose() {
                Ok(step) => step,
                Err(wait) => return Ok(Issued::Beyond(wait)),
            };
            let error = match paced(update.clone(), &set, Some(&condition), step).send().await {
                Ok(answer) => {
                    let head = item::room::room(answer.attributes.unwrap_or_default())?;
                    return Ok(head.map_or(Issued::NoRoom, |head| Issued::Numbered(head.into())));
                }
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let row = refused.item().cloned().unwrap_or_default();
                    let known = over_at("pace", &row)?;
                    let head = if row.is_empty() { None } else { item::room::room(row)? };
                    match head {
                        None => return Ok(Issued::NoRoom),
                        Some(head) if keeps_out && head.details.staff_only => {
                            return Ok(Issued::StaffOnly);
                        }
                        Some(head) if issue.expects_others_than(&head) => {
                            return Ok(Issued::MembersChanged);
                        }
                        // Another pace than it was taken for.
                        Some(_) => over = known,
                    }
                }
                // A change of the room's details holds the head for the length of a transaction. An
                // immediate try again is right: the other writer is about to be done.
                Some(UpdateItemError::TransactionConflictException(_)) => {}
                _ => return Err(Error::unavailable(OPERATION, error)),
            }
        }
        Err(Error::lost(OPERATION))
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
            self.put_absent(OPERATION, item::log::message_row(message)?)?,
        ];
        let used = MediaUse::Message { room_id: message.room_id, seq: message.seq };
        for media in message.media() {
            writes.push(self.used_media(OPERATION, media.media_id, sender, used)?);
        }
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            return match sent.customize().interceptor(WithoutToken).send().await {
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
