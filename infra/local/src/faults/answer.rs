//! Errors as AWS spells them.

use axum::body::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::call::Call;

/// What an error answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    /// Every call of the database.
    Database,
    /// A single write that met a transaction at the same item.
    Write,
    /// A transaction that met another at the same item.
    Transaction,
    /// A call of the management API.
    Management,
}

/// Name, what it answers, status. Throttling has one name and a status for each service.
const ERRORS: [(&str, To, u16); 10] = [
    ("ProvisionedThroughputExceededException", To::Database, 400),
    ("RequestLimitExceeded", To::Database, 400),
    ("ThrottlingException", To::Database, 400),
    ("InternalServerError", To::Database, 500),
    ("TransactionConflictException", To::Write, 400),
    ("TransactionCanceledException", To::Transaction, 400),
    ("GoneException", To::Management, 410),
    ("LimitExceededException", To::Management, 429),
    ("TooManyRequestsException", To::Management, 429),
    ("InternalServerErrorException", To::Management, 500),
];

pub(super) fn is_known(name: &str) -> bool {
    ERRORS.iter().any(|(known, ..)| *known == name)
}

/// The known errors, for whoever named another.
pub(super) fn names() -> String {
    ERRORS.map(|(name, ..)| name).join(", ")
}

/// Whether AWS answers such a call with this error.
pub(super) fn applies(name: &str, call: &Call) -> bool {
    let mut errors = ERRORS.iter().filter(|(known, ..)| *known == name);
    errors.any(|(_, to, _)| match to {
        To::Database => call.is_database(),
        To::Write => matches!(call.operation.as_str(), "PutItem" | "UpdateItem" | "DeleteItem"),
        To::Transaction => call.operation == "TransactWriteItems",
        To::Management => !call.is_database(),
    })
}

/// The error `name` as an answer to a call of `parts` parts.
pub(super) fn refusal(name: &str, parts: usize) -> Response<Full<Bytes>> {
    let known = ERRORS.iter().find(|(known, ..)| *known == name);
    let (to, status) = known.map_or((To::Database, 500), |(_, to, status)| (*to, *status));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let builder = Response::builder().status(status);
    let (builder, body) = if to == To::Management {
        // The header decides which error an SDK sees.
        (builder.header("x-amzn-errortype", name), String::new())
    } else {
        let mut body = json!({
            "__type": format!("com.amazonaws.dynamodb.v20120810#{name}"),
            "message": "a fault was wished for",
        });
        if to == To::Transaction {
            body["CancellationReasons"] = reasons(parts);
        }
        (builder.header("content-type", "application/x-amz-json-1.0"), body.to_string())
    };
    builder.body(Full::from(body)).unwrap_or_default()
}

/// One part is in the way, the others are not.
fn reasons(parts: usize) -> Value {
    let conflict = json!({
        "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item",
    });
    let others = std::iter::repeat_n(json!({ "Code": "None" }), parts.saturating_sub(1));
    std::iter::once(conflict).chain(others).collect()
}
