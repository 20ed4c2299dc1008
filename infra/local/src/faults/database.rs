//! The proxy before the database.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::call::{Call, parts_of, table_of};
use super::past::{Past, key_of};
use super::proxy::{self, Answer, Upstream};
use super::rule::Fault;
use super::{Faults, Keys, answer};
use crate::template::Table;

struct Database {
    faults: Arc<Faults>,
    upstream: Upstream,
    keys: Keys,
    past: Mutex<Past>,
}

/// A request of the database, read.
struct Asked<'a> {
    parts: Parts,
    body: Bytes,
    request: Value,
    call: &'a Call,
}

pub(super) fn start(listener: TcpListener, faults: Arc<Faults>, address: &str, tables: &[Table]) {
    let keys = tables.iter().map(|table| (table.name.clone(), key_names(&table.definition)));
    let upstream = Upstream::new(address.to_owned());
    let past = Mutex::default();
    let database = Arc::new(Database { faults, upstream, keys: keys.collect(), past });
    proxy::serve(listener, move |parts, body| Arc::clone(&database).handle(parts, body));
}

fn key_names(definition: &Value) -> Vec<String> {
    let schema = definition["KeySchema"].as_array().into_iter().flatten();
    schema.filter_map(|key| key["AttributeName"].as_str()).map(str::to_owned).collect()
}

impl Database {
    async fn handle(self: Arc<Self>, parts: Parts, body: Bytes) -> Answer {
        let request = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let call = Call::of_database(&parts, &request);
        self.faults.timed(&call, self.answer(Asked { parts, body, request, call: &call })).await
    }

    async fn answer(&self, asked: Asked<'_>) -> Answer {
        let Some(strike) = self.faults.strike(asked.call) else { return self.pass(&asked).await };
        match &strike.fault {
            Fault::Refuse(name) => Ok(answer::refusal(name, parts_of(&asked.request).count())),
            Fault::Unprocessed => self.pass_first(asked).await,
            Fault::Stale { ms, .. } => self.pass_stale(&asked, Duration::from_millis(*ms)).await,
            Fault::Omit { prefix } => self.pass_without(asked, prefix).await,
            _ => self.faults.around(asked.call, strike, self.pass(&asked)).await,
        }
    }

    async fn pass(&self, asked: &Asked<'_>) -> Answer {
        let written = written(&self.keys, &asked.call.operation, &asked.request);
        if written.is_empty() || !self.faults.looks_back() {
            return self.upstream.pass(&asked.parts, asked.body.clone()).await;
        }
        // Writes go one by one meanwhile, so that each finds what the one before it left.
        let mut past = self.past.lock().await;
        for (table, key) in written {
            let old = self.read(&asked.parts, &table, &key).await?;
            past.remember(&table, &key, old);
        }
        self.upstream.pass(&asked.parts, asked.body.clone()).await
    }

    async fn read(
        &self,
        parts: &Parts,
        table: &str,
        key: &Value,
    ) -> std::io::Result<Option<Value>> {
        let mut parts = parts.clone();
        let target = HeaderValue::from_static("DynamoDB_20120810.GetItem");
        parts.headers.insert("x-amz-target", target);
        let request = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        let answer = self.upstream.pass(&parts, request.to_string().into()).await?;
        let (_, mut answer) = opened(answer).await?;
        Ok(answer.get_mut("Item").map(Value::take))
    }

    async fn pass_stale(&self, asked: &Asked<'_>, by: Duration) -> Answer {
        let then = Instant::now().checked_sub(by).unwrap_or_else(Instant::now);
        let answer = self.pass(asked).await?;
        let (head, mut answer) = opened(answer).await?;
        let past = self.past.lock().await;
        past.rewrite(&self.keys, asked.call, &asked.request, &mut answer, then);
        Ok(closed(head, &answer))
    }

    /// Does the first item of a batch and gives the others back.
    async fn pass_first(&self, mut asked: Asked<'_>) -> Answer {
        let back = match asked.call.operation.as_str() {
            "BatchGetItem" => "UnprocessedKeys",
            _ => "UnprocessedItems",
        };
        let rest = split_off(&mut asked.request);
        asked.body = asked.request.to_string().into();
        let (head, mut answer) = opened(self.pass(&asked).await?).await?;
        answer[back] = rest;
        Ok(closed(head, &answer))
    }

    /// Lets a transaction pass without its puts of rows whose sort keys begin with `prefix`.
    async fn pass_without(&self, mut asked: Asked<'_>, prefix: &str) -> Answer {
        if let Some(items) = asked.request["TransactItems"].as_array_mut() {
            items.retain(|item| {
                let sort = self.keys.get(table_of(&item["Put"])).and_then(|keys| keys.get(1));
                let value = sort.and_then(|sort| item["Put"]["Item"][sort]["S"].as_str());
                !value.is_some_and(|value| value.starts_with(prefix))
            });
        }
        asked.body = asked.request.to_string().into();
        self.pass(&asked).await
    }
}

