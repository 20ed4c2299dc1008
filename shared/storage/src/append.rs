//! Writing a room's log: issue a number, then write its rows, all or none of them.
//!
//! The head is the only row that many writers touch; it is one update, outside of any transaction
//! where a message is sent. What follows touches rows that nobody else writes.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use domain::{
    Author, ClientId, Event, KEPT_EVENTS, Membership, Message, Room, RoomDetails, RoomId, Seq,
    Standing, UserId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::room::{MembershipItem, MyRoomItem, PreviewItem};
use crate::item::{self, Row};
use crate::query::Read;
use crate::rooms::number;
use crate::{Error, Store, key, listing};

/// How long a `client_id` is remembered. A device that was off for longer asks before it resends.
pub const DEDUP_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A day more than readers trust, so that an event is never swept under a reader's feet.
const EVENT_ROW_KEPT: Duration = Duration::from_secs(KEPT_EVENTS.as_secs() + 24 * 60 * 60);

const ABSENT: &str = "attribute_not_exists(pk)";

/// What a number is issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issue {
    /// A message that counts as unread, shown in the room's head.
    Message {
        /// Who sends it.
        author: Author,
        /// How it begins.
        preview: String,
        /// Whether they may enter staff-only rooms.
        is_staff: bool,
    },
    /// This many events and system messages, which count for nobody.
    Entries(u64),
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

/// What became of a message's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Stored.
    Stored,
    /// The `client_id` names another number: two sends of it raced, or an earlier answer was lost.
    Duplicate(Dedup),
    /// A reader took the writer for dead and voided the number.
    Voided,
}

/// One row of the log to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A system message.
    Message(Box<Message>),
    /// A numbered event.
    Event(Box<Event>),
}

/// A change that is written together with the entries that tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Somebody enters who is no member yet.
    Enter(Standing),
    /// A member's standing changes from what it was.
    Stand {
        /// What it must be still.
        from: Membership,
        /// What it becomes.
        to: Membership,
    },
    /// A member leaves whose standing is still this.
    Leave(Membership),
    /// This user still owns the room.
    StillOwner(UserId),
    /// The room's details change, if its version is still `version - 1`.
    Details {
        /// What they become.
        details: RoomDetails,
        /// The version they then have.
        version: u64,
        /// When.
        at: Timestamp,
    },
    /// The rows that list the room follow its details; nothing lists it after `None`.
    ///
    /// Belongs beside [`Change::Details`] or [`Change::Delete`]: their condition on the version is
    /// what makes `before` true.
    Listing {
        /// What they are.
        before: RoomDetails,
        /// What they become.
        after: Option<RoomDetails>,
    },
    /// The room goes, if its version is still this; the pair is free to make a new one.
    Delete {
        /// The version of its details.
        version: u64,
        /// The two, if it was their private room.
        pair: Option<(UserId, UserId)>,
    },
    /// A message becomes another version of itself, if it is still the one before.
    Message(Message),
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// All of it is written.
    Done,
    /// None of it: something was not as expected, or somebody else was at the same rows.
    Lost,
}

