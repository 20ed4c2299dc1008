//! Changes of a room and its members: what the log tells of them and what they touch, all or nothing.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use domain::{
    Event, KEPT_EVENTS, Membership, Message, Room, RoomDetails, RoomId, Standing, UserId,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::item::room::{MembershipItem, MyRoomItem};
use crate::item::{self, Row};
use crate::rooms::number;
use crate::transaction::{Commit, built, millis, seconds_after};
use crate::{Error, Store, key, listing};

/// A day more than readers trust, so that an event is never swept under a reader's feet.
const EVENT_ROW_KEPT: Duration = Duration::from_secs(KEPT_EVENTS.as_secs() + 24 * 60 * 60);

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

/// What became of making a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It is there.
    Room,
    /// The pair has a room already.
    PairHas(RoomId),
}

impl Store {
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
        let item::message::NextVersion { set, remove } = item::message::next_version(message)?;
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
        Entry::Message(message) => item::message::message_row(message),
        Entry::Event(event) => {
            let seq = event.seq.ok_or_else(|| Error::corrupt("event", "it has no number"))?;
            let mut row = item::event::event_row(event, seq)?;
            let expires_at = AttributeValue::N(seconds_after(event.at, EVENT_ROW_KEPT).to_string());
            row.insert(key::EXPIRES_AT.to_owned(), expires_at);
            Ok(row)
        }
    }
}

#[cfg(test)]
mod tests;