/// The rows that a call writes: tables and keys.
fn written(keys: &Keys, operation: &str, request: &Value) -> Vec<(String, Value)> {
    let named = |table: &str, row: &Value| (table.to_owned(), key_of(keys, table, row));
    match operation {
        "PutItem" => vec![named(table_of(request), &request["Item"])],
        "UpdateItem" | "DeleteItem" => vec![named(table_of(request), &request["Key"])],
        "TransactWriteItems" => parts_of(request)
            .filter(|(kind, _)| *kind != "ConditionCheck")
            .map(|(_, part)| named(table_of(part), part.get("Item").unwrap_or(&part["Key"])))
            .collect(),
        "BatchWriteItem" => {
            let tables = request["RequestItems"].as_object().into_iter().flatten();
            let writes = tables.flat_map(|(table, writes)| {
                writes.as_array().into_iter().flatten().map(move |write| (table, write))
            });
            let row = |write: &Value| match write.get("PutRequest") {
                Some(put) => put["Item"].clone(),
                None => write["DeleteRequest"]["Key"].clone(),
            };
            writes.map(|(table, write)| named(table, &row(write))).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes all but the first item out of a batch, as `UnprocessedKeys` or `UnprocessedItems`.
fn split_off(request: &mut Value) -> Value {
    let mut rest = Map::new();
    let mut kept = false;
    let tables = request["RequestItems"].as_object_mut();
    let Some(tables) = tables else { return Value::Object(rest) };
    tables.retain(|table, wanted| {
        // Keys lie in an object with what is wanted of them, writes in a bare list.
        let mut others = wanted.clone();
        let list = |value: &mut Value| -> Vec<Value> {
            let items = if value.is_array() { value } else { &mut value["Keys"] };
            items.as_array_mut().map(std::mem::take).unwrap_or_default()
        };
        let set = |value: &mut Value, items: Vec<Value>| {
            let place = if value.is_array() { value } else { &mut value["Keys"] };
            *place = items.into();
        };
        let mut items = list(wanted);
        let left = if kept { items.split_off(0) } else { items.split_off(items.len().min(1)) };
        let is_kept = !items.is_empty();
        kept |= is_kept;
        set(wanted, items);
        if !left.is_empty() {
            set(&mut others, left);
            rest.insert(table.clone(), others);
        }
        is_kept
    });
    Value::Object(rest)
}

type Opened = (http::response::Parts, Value);

async fn opened(answer: Response<Full<Bytes>>) -> std::io::Result<Opened> {
    let (head, body) = answer.into_parts();
    // It is in memory already, so this cannot fail.
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    Ok((head, serde_json::from_slice(&body)?))
}

fn closed(mut head: http::response::Parts, answer: &Value) -> Response<Full<Bytes>> {
    // It was made over another body.
    head.headers.remove("x-amz-crc32");
    Response::from_parts(head, Full::from(answer.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_first_item_are_given_back() {
        let (one, two) = (json!({ "pk": { "S": "1" } }), json!({ "pk": { "S": "2" } }));
        for (asked, done, back) in [
            (
                json!({ "t": { "ConsistentRead": true, "Keys": [one, two] } }),
                json!({ "t": { "ConsistentRead": true, "Keys": [one] } }),
                json!({ "t": { "ConsistentRead": true, "Keys": [two] } }),
            ),
            (
                json!({ "a": { "Keys": [one] }, "b": { "Keys": [two] } }),
                json!({ "a": { "Keys": [one] } }),
                json!({ "b": { "Keys": [two] } }),
            ),
            (
                json!({ "t": [{ "DeleteRequest": { "Key": one } }] }),
                json!({ "t": [{ "DeleteRequest": { "Key": one } }] }),
                json!({}),
            ),
        ] {
            let mut request = json!({ "RequestItems": asked });
            assert_eq!(split_off(&mut request), back);
            assert_eq!(request["RequestItems"], done);
        }
    }

    #[test]
    fn what_a_call_writes_is_known() {
        let keys = Keys::from([("t".to_owned(), vec!["pk".to_owned()])]);
        let row = json!({ "pk": { "S": "1" }, "text": { "S": "x" } });
        let key = json!({ "pk": { "S": "1" } });
        let expected = vec![("t".to_owned(), key.clone())];
        for (operation, request) in [
            ("PutItem", json!({ "TableName": "t", "Item": row })),
            ("UpdateItem", json!({ "TableName": "t", "Key": key })),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [
                    { "Put": { "TableName": "t", "Item": row } },
                    { "ConditionCheck": { "TableName": "t", "Key": key } },
                ] }),
            ),
            (
                "BatchWriteItem",
                json!({ "RequestItems": { "t": [{ "PutRequest": { "Item": row } }] } }),
            ),
        ] {
            assert_eq!(written(&keys, operation, &request), expected, "{operation}");
        }
        assert_eq!(written(&keys, "GetItem", &json!({ "TableName": "t", "Key": key })), []);
    }
}