/// What became of making a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    Room,
    /// The pair has a room already.
    PairHas(RoomId),
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

    /// Issues numbers to a room: one, or as many as [`Issue::Entries`] says.
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
        let update = match issue {
            Issue::Message { is_staff: false, .. } => {
                update.condition_expression(format!("{open} AND staff_only = :no"))
            }
            _ => update.condition_expression(open),
        };
        let update = match issue {
            Issue::Message { author, preview, .. } => {
                let preview = PreviewItem {
                    author: Some(author.into()),
                    text: Some(preview.clone()),
                    at: now.as_millisecond(),
                };
                let preview: Row = serde_dynamo::to_item(preview)
                    .map_err(|error| Error::corrupt("preview", error))?;
                update
                    .update_expression(
                        "SET seq = seq + :one, message_count = message_count + :one, \
                         last_activity_at = :now, preview_seq = seq + :one, \
                         preview_version = :one, preview = :preview",
                    )
                    .expression_attribute_values(":one", number(1))
                    .expression_attribute_values(":preview", AttributeValue::M(preview))
            }
            Issue::Entries(count) => update
                .update_expression("SET seq = seq + :count, last_activity_at = :now")
                .expression_attribute_values(":count", number(*count)),
        };
        // A change of the room's details holds the head for the length of a transaction. An
        // immediate try again is right: the other writer is about to be done.
        let mut tries = 0;
        loop {
            tries += 1;
            return match update.clone().send().await {
                Ok(answer) => match item::room::room(answer.attributes.unwrap_or_default())? {
                    Some(room) => Ok(Issued::Numbered(Box::new(room))),
                    None => Ok(Issued::NoRoom),
                },
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                        // An open room that refused can only have been for staff.
                        let head = refused.item().cloned().map_or(Ok(None), item::room::room)?;
                        Ok(head.map_or(Issued::NoRoom, |_| Issued::StaffOnly))
                    }
                    Some(UpdateItemError::TransactionConflictException(_)) if tries < 5 => continue,
                    _ => Err(Error::unavailable(OPERATION, error)),
                },
            };
        }
    }

    /// Writes a numbered message and its dedup row, both or neither.
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
        let writes = vec![
            TransactWriteItem::builder().put(built(OPERATION, dedup)?).build(),
            self.put_absent(OPERATION, item::log::message_row(message)?)?,
        ];
        // The token makes the SDK's own retries safe: a transaction that was committed before its
        // answer was lost answers again as a success.
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            return match sent.send().await {
                Ok(_) => Ok(Appended::Stored),
                Err(error) => match cancelled(error.as_service_error()) {
                    None => Err(Error::unavailable(OPERATION, error)),
                    Some(reasons) => match reasons.first() {
                        Some(Reason::Condition(Some(row))) => {
                            let earlier: DedupItem = item::item("dedup", row.clone())?;
                            match earlier.dedup(now)? {
                                Some(dedup) => Ok(Appended::Duplicate(dedup)),
                                None => Err(Error::unavailable(OPERATION, error)),
                            }
                        }
                        _ if reasons.get(1).is_some_and(Reason::is_condition) => {
                            Ok(Appended::Voided)
                        }
                        _ if tries < 5 => continue,
                        _ => Err(Error::unavailable(OPERATION, error)),
                    },
                },
            };
        }
    }

    /// Writes entries of the log and what they tell of, all or nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer. It may have written them: reading tells.
    pub async fn commit(
        &self,
        room: RoomId,
        entries: &[Entry],
        changes: &[Change],
    ) -> Result<Commit, Error> {
        const OPERATION: &str = "write a change";
        let mut writes = Vec::new();
        for entry in entries {
            writes.push(self.put_absent(OPERATION, entry_row(entry)?)?);
        }
        for change in changes {
            self.add_change(OPERATION, room, change, &mut writes)?;
        }
        self.transact(OPERATION, writes).await
    }

    /// Writes a new room with its first members and entries, unless the pair has one already.
    ///
    /// # Errors
    /// If DynamoDB does not answer, or the room's new identifier is in use.
    pub async fn create_room(
        &self,
        room: &Room,
        pair: Option<(UserId, UserId)>,
        members: &[Standing],
        entries: &[Entry],
    ) -> Result<Created, Error> {
        const OPERATION: &str = "make a room";
        let head = item::row(key::head(room.id), "room", &item::room::RoomItem::from(room))?;
        let mut writes = vec![self.put_absent(OPERATION, head)?];
        for key in listing::room_keys(room.id, &room.details) {
            writes.push(self.put_absent(OPERATION, key.map())?);
        }
        for entry in entries {
            writes.push(self.put_absent(OPERATION, entry_row(entry)?)?);
        }
        for member in members {
            self.add_change(OPERATION, room.id, &Change::Enter(member.clone()), &mut writes)?;
        }
        if let Some((one, other)) = pair {
            #[derive(Serialize)]
            struct PairItem {
                room_id: String,
            }
            let row = item::row(
                key::pair(one, other),
                "pair",
                &PairItem { room_id: room.id.to_string() },
            )?;
            writes.push(self.put_absent(OPERATION, row)?);
        }
        if self.transact(OPERATION, writes).await? == Commit::Done {
            return Ok(Created::Room);
        }
        match pair {
            Some((one, other)) => match self.pair_room(one, other).await? {
                Some(room) => Ok(Created::PairHas(room)),
                None => Err(Error::lost(OPERATION)),
            },
            None => Err(Error::lost(OPERATION)),
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

    pub(crate) fn put_absent(
        &self,
        operation: &'static str,
        row: Row,
    ) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(&self.tables.chat)
            .set_item(Some(row))
            .condition_expression(ABSENT)
            .build();
        Ok(TransactWriteItem::builder().put(built(operation, put)?).build())
    }

    async fn transact(
        &self,
        operation: &'static str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Commit, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            return match sent.send().await {
                Ok(_) => Ok(Commit::Done),
                Err(error) => match cancelled(error.as_service_error()) {
                    // Somebody else was at one of the rows, and may not have changed what this is
                    // about: whoever edits a message meets those who react to it.
                    Some(reasons) if tries < 5 && !reasons.iter().any(Reason::is_condition) => {
                        continue;
                    }
                    Some(_) => Ok(Commit::Lost),
                    None => Err(Error::unavailable(operation, error)),
                },
            };
        }
    }

    fn add_change(
        &self,
        operation: &'static str,
        room: RoomId,
        change: &Change,
        writes: &mut Vec<TransactWriteItem>,
    ) -> Result<(), Error> {
        match change {
            Change::Enter(standing) => {
                let Membership { user_id, .. } = standing.membership;
                let member = MembershipItem::from(&standing.membership);
                let my_room = MyRoomItem::from(standing);
                let member = item::row(key::member(room, user_id), "member", &member)?;
                let my_room = item::row(key::my_room(user_id, room), "member", &my_room)?;
                writes.push(self.put_absent(operation, member)?);
                writes.push(self.put_absent(operation, my_room)?);
            }
            Change::Stand { from, to } => {
                for key in [key::member(room, to.user_id), key::my_room(to.user_id, room)] {
                    let update = Update::builder()
                        .table_name(&self.tables.chat)
                        .set_key(Some(key.map()))
                        .update_expression("SET #permissions = :to, is_owner = :to_owner")
                        .condition_expression("#permissions = :from AND is_owner = :from_owner")
                        .expression_attribute_names("#permissions", "permissions") // A reserved word.
                        .expression_attribute_values(":to", number(to.permissions.bits().into()))
                        .expression_attribute_values(":to_owner", AttributeValue::Bool(to.is_owner))
                        .expression_attribute_values(
                            ":from",
                            number(from.permissions.bits().into()),
                        )
                        .expression_attribute_values(
                            ":from_owner",
                            AttributeValue::Bool(from.is_owner),
                        )
                        .build();
                    writes.push(
                        TransactWriteItem::builder().update(built(operation, update)?).build(),
                    );
                }
            }
            Change::Leave(membership) => {
                let user = membership.user_id;
                for key in [key::member(room, user), key::my_room(user, room)] {
                    let delete = Delete::builder()
                        .table_name(&self.tables.chat)
                        .set_key(Some(key.map()))
                        .condition_expression("is_owner = :owner")
                        .expression_attribute_values(
                            ":owner",
                            AttributeValue::Bool(membership.is_owner),
                        )
                        .build();
                    writes.push(
                        TransactWriteItem::builder().delete(built(operation, delete)?).build(),
                    );
                }
            }
            Change::StillOwner(user) => {
                let check = ConditionCheck::builder()
                    .table_name(&self.tables.chat)
                    .set_key(Some(key::member(room, *user).map()))
                    .condition_expression("is_owner = :yes")
                    .expression_attribute_values(":yes", AttributeValue::Bool(true))
                    .build();
                writes.push(
                    TransactWriteItem::builder().condition_check(built(operation, check)?).build(),
                );
            }
            Change::Details { details, version, at } => {
                writes.push(self.details(operation, room, details, *version, *at)?);
            }
            Change::Listing { before, after } => {
                let before = listing::room_keys(room, before);
                let after = after.as_ref().map(|details| listing::room_keys(room, details));
                let after = after.unwrap_or_default();
                for key in before.iter().filter(|key| !after.contains(key)) {
                    let delete = Delete::builder()
                        .table_name(&self.tables.chat)
                        .set_key(Some(key.clone().map()))
                        .build();
                    writes.push(
                        TransactWriteItem::builder().delete(built(operation, delete)?).build(),
                    );
                }
                for key in after.into_iter().filter(|key| !before.contains(key)) {
                    let put = Put::builder()
                        .table_name(&self.tables.chat)
                        .set_item(Some(key.map()))
                        .build();
                    writes.push(TransactWriteItem::builder().put(built(operation, put)?).build());
                }
            }
            Change::Delete { version, pair } => {
                let update = Update::builder()
                    .table_name(&self.tables.chat)
                    .set_key(Some(key::head(room).map()))
                    .update_expression("SET deleted = :yes REMOVE preview, preview_seq")
                    .condition_expression("version = :version AND deleted = :no")
                    .expression_attribute_values(":version", number(*version))
                    .expression_attribute_values(":yes", AttributeValue::Bool(true))
                    .expression_attribute_values(":no", AttributeValue::Bool(false))
                    .build();
                writes.push(TransactWriteItem::builder().update(built(operation, update)?).build());
                if let Some((one, other)) = pair {
                    let delete = Delete::builder()
                        .table_name(&self.tables.chat)
                        .set_key(Some(key::pair(*one, *other).map()))
                        .condition_expression("room_id = :room")
                        .expression_attribute_values(":room", AttributeValue::S(room.to_string()))
                        .build();
                    writes.push(
                        TransactWriteItem::builder().delete(built(operation, delete)?).build(),
                    );
                }
            }
            Change::Message(message) => {
                writes.push(self.next_version(operation, message)?);
            }
        }
        Ok(())
    }

    /// Only what an edit or a deletion changes is written: a reaction that comes at the same time
    /// must not be lost.
    fn next_version(
        &self,
        operation: &'static str,
        message: &Message,
    ) -> Result<TransactWriteItem, Error> {
        let item::log::NextVersion { set, remove } = item::log::next_version(message)?;
        let mut update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::message(message.room_id, message.seq).map()))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(message.version.saturating_sub(1)));
        let names = |names: &[&str], assigned: &str| -> Vec<_> {
            names.iter().map(|name| assigned.replace('@', name)).collect()
        };
        let all: Vec<&str> = set.keys().map(String::as_str).collect();
        let mut expression = format!("SET {}", names(&all, "#@ = :@").join(", "));
        if !remove.is_empty() {
            expression.push_str(&format!(" REMOVE {}", names(&remove, "#@").join(", ")));
        }
        for name in all.iter().chain(&remove) {
            update = update.expression_attribute_names(format!("#{name}"), *name);
        }
        for (name, value) in &set {
            update = update.expression_attribute_values(format!(":{name}"), value.clone());
        }
        let update = update.update_expression(expression).build();
        Ok(TransactWriteItem::builder().update(built(operation, update)?).build())
    }

    fn details(
        &self,
        operation: &'static str,
        room: RoomId,
        details: &RoomDetails,
        version: u64,
        at: Timestamp,
    ) -> Result<TransactWriteItem, Error> {
        let avatar = details.avatar_media_id.map(|id| id.to_string());
        let texts = [
            ("name", details.name.clone()),
            ("description", details.description.clone()),
            ("avatar_media_id", avatar),
        ];
        let mut set =
            "SET is_public = :public, staff_only = :staff, version = :version, updated_at = :at"
                .to_owned();
        let mut remove = Vec::new();
        let mut update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::head(room).map()))
            .condition_expression("version = :before AND deleted = :no")
            .expression_attribute_values(":public", AttributeValue::Bool(details.is_public))
            .expression_attribute_values(":staff", AttributeValue::Bool(details.staff_only))
            .expression_attribute_values(":version", number(version))
            .expression_attribute_values(":before", number(version.saturating_sub(1)))
            .expression_attribute_values(":at", millis(at))
            .expression_attribute_values(":no", AttributeValue::Bool(false));
        for (attribute, text) in texts {
            update = update.expression_attribute_names(format!("#{attribute}"), attribute);
            if let Some(text) = text {
                set.push_str(&format!(", #{attribute} = :{attribute}"));
                update = update
                    .expression_attribute_values(format!(":{attribute}"), AttributeValue::S(text));
            } else {
                remove.push(format!("#{attribute}"));
            }
        }
        if !remove.is_empty() {
            set.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let update = update.update_expression(set).build();
        Ok(TransactWriteItem::builder().update(built(operation, update)?).build())
    }
}

