//! What the gateway's answer means, read as the SDK reads it: the status says too much, the error's
//! name says gone.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use crate::PostError;

/// Largest answer. An error is a name and a line of text.
const MAX_BYTES: usize = 64 * 1_024;

pub(crate) async fn read(answer: HttpResponse) -> Result<(), PostError> {
    let status = answer.status();
    let header = answer.headers().get("x-amzn-errortype").map(str::to_owned);
    // To its end, even if nobody wants to know it: then the connection can be used again.
    let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
    let body = body.map_err(PostError::Unreachable)?.to_bytes();
    if status.is_success() {
        return Ok(());
    }
    if status.as_u16() == 429 {
        return Err(PostError::TooMuch);
    }
    match name(header, &body) {
        Some(name) if name == "GoneException" => Err(PostError::Gone),
        name => Err(PostError::Refused { status: status.as_u16(), name: name.unwrap_or_default() }),
    }
}

/// The error's name: the header's before the body's, and neither if the body is not what errors have.
fn name(header: Option<String>, body: &[u8]) -> Option<String> {
    let body = match body {
        [] => Value::Null,
        body => serde_json::from_slice(body).ok().filter(Value::is_object)?,
    };
    let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    let full = header.or_else(|| text("code")).or_else(|| text("__type"))?;
    // Of `namespace#Name:address`.
    let name = full.split(':').next()?;
    Some(name.split_once('#').map_or(name, |(_, name)| name).to_owned())
}
