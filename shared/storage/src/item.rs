//! Rows as they are stored: the only serde of stored items, apart from domain and wire types.
//!
//! Times are milliseconds since the epoch, identifiers their canonical strings. A new attribute is
//! optional for ever: old rows do not have it.

pub(crate) mod event;
pub(crate) mod log;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod reaction;
pub(crate) mod room;
pub(crate) mod session;
pub(crate) mod subject;
pub(crate) mod user;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::key::Key;

/// A row as the SDK has it.
pub(crate) type Row = HashMap<String, AttributeValue>;

/// Who did something, by the name they had then.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuthorItem {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The row at `key` that holds `item`.
pub(crate) fn row(key: Key, what: &'static str, item: &impl Serialize) -> Result<Row, Error> {
    let mut row: Row = serde_dynamo::to_item(item).map_err(|error| Error::corrupt(what, error))?;
    row.extend(key.map());
    Ok(row)
}

/// The item in a row. Keys and attributes that the item does not name are passed over.
pub(crate) fn item<T: DeserializeOwned>(what: &'static str, row: Row) -> Result<T, Error> {
    serde_dynamo::from_item(row).map_err(|error| Error::corrupt(what, unquoted(&error)))
}

/// What is wrong with a row, without what is in it: serde quotes what it did not expect.
fn unquoted(error: &serde_dynamo::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected") {
        Some((_, expected)) => format!("another value, expected{expected}"),
        None => text,
    }
}

/// Parses an identifier or name that was valid when it was stored.
pub(crate) fn parsed<T: std::str::FromStr>(what: &'static str, text: &str) -> Result<T, Error> {
    text.parse()
        .map_err(|_| Error::corrupt(what, format!("not valid any more: {} bytes", text.len())))
}

/// A stored time.
pub(crate) fn time(what: &'static str, milliseconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| Error::corrupt(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrupt_row_is_not_quoted() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Regular,
        }
        #[derive(Debug, Deserialize)]
        struct Item {
            #[expect(dead_code, reason = "it is never read")]
            kind: Kind,
        }
        let canary = "a \"canary\", expected in the coal mine";
        let row = Row::from([("kind".to_owned(), AttributeValue::S(canary.to_owned()))]);
        // The control: by itself serde tells what it found.
        let quoted = serde_dynamo::from_item::<_, Item>(row.clone()).unwrap_err().to_string();
        assert!(quoted.contains("canary"), "{quoted}");
        let error = item::<Item>("message", row).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(source, "another value, expected `regular`");
    }
}
