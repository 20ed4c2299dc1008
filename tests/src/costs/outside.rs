//! What functions reach beside the database: the management API, the queues and the bucket.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use chat::Queued;
use serde_json::{Value, json};

/// SQS asks for a request for each 64 KB of a message.
const CHUNK_BYTES: usize = 64 * 1024;

/// The tag of every object.
pub(super) const TAG: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What a copy answers; whoever puts an object does not read it.
const COPIED: &str = "<CopyObjectResult><ETag>t</ETag></CopyObjectResult>";

/// What was asked of it since it was last looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// Frames that were posted.
    pub(super) pushed: u32,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Requests to SQS, as it bills them.
    pub(super) sqs: u32,
    /// Requests to S3 that put an object or copy one.
    pub(super) s3_puts: u32,
    /// Requests to S3 that get one.
    pub(super) s3_gets: u32,
}

#[derive(Debug, Default)]
struct Record {
    asked: Asked,
    queued: Vec<Queued>,
    /// The one object that the bucket is asked for.
    object: Vec<u8>,
}

/// Takes whatever it is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Record>>);

impl Outside {
    /// Where it is reached.
    pub(super) async fn listen(&self) -> String {
        let router = Router::new()
            .route("/live/@connections/{connection}", post(Self::push))
            .fallback(Self::call)
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/live", listener.local_addr().expect("its address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    pub(super) fn take(&self) -> Asked {
        std::mem::take(&mut self.state().asked)
    }

    /// So many messages of those that were left to a queue.
    pub(super) fn take_queued(&self, most: usize) -> Vec<Queued> {
        let mut state = self.state();
        let count = most.min(state.queued.len());
        state.queued.drain(..count).collect()
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

    /// What the bucket answers to whoever gets an object from now on.
    pub(super) fn upload(&self, object: Vec<u8>) {
        self.state().object = object;
    }

    /// A call of SQS names its operation, one of S3 is what its method says.
    async fn call(
        State(outside): State<Self>,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        match headers.get("x-amz-target").map(HeaderValue::as_bytes) {
            Some(target) => outside.queue(target, &body).into_response(),
            None => outside.bucket(&method),
        }
    }

    fn bucket(&self, method: &Method) -> Response {
        let mut state = self.state();
        match *method {
            Method::PUT => {
                state.asked.s3_puts += 1;
                COPIED.into_response()
            }
            Method::GET => {
                state.asked.s3_gets += 1;
                state.object.clone().into_response()
            }
            // To delete is free.
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    }

    fn queue(&self, target: &[u8], body: &[u8]) -> Json<Value> {
        let request: Value = serde_json::from_slice(body).expect("a call is JSON");
        match target {
            b"AmazonSQS.SendMessage" => self.send(&request),
            b"AmazonSQS.ReceiveMessage" => self.receive(&request),
            b"AmazonSQS.DeleteMessageBatch" => {
                self.state().asked.sqs += 1;
                Json(json!({ "Successful": [], "Failed": [] }))
            }
            other => panic!("{} is not counted", String::from_utf8_lossy(other)),
        }
    }

    fn send(&self, request: &Value) -> Json<Value> {
        let text = |name: &str| request[name].as_str().expect("a call of SQS has it").to_owned();
        let body = text("MessageBody");
        let url = text("QueueUrl");
        let name = url.rsplit('/').next().unwrap_or_default();
        let mut state = self.state();
        let id = format!("m-{}", state.queued.len());
        state.asked.sqs += chunks(body.len());
        state.queued.push(Queued {
            queue: format!("arn:aws:sqs:here:0:{name}"),
            id,
            receipt: "r".to_owned(),
            receive_count: 1,
            body,
        });
        Json(json!({ "MessageId": "m", "MD5OfMessageBody": "d" }))
    }

    fn receive(&self, request: &Value) -> Json<Value> {
        let most = request["MaxNumberOfMessages"].as_u64().and_then(|most| most.try_into().ok());
        let received = self.take_queued(most.expect("how many"));
        let bytes: usize = received.iter().map(|message| message.body.len()).sum();
        // A request that brings nothing costs as much as one that does.
        self.state().asked.sqs += chunks(bytes).max(1);
        let messages = received.into_iter().map(|message| {
            json!({ "MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body })
        });
        Json(json!({ "Messages": messages.collect::<Vec<_>>() }))
    }
}

/// Requests of SQS that a message of so many bytes is to it.
pub(super) fn chunks(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(CHUNK_BYTES)).expect("a message is short")
}
