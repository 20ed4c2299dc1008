//! Transactions: what they are made of, and why one did not happen.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsInputBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsError, TransactWriteItemsInput,
};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use uuid::Uuid;

use crate::client::Call as _;
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
            return match once(writes.clone()).call(&self.client).await {
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

/// A transaction under a token of its own: if it is asked for again because an answer was lost, what
/// was committed before answers as a success.
pub(crate) fn once(writes: Vec<TransactWriteItem>) -> TransactWriteItemsInputBuilder {
    let token = Uuid::now_v7().to_string();
    let transaction = TransactWriteItemsInput::builder().set_transact_items(Some(writes));
    transaction.client_request_token(token)
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
