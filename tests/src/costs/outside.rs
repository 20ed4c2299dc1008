//! What functions reach beside the database: the management API and the queues.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use chat::Queued;
use serde_json::{Value, json};

/// SQS asks for a request for each 64 KB of a message.
const CHUNK_BYTES: usize = 64 * 1024;

/// What was asked of it since it was last looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// Frames that were posted.
    pub(super) pushed: u32,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Requests to SQS, as it bills them.
    pub(super) sqs: u32,
}

#[derive(Debug, Default)]
struct Record {
    asked: Asked,
    queued: Vec<Queued>,
}

/// Takes whatever it is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Record>>);

impl Outside {
    /// Where it is reached.
    pub(super) async fn listen(&self) -> String {
        let router = Router::new()
            .route("/live/@connections/{connection}", post(Self::push))
            .fallback(Self::queue)
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/live", listener.local_addr().expect("its address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    pub(super) fn take(&self) -> Asked {
        std::mem::take(&mut self.state().asked)
    }

    /// What was left to a queue.
    pub(super) fn take_queued(&self) -> Vec<Queued> {
        std::mem::take(&mut self.state().queued)
    }

    fn state(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn push(State(outside): State<Self>, frame: String) -> StatusCode {
        let asked = &mut outside.state().asked;
        asked.pushed += 1;
        asked.bytes += frame.len() as u64;
        StatusCode::OK
    }

    async fn queue(State(outside): State<Self>, body: String) -> Json<Value> {
        let request: Value = serde_json::from_str(&body).expect("a call is JSON");
        let text = |name: &str| request[name].as_str().expect("a call of SQS has it").to_owned();
        let body = text("MessageBody");
        let mut state = outside.state();
        let id = format!("m-{}", state.queued.len());
        state.asked.sqs += chunks(body.len());
        state.queued.push(Queued {
            queue: text("QueueUrl"),
            id,
            receipt: String::new(),
            receive_count: 1,
            body,
        });
        Json(json!({ "MessageId": "m", "MD5OfMessageBody": "d" }))
    }
}

/// Requests of SQS that a message of so many bytes is to it.
pub(super) fn chunks(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(CHUNK_BYTES)).expect("a message is short")
}
