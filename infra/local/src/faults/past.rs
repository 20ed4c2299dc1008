//! What rows were before they were written: how a read is answered late.
//!
//! Kept only while a rule asks for it. A row that was deleted since does not come back in a query;
//! an eventual read owes nobody that.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::Keys;
use super::call::{Call, table_of};

/// How far back one can look.
pub(super) const KEPT_MS: u64 = 60_000;

/// Whether the call reads rows, and may do so late: strong reads may not.
pub(super) fn is_read(call: &Call, strong: bool) -> bool {
    matches!(call.operation.as_str(), "GetItem" | "BatchGetItem" | "Query")
        && (strong || !call.text.contains(r#""ConsistentRead":true"#))
}

/// A row, by its table and its key as text.
type Name = (String, String);

/// Each row as it was, and when it ceased to be so, the latest last.
#[derive(Debug, Default)]
pub(super) struct Past(HashMap<Name, VecDeque<(Instant, Option<Value>)>>);

/// The attributes of `row` that are its key.
pub(super) fn key_of(keys: &Keys, table: &str, row: &Value) -> Value {
    let names = keys.get(table).into_iter().flatten();
    names.map(|name| (name.clone(), row[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

impl Past {
    pub(super) fn remember(&mut self, table: &str, key: &Value, old: Option<Value>) {
        let versions = self.0.entry((table.to_owned(), key.to_string())).or_default();
        versions.push_back((Instant::now(), old));
        let kept = Duration::from_millis(KEPT_MS);
        while versions.front().is_some_and(|(until, _)| until.elapsed() > kept) {
            versions.pop_front();
        }
    }

    /// The row as it was then; `None` if it is still so.
    fn at(&self, table: &str, key: &Value, then: Instant) -> Option<&Option<Value>> {
        let versions = self.0.get(&(table.to_owned(), key.to_string()))?;
        versions.iter().find(|(until, _)| *until > then).map(|(_, row)| row)
    }

    /// Turns the answer to a read into the one that it would have had then.
    pub(super) fn rewrite(
        &self,
        keys: &Keys,
        call: &Call,
        request: &Value,
        answer: &mut Value,
        then: Instant,
    ) {
        let table = table_of(request);
        match call.operation.as_str() {
            "GetItem" => match self.at(table, &key_of(keys, table, &request["Key"]), then) {
                Some(Some(old)) => answer["Item"] = old.clone(),
                Some(None) => drop(answer.as_object_mut().and_then(|answer| answer.remove("Item"))),
                None => {}
            },
            "Query" => {
                let Some(rows) = answer.get_mut("Items").and_then(Value::as_array_mut) else {
                    return;
                };
                rows.retain_mut(|row| match self.at(table, &key_of(keys, table, row), then) {
                    Some(Some(old)) => {
                        *row = old.clone();
                        true
                    }
                    Some(None) => false,
                    None => true,
                });
                answer["Count"] = json!(answer["Items"].as_array().map_or(0, Vec::len));
            }
            _ => {
                let tables = request.get("RequestItems").and_then(Value::as_object);
                for (table, wanted) in tables.into_iter().flatten() {
                    let Some(rows) = answer["Responses"][table].as_array_mut() else { continue };
                    for key in wanted["Keys"].as_array().into_iter().flatten() {
                        let key = key_of(keys, table, key);
                        let Some(old) = self.at(table, &key, then) else { continue };
                        rows.retain(|row| key_of(keys, table, row) != key);
                        rows.extend(old.clone());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Value {
        json!({ "pk": { "S": "a" }, "text": { "S": text } })
    }

    fn call(operation: &str, request: &Value) -> Call {
        let (touches, text) = (Vec::new(), request.to_string());
        Call { caller: None, operation: operation.to_owned(), touches, text }
    }

    #[test]
    fn a_read_is_answered_with_what_was_there() {
        let keys = Keys::from([("t".to_owned(), vec!["pk".to_owned()])]);
        let key = key_of(&keys, "t", &row("x"));
        let start = Instant::now();
        let mut past = Past::default();
        past.remember("t", &key, None);
        past.remember("t", &key, Some(row("first")));
        let get = json!({ "TableName": "t", "Key": key });
        let batch = json!({ "RequestItems": { "t": { "Keys": [key] } } });
        for (operation, request, now, then) in [
            ("GetItem", &get, json!({ "Item": row("second") }), json!({})),
            (
                "Query",
                &json!({ "TableName": "t" }),
                json!({ "Items": [row("second")], "Count": 1 }),
                json!({ "Items": [], "Count": 0 }),
            ),
            (
                "BatchGetItem",
                &batch,
                json!({ "Responses": { "t": [row("second")] } }),
                json!({ "Responses": { "t": [] } }),
            ),
        ] {
            let call = call(operation, request);
            let mut answer = now.clone();
            past.rewrite(&keys, &call, request, &mut answer, start);
            assert_eq!(answer, then, "{operation}");
            let mut answer = now.clone();
            past.rewrite(&keys, &call, request, &mut answer, Instant::now());
            assert_eq!(answer, now, "{operation}");
        }
    }

    #[test]
    fn strong_reads_are_never_late_unless_a_control_asks_for_it() {
        for (request, eventual, forced) in [
            (json!({ "TableName": "t" }), true, true),
            (json!({ "ConsistentRead": true }), false, true),
            (json!({ "RequestItems": { "t": { "ConsistentRead": true } } }), false, true),
        ] {
            let call = call("BatchGetItem", &request);
            assert_eq!((is_read(&call, false), is_read(&call, true)), (eventual, forced));
        }
        assert!(!is_read(&call("PutItem", &json!({})), true));
    }
}
