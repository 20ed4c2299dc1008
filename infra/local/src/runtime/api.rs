//! The HTTP side of the runtime API, version 2018-06-01.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::Outcome;
use super::pool::{Pool, Refused};

/// 6 MiB and a hundred bytes, as Lambda counts.
const MAX_RESPONSE_BYTES: usize = 6_291_556;

type Pools = Arc<BTreeMap<String, Arc<Pool>>>;

pub(super) fn router(pools: Pools) -> Router {
    let base = "/{function}/{instance}/2018-06-01/runtime";
    Router::new()
        .route(&format!("{base}/invocation/next"), get(next))
        .route(&format!("{base}/invocation/{{id}}/response"), post(response))
        .route(&format!("{base}/invocation/{{id}}/error"), post(error))
        .route(&format!("{base}/init/error"), post(init_error))
        .with_state(pools)
}

async fn next(
    State(pools): State<Pools>,
    Path((function, instance)): Path<(String, u64)>,
) -> Response<Body> {
    let Some(pool) = pools.get(&function) else { return invalid_state() };
    let work = match pool.next(instance) {
        Ok(work) => work,
        Err(Refused::UnknownInstance | Refused::StillBusy) => return invalid_state(),
    };
    let Ok(job) = work.await else { return invalid_state() };
    let response = Response::builder()
        .header("Content-Type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", job.id)
        .header("Lambda-Runtime-Deadline-Ms", job.deadline_epoch_ms)
        .header("Lambda-Runtime-Invoked-Function-Arn", &pool.function.arn)
        .header("Lambda-Runtime-Trace-Id", crate::ids::trace())
        .body(Body::from(job.event));
    response.unwrap_or_else(|_| invalid_state())
}

async fn response(
    State(pools): State<Pools>,
    Path((function, instance, id)): Path<(String, u64, String)>,
    body: Body,
) -> Response<Body> {
    let Some(pool) = pools.get(&function) else { return invalid_request() };
    let Ok(body) = to_bytes(body, MAX_RESPONSE_BYTES).await else {
        let message =
            format!("Exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).");
        let outcome = Outcome::failed("Function.ResponseSizeTooLarge", &message);
        pool.answer(instance, &id, outcome);
        let error = json!({ "errorMessage": message, "errorType": "RequestEntityTooLarge" });
        return answer(StatusCode::PAYLOAD_TOO_LARGE, &error);
    };
    accepted(pool.answer(instance, &id, Outcome::Answered(body)))
}

async fn error(
    State(pools): State<Pools>,
    Path((function, instance, id)): Path<(String, u64, String)>,
    body: Body,
) -> Response<Body> {
    let Some(pool) = pools.get(&function) else { return invalid_request() };
    let body = to_bytes(body, MAX_RESPONSE_BYTES).await.unwrap_or_default();
    let error = serde_json::from_slice(&body).unwrap_or(Value::Null);
    accepted(pool.answer(instance, &id, Outcome::Failed(error)))
}

/// The process ends after this by itself, and its end is what counts.
async fn init_error(Path((function, _)): Path<(String, u64)>, body: Body) -> Response<Body> {
    let body = to_bytes(body, MAX_RESPONSE_BYTES).await.unwrap_or_default();
    tracing::error!("{function} failed to start: {}", String::from_utf8_lossy(&body));
    accepted(true)
}

fn accepted(known: bool) -> Response<Body> {
    if known { answer(StatusCode::ACCEPTED, &json!({ "status": "OK" })) } else { invalid_request() }
}

fn invalid_request() -> Response<Body> {
    let error = json!({ "errorMessage": "Invalid request ID", "errorType": "InvalidRequestID" });
    answer(StatusCode::BAD_REQUEST, &error)
}

fn invalid_state() -> Response<Body> {
    let error = json!({ "errorMessage": "State transition is not allowed", "errorType": "InvalidStateTransition" });
    answer(StatusCode::FORBIDDEN, &error)
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = axum::http::HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", json);
    response
}
