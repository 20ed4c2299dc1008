//! The HTTP side: the AWS JSON protocol 1.0, as far as functions and tests use it.
//!
//! A call or parameter that is not known is refused: what was ignored here would be found missing
//! only on AWS.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Queues;

mod calls;
mod error;
mod requests;

use self::error::SqsError;

/// A request is at most one message or batch of 1 MiB, and what JSON makes of it.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn router(queues: Queues) -> Router {
    Router::new()
        .fallback(serve)
        .layer(axum::extract::DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(queues)
}

async fn serve(State(queues): State<Queues>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let call = target.and_then(|target| target.strip_prefix("AmazonSQS.")).unwrap_or_default();
    let answer = answer(&queues, call, &body).await;
    let (status, body, error) = match answer {
        Ok(answer) => (StatusCode::OK, answer, None),
        Err(error) => {
            tracing::debug!("{call} is refused: {error:?}");
            (StatusCode::BAD_REQUEST, error.body(), HeaderValue::from_str(&error.query()).ok())
        }
    };
    let json = [("content-type", "application/x-amz-json-1.0")];
    let mut response = (status, json, body.to_string()).into_response();
    if let Some(error) = error {
        response.headers_mut().insert("x-amzn-query-error", error);
    }
    response
}

async fn answer(queues: &Queues, call: &str, body: &[u8]) -> Result<Value, SqsError> {
    match call {
        "SendMessage" => calls::send_message(queues, read(body)?),
        "SendMessageBatch" => calls::send_message_batch(queues, read(body)?),
        "ReceiveMessage" => calls::receive_message(queues, read(body)?).await,
        "DeleteMessage" => calls::delete_message(queues, &read(body)?),
        "DeleteMessageBatch" => calls::delete_message_batch(queues, read(body)?),
        "ChangeMessageVisibility" => calls::change_message_visibility(queues, &read(body)?),
        "GetQueueAttributes" => calls::get_queue_attributes(queues, &read(body)?),
        _ => Err(SqsError::Unsupported(call.to_owned())),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, SqsError> {
    serde_json::from_slice(body).map_err(|error| SqsError::InvalidParameter(error.to_string()))
}

#[cfg(test)]
mod tests;
