//! The control endpoint: rules come and go, calls are listed, time passes.
//!
//! | call | |
//! |---|---|
//! | `GET /rules` | the rules in force, how often each was met, and what waits |
//! | `POST /rules` `{function?, operation?, table?, containing?, nth?, every?, probability?, count?, fault}` | `{id}` |
//! | `DELETE /rules` · `/rules/{id}` | takes them away; what they kept back passes first |
//! | `POST /seed` `{seed}` | from here on chance follows this |
//! | `GET /calls` · `DELETE /calls` | what each function called, and how often · forgets it |
//! | `GET /calls/latest` | when the latest of them came, and how long each took |
//! | `POST /advance` `{seconds}` | sockets are that much older, and that much longer silent |
//!
//! On loopback only, and JSON only: no web page can call it without being asked for permission.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Faults, Rule};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

pub(super) fn start(listener: TcpListener, faults: Arc<Faults>) {
    let router = Router::new()
        .route("/rules", get(list).post(add).delete(remove_all))
        .route("/rules/{id}", delete(remove))
        .route("/seed", post(seed))
        .route("/calls", get(calls).delete(forget))
        .route("/calls/latest", get(latest))
        .route("/advance", post(advance))
        .with_state(faults);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn list(State(faults): State<Arc<Faults>>) -> Json<Value> {
    Json(faults.lock().rules.iter().map(super::Active::describe).collect())
}

async fn add(State(faults): State<Arc<Faults>>, Json(rule): Json<Rule>) -> Response {
    match faults.add(rule) {
        Ok(id) => (StatusCode::CREATED, Json(json!({ "id": id }))).into_response(),
        Err(reason) => (StatusCode::BAD_REQUEST, reason).into_response(),
    }
}

async fn remove_all(State(faults): State<Arc<Faults>>) -> StatusCode {
    faults.remove(None).await;
    StatusCode::NO_CONTENT
}

async fn remove(State(faults): State<Arc<Faults>>, Path(id): Path<u64>) -> StatusCode {
    match faults.remove(Some(id)).await {
        0 => StatusCode::NOT_FOUND,
        _ => StatusCode::NO_CONTENT,
    }
}

async fn seed(State(faults): State<Arc<Faults>>, Json(Seed { seed }): Json<Seed>) -> StatusCode {
    faults.seed(seed);
    StatusCode::NO_CONTENT
}

async fn calls(State(faults): State<Arc<Faults>>) -> Json<Value> {
    Json(faults.calls().list())
}

async fn latest(State(faults): State<Arc<Faults>>) -> Json<Value> {
    Json(faults.calls().latest())
}

async fn forget(State(faults): State<Arc<Faults>>) -> StatusCode {
    faults.calls().forget();
    StatusCode::NO_CONTENT
}

async fn advance(
    State(faults): State<Arc<Faults>>,
    Json(Advance { seconds }): Json<Advance>,
) -> StatusCode {
    faults.clock.advance(Duration::from_secs(seconds));
    StatusCode::NO_CONTENT
}
