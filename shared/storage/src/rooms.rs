//! Room heads, and the rooms of one user.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{Message, ReadMark, Room, RoomId, Seq, Standing, UserId};
use jiff::Timestamp;

use crate::client::Call as _;
use crate::item::room::PreviewItem;
use crate::item::{self, Row};
use crate::query::{Direction, Read, Stretch};
use crate::transaction::millis;
use crate::{Error, Store, key};

/// A room and one user's place in it, as far as there is either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomAndStanding {
    /// `None` if there is no such room, or it was deleted.
    pub room: Option<Room>,
    /// `None` if the user is no member.
    pub standing: Option<Standing>,
}

/// What became of a reading mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkRead {
    /// It moved forward.
    Advanced,
    /// It was further already: another device of the user was quicker.
    AlreadyPast(Standing),
    /// The user is no member.
    NotAMember,
}

impl Store {
    /// The room, and the place of `user` in it: the load step of nearly every operation.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn room_and_standing(
        &self,
        room: RoomId,
        user: UserId,
    ) -> Result<RoomAndStanding, Error> {
        let mut found = self.rooms_and_standings(user, &[room]).await?;
        Ok(found.remove(&room).unwrap_or(RoomAndStanding { room: None, standing: None }))
    }

    /// The same for several rooms at once; one entry for each of `rooms`. Strong reads.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn rooms_and_standings(
        &self,
        user: UserId,
        rooms: &[RoomId],
    ) -> Result<HashMap<RoomId, RoomAndStanding>, Error> {
        let keys =
            rooms.iter().flat_map(|room| [key::head(*room), key::my_room(user, *room)]).collect();
        let rows = self.batch("read rooms", &self.tables.chat, keys, Read::Strong).await?;
        let nothing = RoomAndStanding { room: None, standing: None };
        let mut found: HashMap<_, _> = rooms.iter().map(|room| (*room, nothing.clone())).collect();
        for row in rows {
            if key::user_of(&row).is_some() {
                let standing = item::room::standing(row)?;
                if let Some(entry) = found.get_mut(&standing.membership.room_id) {
                    entry.standing = Some(standing);
                }
            } else if let Some(room) = item::room::room(row)?
                && let Some(entry) = found.get_mut(&room.id)
            {
                entry.room = Some(room);
            }
        }
        Ok(found)
    }

    /// These rooms as they are now, without those that are gone.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn rooms_now(&self, rooms: &[RoomId]) -> Result<Vec<Room>, Error> {
        let keys = rooms.iter().map(|room| key::head(*room)).collect();
        let rows = self.batch("read rooms", &self.tables.chat, keys, Read::Strong).await?;
        rows.into_iter().filter_map(|row| item::room::room(row).transpose()).collect()
    }

    /// These rooms as they were a moment ago, without those that are gone.
    ///
    /// A room too new for the cheap read is read again strongly.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn rooms(&self, rooms: &[RoomId]) -> Result<Vec<Room>, Error> {
        const OPERATION: &str = "read rooms";
        let keys = |rooms: &[RoomId]| rooms.iter().map(|room| key::head(*room)).collect();
        let mut rows =
            self.batch(OPERATION, &self.tables.chat, keys(rooms), Read::Eventual).await?;
        if rows.len() < rooms.len() {
            let found: HashSet<_> = rows.iter().filter_map(key::room_of).collect();
            let missing: Vec<_> =
                rooms.iter().filter(|room| !found.contains(room)).copied().collect();
            rows.extend(
                self.batch(OPERATION, &self.tables.chat, keys(&missing), Read::Strong).await?,
            );
        }
        rows.into_iter().filter_map(|row| item::room::room(row).transpose()).collect()
    }

    /// One room, read strongly.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn room(&self, room: RoomId) -> Result<Option<Room>, Error> {
        let row = self.chat_row("read a room", key::head(room), Read::Strong).await?;
        row.map_or(Ok(None), item::room::room)
    }

    /// Every place that `user` has, in no order. Costs by the number of rooms: 8 rows to a unit.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn standings(&self, user: UserId) -> Result<Vec<Standing>, Error> {
        let stretch = Stretch::prefixed(key::user(user), key::MY_ROOMS);
        let rows = self
            .stretch(
                "list a user's rooms",
                &stretch,
                Direction::Ascending,
                usize::MAX,
                Read::Strong,
            )
            .await?;
        rows.into_iter().map(item::room::standing).collect()
    }

    /// The room of private messages of these two, if they have one.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn pair_room(&self, one: UserId, other: UserId) -> Result<Option<RoomId>, Error> {
        let row = self.chat_row("read a pair", key::pair(one, other), Read::Strong).await?;
        let Some(row) = row else { return Ok(None) };
        let text = row.get("room_id").and_then(|value| value.as_s().ok());
        text.map(|text| item::parsed("pair", text)).transpose()
    }

    /// Moves a reading mark forward, never backward.
    ///
    /// Two devices of one user race here all day: the condition, not the caller, decides.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn mark_read(
        &self,
        room: RoomId,
        user: UserId,
        mark: ReadMark,
        now: Timestamp,
    ) -> Result<MarkRead, Error> {
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::my_room(user, room).map()))
            .update_expression("SET last_read_seq = :seq, read_count = :count, last_seen_at = :now")
            .condition_expression("attribute_exists(pk) AND last_read_seq < :seq")
            .expression_attribute_values(":seq", number(mark.seq.get()))
            .expression_attribute_values(":count", number(mark.read_count))
            .expression_attribute_values(":now", millis(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .call(&self.client)
            .await;
        match updated {
            Ok(_) => Ok(MarkRead::Advanced),
            Err(error) => match error.as_service_error() {
                // The old row tells a mark already past `seq` from a user who is no member.
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    match refused.item() {
                        Some(row) => item::room::standing(row.clone()).map(MarkRead::AlreadyPast),
                        None => Ok(MarkRead::NotAMember),
                    }
                }
                _ => Err(Error::unavailable("move a reading mark", error)),
            },
        }
    }

    /// Sets whether a member wants notifications. `false` if the user is no member.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn set_muted(&self, room: RoomId, user: UserId, muted: bool) -> Result<bool, Error> {
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::my_room(user, room).map()))
            .update_expression("SET muted = :muted")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":muted", AttributeValue::Bool(muted))
            .call(&self.client)
            .await;
        unless_refused("mute a room", updated)
    }

    /// Counts the sender's own message as read, if they had read everything before it.
    ///
    /// Where something before it is unread this changes nothing: the count may then be one too many
    /// until the room is read, and never hides what somebody else wrote at the same moment.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn mark_sent(
        &self,
        room: RoomId,
        sender: UserId,
        mark: ReadMark,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::my_room(sender, room).map()))
            .update_expression("SET last_read_seq = :seq, read_count = :count, last_seen_at = :now")
            .condition_expression("read_count = :before AND last_read_seq < :seq")
            .expression_attribute_values(":seq", number(mark.seq.get()))
            .expression_attribute_values(":count", number(mark.read_count))
            .expression_attribute_values(":before", number(mark.read_count.saturating_sub(1)))
            .expression_attribute_values(":now", millis(now))
            .call(&self.client)
            .await;
        unless_refused("count an own message", updated)
    }

    /// Shows `message` in the room's head where `shown` is shown now, or nothing.
    ///
    /// Where they are the same message, a version of it gives way only to a later one: of two changes
    /// at once the later one's text stays, whichever comes here last.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn replace_preview(
        &self,
        room: RoomId,
        shown: Seq,
        message: Option<&Message>,
    ) -> Result<bool, Error> {
        let condition = match message {
            Some(message) if message.seq == shown => {
                "preview_seq = :shown AND \
                 (attribute_not_exists(preview_version) OR preview_version < :version)"
            }
            _ => "preview_seq = :shown",
        };
        let update = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::head(room).map()))
            .condition_expression(condition)
            .expression_attribute_values(":shown", number(shown.get()));
        let update = match message {
            None => update.update_expression("REMOVE preview, preview_seq, preview_version"),
            Some(message) => {
                let item: Row = serde_dynamo::to_item(PreviewItem::from(&message.preview()))
                    .map_err(|error| Error::corrupt("preview", error))?;
                update
                    .update_expression(
                        "SET preview = :preview, preview_seq = :seq, preview_version = :version",
                    )
                    .expression_attribute_values(":preview", AttributeValue::M(item))
                    .expression_attribute_values(":seq", number(message.seq.get()))
                    .expression_attribute_values(":version", number(message.version))
            }
        };
        unless_refused("show another preview", update.call(&self.client).await)
    }

    /// Sets the number of members as counted after the change numbered `as_of`, unless a later
    /// change has been counted already. Gives what it was before; `None` if it was left as it is.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn set_member_count(
        &self,
        room: RoomId,
        count: u64,
        as_of: u64,
    ) -> Result<Option<u64>, Error> {
        const OPERATION: &str = "count members";
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::head(room).map()))
            .update_expression("SET member_count = :count, member_count_seq = :seq")
            .condition_expression(
                "attribute_exists(pk) AND (attribute_not_exists(member_count_seq) OR member_count_seq < :seq)",
            )
            .expression_attribute_values(":count", number(count))
            .expression_attribute_values(":seq", number(as_of))
            .return_values(ReturnValue::UpdatedOld)
            .call(&self.client)
            .await;
        match updated {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default().remove("member_count");
                let before = before.as_ref().and_then(|count| count.as_n().ok());
                let before = before.and_then(|count| count.parse().ok());
                before.map(Some).ok_or_else(|| Error::corrupt("room", "it has no member count"))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(Error::unavailable(OPERATION, error)),
            },
        }
    }
}

/// A number as DynamoDB has it.
pub(crate) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Whether an update's condition held.
pub(crate) fn unless_refused<T, R>(
    operation: &'static str,
    updated: Result<T, aws_sdk_dynamodb::error::SdkError<UpdateItemError, R>>,
) -> Result<bool, Error>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match updated {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(Error::unavailable(operation, error)),
        },
    }
}

#[cfg(test)]
mod tests;
