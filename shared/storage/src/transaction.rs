//! Transactions: what they are made of, and why one did not happen.

use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsInput,
};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;

use crate::item::Row;
use crate::{Error, Store};

/// The condition of a row that must not be there yet.
pub(crate) const ABSENT: &str = "attribute_not_exists(pk)";

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// All of it is written.
    Done,
    /// None of it: something was not as expected, or somebody else was at the same rows.
    Lost,
}

impl Store {
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

    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Commit, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            // The SDK tries again under the same token: what was committed before its answer was
            // lost answers again as a success.
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
}

/// Takes out the token that the SDK gives to every transaction, for one that a row of its own makes
/// known if it comes twice. DynamoDB would remember it for ten minutes, and the local one looks
/// through all that it remembers at each transaction.
#[derive(Debug)]
pub(crate) struct WithoutToken;

impl Intercept for WithoutToken {
    fn name(&self) -> &'static str {
        "WithoutToken"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(input) = context.input_mut().downcast_mut::<TransactWriteItemsInput>() {
            input.client_request_token = None;
        }
        Ok(())
    }
}

/// A time as DynamoDB has it: milliseconds since the epoch.
pub(crate) fn millis(at: Timestamp) -> AttributeValue {
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
mod tests {
    use std::sync::{Arc, Mutex};

    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;

    use super::*;
    use crate::samples::{message, open_room, start, user};
    use crate::testing;

    /// Of each transaction that is sent, whether it carries a token.
    #[derive(Debug, Clone, Default)]
    struct Tokens(Arc<Mutex<Vec<bool>>>);

    impl Intercept for Tokens {
        fn name(&self) -> &'static str {
            "Tokens"
        }

        fn read_before_transmit(
            &self,
            context: &BeforeTransmitInterceptorContextRef<'_>,
            _components: &RuntimeComponents,
            _config: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            let body = context.request().body().bytes().unwrap_or_default();
            let body = String::from_utf8_lossy(body);
            if body.contains("TransactItems") {
                self.0.lock().unwrap().push(body.contains("ClientRequestToken"));
            }
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_message_is_its_own_token_and_a_change_needs_one() {
        let store = testing::store().await;
        let tokens = Tokens::default();
        let config = store.client.config().to_builder().interceptor(tokens.clone()).build();
        let store = Store { client: Client::from_conf(config), ..store };
        let room = open_room(&store, &[user(1)]).await.id;
        assert_eq!(std::mem::take(&mut *tokens.0.lock().unwrap()), [true]);
        let (message, client_id) = (message(room, 3, "hello"), "c-1".parse().unwrap());
        for _ in 0..2 {
            let sent = store.append_message(&message, user(1), &client_id, "hash", start());
            assert_eq!(sent.await.unwrap(), crate::Appended::Stored);
        }
        assert_eq!(*tokens.0.lock().unwrap(), [false, false]);
    }
}
