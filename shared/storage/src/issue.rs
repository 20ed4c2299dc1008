//! Issuing the numbers of a room's log: one update of its head, outside of any transaction where a
//! message is sent. The head is the only row that many writers touch.

use std::iter;
use std::sync::LazyLock;
use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{PACE_MESSAGES, Preview, Rate, Room, RoomId, members_settled_before};
use jiff::Timestamp;

use crate::client::Call as _;
use crate::item::room::PreviewItem;
use crate::item::{self, Row};
use crate::pace::{ATTEMPTS, over_at, paced};
use crate::rooms::number;
use crate::transaction::millis;
use crate::{Error, Store, key};

/// Sets when the last messages were sent, from `s0`, the newest, to the one that [`Room::pace_since`]
/// is: each takes the next one's place. An update reads everything as it was before, so this shifts
/// them all by one and costs nothing. Their names are short because a head over 1 KB would cost twice.
static SENT: LazyLock<String> = LazyLock::new(|| {
    let older = (1..=PACE_MESSAGES).map(|n| format!(", s{n} = if_not_exists(s{}, :never)", n - 1));
    iter::once("s0 = :now".to_owned()).chain(older).collect()
});

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

impl Store {
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
        let update = UpdateItemInput::builder()
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
                     preview_version = :one, preview = :preview, {}",
                    *SENT
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
            let error = match paced(update.clone(), &set, Some(&condition), step)
                .call(&self.client)
                .await
            {
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
}

#[cfg(test)]
mod tests;