pub(crate) fn entry_row(entry: &Entry) -> Result<Row, Error> {
    match entry {
        Entry::Message(message) => item::log::message_row(message),
        Entry::Event(event) => {
            let seq = event.seq.ok_or_else(|| Error::corrupt("event", "it has no number"))?;
            let mut row = item::log::event_row(event, seq)?;
            let expires_at = AttributeValue::N(seconds_after(event.at, EVENT_ROW_KEPT).to_string());
            row.insert(key::EXPIRES_AT.to_owned(), expires_at);
            Ok(row)
        }
    }
}

fn millis(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}

/// Seconds since the epoch, `kept` after `now`.
pub(crate) fn seconds_after(now: Timestamp, kept: Duration) -> i64 {
    now.as_second().saturating_add(i64::try_from(kept.as_secs()).unwrap_or(i64::MAX))
}

pub(crate) fn built<T>(
    operation: &'static str,
    result: Result<T, aws_sdk_dynamodb::error::BuildError>,
) -> Result<T, Error> {
    result.map_err(|error| Error::Unavailable { operation, source: Box::new(error) })
}

/// Why one write of a cancelled transaction was in the way.
pub(crate) enum Reason {
    /// Its condition did not hold; the row as it was, if asked for.
    Condition(Option<Row>),
    /// Another transaction was at the same row, the table was throttled, or it was not in the way.
    Other,
}

impl Reason {
    pub(crate) const fn is_condition(&self) -> bool {
        matches!(self, Self::Condition(_))
    }
}

/// The reasons of a cancelled transaction; `None` if it failed for another cause, which includes
/// throttling: that is for the caller to retry.
pub(crate) fn cancelled(error: Option<&TransactWriteItemsError>) -> Option<Vec<Reason>> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return None;
    };
    let reasons = cancelled.cancellation_reasons();
    let decisive = |reason: &aws_sdk_dynamodb::types::CancellationReason| {
        matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))
    };
    reasons.iter().any(decisive).then(|| {
        reasons
            .iter()
            .map(|reason| match reason.code() {
                Some("ConditionalCheckFailed") => Reason::Condition(reason.item().cloned()),
                _ => Reason::Other,
            })
            .collect()
    })
}

#[cfg(test)]
mod tests;
