//! One call of AWS as it passes a proxy: who makes it, what it does, to what.

use http::HeaderMap;
use http::request::Parts;
use serde_json::Value;

use crate::template::STACK;

/// The operation of the management API that sends a frame.
pub(super) const POST: &str = "PostToConnection";
/// The end of a connection, told to its function.
pub(super) const DISCONNECT: &str = "$disconnect";

/// A call on its way.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The function, by its logical id, and which of its processes.
    pub(super) caller: Option<(String, u64)>,
    /// As AWS calls it: `UpdateItem`.
    pub(super) operation: String,
    /// What it needs the permission for: the action, and the table's logical id.
    pub(super) touches: Vec<(String, String)>,
    /// Everything that it says.
    pub(super) text: String,
}

impl Call {
    pub(super) fn of_database(parts: &Parts, request: &Value) -> Self {
        let target = header(&parts.headers, "x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let touches = touches(&operation, request);
        Self { caller: caller(&parts.headers), operation, touches, text: request.to_string() }
    }

    pub(super) fn of_management(parts: &Parts, body: &[u8]) -> Self {
        let operation = match parts.method {
            http::Method::POST => POST,
            http::Method::DELETE => "DeleteConnection",
            _ => "GetConnection",
        };
        let text = format!("{} {}", parts.uri.path(), String::from_utf8_lossy(body));
        let touches = vec![("execute-api:ManageConnections".to_owned(), String::new())];
        Self { caller: caller(&parts.headers), operation: operation.to_owned(), touches, text }
    }

    pub(super) fn of_disconnect(connection: &str) -> Self {
        let operation = DISCONNECT.to_owned();
        Self { caller: None, operation, touches: Vec::new(), text: connection.to_owned() }
    }

    pub(super) fn is_post(&self) -> bool {
        self.operation == POST
    }

    pub(super) fn is_database(&self) -> bool {
        self.touches.iter().any(|(action, _)| action.starts_with("dynamodb:"))
    }
}

/// Whose process calls, by its [`crate::ids::access_key_id`].
fn caller(headers: &HeaderMap) -> Option<(String, u64)> {
    let (_, scope) = header(headers, "authorization")?.split_once("Credential=")?;
    let (function, instance) = scope.split('/').next()?.rsplit_once('-')?;
    Some((function.to_owned(), instance.parse().ok()?))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Actions and tables, once each. A transaction needs the permissions of what it is made of.
fn touches(operation: &str, request: &Value) -> Vec<(String, String)> {
    let whole = |table: &str| (format!("dynamodb:{operation}"), logical(table));
    let mut touches: Vec<_> = match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = request.get("RequestItems").and_then(Value::as_object);
            tables.into_iter().flat_map(|tables| tables.keys()).map(|table| whole(table)).collect()
        }
        "TransactWriteItems" | "TransactGetItems" => parts_of(request)
            .map(|(kind, part)| {
                let action = match kind {
                    "ConditionCheck" => "dynamodb:ConditionCheckItem".to_owned(),
                    kind => format!("dynamodb:{kind}Item"),
                };
                (action, logical(table_of(part)))
            })
            .collect(),
        _ => vec![whole(table_of(request))],
    };
    touches.sort();
    touches.dedup();
    touches
}

/// The parts of a transaction: `Put`, `Update`, `Delete`, `ConditionCheck` or `Get`, and what.
pub(super) fn parts_of(request: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let items = request.get("TransactItems").and_then(Value::as_array);
    let parts = items.into_iter().flatten().filter_map(Value::as_object);
    parts.flatten().map(|(kind, part)| (kind.as_str(), part))
}

pub(super) fn table_of(request: &Value) -> &str {
    request.get("TableName").and_then(Value::as_str).unwrap_or_default()
}

/// `ChatTable` of `banter-ChatTable`.
fn logical(table: &str) -> String {
    table.strip_prefix(STACK).and_then(|rest| rest.strip_prefix('-')).unwrap_or(table).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_tells_who_makes_it_and_what_it_touches() {
        let put = json!({ "Put": { "TableName": "banter-ChatTable", "Item": {} } });
        let check = json!({ "ConditionCheck": { "TableName": "banter-EphemeralTable" } });
        for (operation, request, expected) in [
            (
                "UpdateItem",
                json!({ "TableName": "banter-ChatTable" }),
                vec![("dynamodb:UpdateItem", "ChatTable")],
            ),
            (
                "BatchGetItem",
                json!({ "RequestItems": { "banter-ChatTable": {}, "other": {} } }),
                vec![("dynamodb:BatchGetItem", "ChatTable"), ("dynamodb:BatchGetItem", "other")],
            ),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [put, put, check] }),
                vec![
                    ("dynamodb:ConditionCheckItem", "EphemeralTable"),
                    ("dynamodb:PutItem", "ChatTable"),
                ],
            ),
        ] {
            let key = crate::ids::access_key_id("Messages", 3);
            let credential = format!("AWS4-HMAC-SHA256 Credential={key}/20260131/us-east-1/x");
            let parts = http::Request::builder()
                .header("authorization", format!("{credential}/aws4_request, Signature=0"))
                .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
                .body(())
                .unwrap()
                .into_parts()
                .0;
            let call = Call::of_database(&parts, &request);
            assert_eq!(call.caller, Some(("Messages".to_owned(), 3)));
            assert_eq!(call.operation, operation);
            let touches: Vec<_> = call
                .touches
                .iter()
                .map(|(action, table)| (action.as_str(), table.as_str()))
                .collect();
            assert_eq!(touches, expected);
        }
    }
}
