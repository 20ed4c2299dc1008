//! Signed-in devices: one row each, with the hash of the one refresh token that is good now.

use std::time::Duration;

use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::UserId;
use jiff::Timestamp;
use uuid::Uuid;

use crate::client::Call as _;
use crate::{Error, Store, item, key};

/// In the place of a hash: no secret is good any more. The row of an ended session stays until it
/// expires, so that whoever ends it again still learns whose it was.
pub(crate) const ENDED: &str = "";

/// How long after a refresh the same one is answered again. No answer is under way for longer.
pub const REFRESH_GRACE: Duration = Duration::from_secs(30);

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names it in tokens.
    pub id: Uuid,
    /// Who signed in.
    pub user_id: UserId,
    /// Of the refresh token's secret.
    pub secret_hash: String,
    /// When they signed in. What their user signed in by before a [revocation](Store::revoke) is void.
    pub opened_at: Timestamp,
    /// When it ends unless it is used, in whole seconds.
    pub expires_at: Timestamp,
}

/// What became of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotateSession {
    /// The new secret is the good one.
    Rotated(UserId),
    /// The secret was the good one until a moment ago: whoever used it may not have got the answer.
    Repeated,
    /// The session is there, and the secret is not the good one: it was used before.
    Replayed,
    /// The session ended.
    Ended,
}

impl Store {
    /// Writes a new session.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn open_session(&self, session: &Session) -> Result<(), Error> {
        PutItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(item::session::session_row(session)?))
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("open a session", error))?;
        Ok(())
    }

    /// A session that was not ended. It may have expired, and be rotated or ended in the next moment.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn session(&self, id: Uuid) -> Result<Option<Session>, Error> {
        let answer = GetItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::session(id).map()))
            .consistent_read(true)
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("read a session", error))?;
        let session = answer.item.map(|row| item::session::session(id, row)).transpose()?;
        Ok(session.filter(|session| session.secret_hash != ENDED))
    }

    /// Makes the secret behind `new_hash` the good one of a session, in the place of the one behind
    /// `old_hash`.
    ///
    /// Two uses of one refresh token race here: the condition lets one through, and the other learns
    /// that it came second.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn rotate_session(
        &self,
        id: Uuid,
        old_hash: &str,
        new_hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<RotateSession, Error> {
        const OPERATION: &str = "rotate a session";
        let number = |time: Timestamp| AttributeValue::N(time.as_second().to_string());
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::session(id).map()))
            .update_expression(
                "SET secret_hash = :new, previous_hash = :old, rotated_at = :now, #expires_at = :expires_at",
            )
            // An expired row that DynamoDB has not swept yet is as good as none.
            .condition_expression("secret_hash = :old AND #expires_at > :now")
            .expression_attribute_names("#expires_at", key::EXPIRES_AT)
            .expression_attribute_values(":old", AttributeValue::S(old_hash.to_owned()))
            .expression_attribute_values(":new", AttributeValue::S(new_hash.to_owned()))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":expires_at", number(expires_at))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .call(&self.client)
            .await;
        let (row, is_rotated) = match updated {
            Ok(answer) => (answer.attributes, true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    (refused.item().cloned(), false)
                }
                _ => return Err(Error::unavailable(OPERATION, error)),
            },
        };
        let Some(row) = row else {
            return Ok(RotateSession::Ended);
        };
        let previous = item::session::previous(row.clone())?;
        let session = item::session::session(id, row)?;
        Ok(if session.expires_at <= now || session.secret_hash == ENDED {
            RotateSession::Ended
        } else if session.secret_hash == new_hash && is_rotated {
            RotateSession::Rotated(session.user_id)
        } else if session.secret_hash == new_hash && is_recent(previous, old_hash, now) {
            // Also a first attempt whose answer was lost and that the SDK repeated.
            RotateSession::Repeated
        } else {
            RotateSession::Replayed
        })
    }

    /// Ends a session, and says whose it was; none if there is no such session. Its refresh token is
    /// dead. Ending it again changes nothing and says the same.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn end_session(&self, id: Uuid) -> Result<Option<UserId>, Error> {
        let updated = UpdateItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::session(id).map()))
            .update_expression("SET secret_hash = :ended")
            // An update makes the row that it does not find.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":ended", AttributeValue::S(ENDED.to_owned()))
            .return_values(ReturnValue::AllNew)
            .call(&self.client)
            .await;
        match updated {
            Ok(answer) => {
                let row = answer.attributes.unwrap_or_default();
                Ok(Some(item::session::session(id, row)?.user_id))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
                _ => Err(Error::unavailable("end a session", error)),
            },
        }
    }
}

/// Whether the session was rotated away from `old_hash` a moment ago.
fn is_recent(previous: Option<(String, Timestamp)>, old_hash: &str, now: Timestamp) -> bool {
    previous.is_some_and(|(hash, rotated_at)| {
        hash == old_hash && now < rotated_at.saturating_add(REFRESH_GRACE).unwrap_or(Timestamp::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    fn session(id: Uuid, user_id: UserId) -> Session {
        let secret_hash = "one".to_owned();
        Session { id, user_id, secret_hash, opened_at: at(1), expires_at: at(100) }
    }

    #[tokio::test]
    async fn a_secret_is_good_once() {
        let store = testing::store().await;
        let (id, user_id) = (Uuid::from_u128(1), UserId::new(Uuid::from_u128(2)));
        let session = session(id, user_id);
        store.open_session(&session).await.unwrap();
        let rotate = async |old, new, now| {
            store.rotate_session(id, old, new, at(now), at(200)).await.unwrap()
        };

        let (left, right) = tokio::join!(rotate("one", "two", 10), rotate("one", "too", 10));
        let mut outcomes = [left, right];
        outcomes.sort_by_key(|outcome| *outcome == RotateSession::Replayed);
        assert_eq!(outcomes, [RotateSession::Rotated(user_id), RotateSession::Replayed]);
        assert_eq!(rotate("one", "three", 10).await, RotateSession::Replayed);

        let found = store.session(id).await.unwrap().map(|one| (one.user_id, one.opened_at));
        assert_eq!(found, Some((user_id, at(1))));
        for _ in 0..2 {
            assert_eq!(store.end_session(id).await.unwrap(), Some(user_id));
            assert_eq!(store.session(id).await.unwrap(), None);
            for secret in ["one", "two", "too"] {
                assert_eq!(rotate(secret, "three", 10).await, RotateSession::Ended);
            }
        }
        assert_eq!(store.end_session(Uuid::from_u128(3)).await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_expired_row_is_none_though_it_is_there() {
        let store = testing::store().await;
        let (id, user_id) = (Uuid::from_u128(1), UserId::new(Uuid::from_u128(2)));
        let session = session(id, user_id);
        store.open_session(&session).await.unwrap();
        let rotate =
            async |now| store.rotate_session(id, "one", "two", at(now), at(200)).await.unwrap();
        assert_eq!(rotate(100).await, RotateSession::Ended);
        assert_eq!(rotate(99).await, RotateSession::Rotated(user_id));
        // The same attempt again, as the SDK makes it when an answer is lost, or the client.
        for now in [99, 128] {
            assert_eq!(rotate(now).await, RotateSession::Repeated);
        }
        assert_eq!(rotate(129).await, RotateSession::Replayed);
        let next = store.rotate_session(id, "two", "three", at(130), at(300)).await.unwrap();
        assert_eq!(next, RotateSession::Rotated(user_id));
        assert_eq!(rotate(131).await, RotateSession::Replayed, "it is two generations old");
    }
}
