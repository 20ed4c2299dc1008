//! Reading rows: batches and pages, with what DynamoDB left undone asked for again.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::future::try_join_all;

use crate::client::Call as _;
use crate::item::Row;
use crate::key::{Key, PK, SK};
use crate::{Error, Store};

/// Most keys in one `BatchGetItem`.
const BATCH_KEYS: usize = 100;

/// How a read relates to the writes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// Sees every write that was acknowledged; twice the price.
    Strong,
    /// May miss the last second.
    Eventual,
}

/// A stretch of one partition, sort keys included at both ends.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) pk: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Stretch {
    /// The whole partition, where sort keys begin with a name or an identifier.
    pub(crate) fn whole(pk: String) -> Self {
        // A tab sorts before both; DynamoDB refuses an empty string.
        Self { from: "\t".to_owned(), ..Self::prefixed(pk, "") }
    }

    /// Every sort key that begins with `prefix`.
    pub(crate) fn prefixed(pk: String, prefix: &str) -> Self {
        // U+10FFFF sorts after every character that a key may hold.
        Self { pk, from: prefix.to_owned(), to: format!("{prefix}\u{10FFFF}") }
    }
}

impl Store {
    /// The rows at these keys of one table, in no order, without those that are not there.
    pub(crate) async fn batch(
        &self,
        operation: &'static str,
        table: &str,
        keys: Vec<Key>,
        read: Read,
    ) -> Result<Vec<Row>, Error> {
        let chunks = keys.chunks(BATCH_KEYS).map(|chunk| {
            let keys = chunk.iter().cloned().map(Key::map).collect();
            self.batch_chunk(operation, table, keys, read)
        });
        Ok(try_join_all(chunks).await?.into_iter().flatten().collect())
    }

    async fn batch_chunk(
        &self,
        operation: &'static str,
        table: &str,
        keys: Vec<Row>,
        read: Read,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut wanted = HashMap::from([(table.to_owned(), keys_of(operation, keys, read)?)]);
        // Each round brings at least one row or an error, so this ends.
        while !wanted.is_empty() {
            let answer = BatchGetItemInput::builder()
                .set_request_items(Some(wanted))
                .call(&self.client)
                .await
                .map_err(|error| Error::unavailable(operation, error))?;
            rows.extend(answer.responses.unwrap_or_default().into_values().flatten());
            wanted = answer.unprocessed_keys.unwrap_or_default();
        }
        Ok(rows)
    }

    /// At most `limit` rows of a stretch of the chat table, in order or newest first.
    pub(crate) async fn stretch(
        &self,
        operation: &'static str,
        stretch: &Stretch,
        direction: Direction,
        limit: usize,
        read: Read,
    ) -> Result<Vec<Row>, Error> {
        self.stretch_of(operation, &self.tables.chat, stretch, direction, limit, read).await
    }

    /// The same of any table.
    pub(crate) async fn stretch_of(
        &self,
        operation: &'static str,
        table: &str,
        stretch: &Stretch,
        direction: Direction,
        limit: usize,
        read: Read,
    ) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        let mut start = None;
        while rows.len() < limit {
            let missing = i32::try_from(limit - rows.len()).unwrap_or(i32::MAX);
            let answer = QueryInput::builder()
                .table_name(table)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK)
                .expression_attribute_values(":pk", AttributeValue::S(stretch.pk.clone()))
                .expression_attribute_values(":from", AttributeValue::S(stretch.from.clone()))
                .expression_attribute_values(":to", AttributeValue::S(stretch.to.clone()))
                .scan_index_forward(direction == Direction::Ascending)
                .consistent_read(read == Read::Strong)
                .limit(missing)
                .set_exclusive_start_key(start)
                .call(&self.client)
                .await
                .map_err(|error| Error::unavailable(operation, error))?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// The row at `key` of the chat table.
    pub(crate) async fn chat_row(
        &self,
        operation: &'static str,
        key: Key,
        read: Read,
    ) -> Result<Option<Row>, Error> {
        let answer = GetItemInput::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key.map()))
            .consistent_read(read == Read::Strong)
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable(operation, error))?;
        Ok(answer.item)
    }
}

/// Which end of a stretch comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// The request for these keys of one table.
pub(crate) fn keys_of(
    operation: &'static str,
    keys: Vec<Row>,
    read: Read,
) -> Result<KeysAndAttributes, Error> {
    KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(read == Read::Strong)
        .build()
        .map_err(|error| Error::Unavailable { operation, source: Box::new(error) })
}
