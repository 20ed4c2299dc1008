//! A store, a gateway that keeps what is posted to it, and people: for the tests of this crate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bucket::Bucket;
use domain::{
    Actor, ConnectionId, Name, NewMember, Permissions, Proof, RoomChange, RoomId, RoomType, Seq,
    User, UserId, Username,
};
use jiff::Timestamp;
use push::{Push, QueueUrls, Queued};
use serde_json::{Value, json};
use storage::{Session, testing};
use uuid::Uuid;

use crate::{App, Arrival, By, Connect, NewRoom, Send, Sent};

/// Seconds since the tests began.
pub(crate) fn at(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
    let milliseconds = (seconds * 1_000.0) as i64;
    Timestamp::from_millisecond(1_780_000_000_000 + milliseconds).unwrap()
}

/// The management API, which takes every post unless told otherwise, and a queue that keeps what is
/// put there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateway {
    posts: Arc<Mutex<Vec<(String, Value)>>>,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    queued: Arc<Mutex<Vec<Queued>>>,
    changed: Arc<Mutex<Vec<Value>>>,
    deleted: Arc<Mutex<Vec<String>>>,
    closed: Arc<Mutex<Vec<String>>>,
    refuses_to_close: Arc<AtomicBool>,
}

/// How a connection answers that does not just take what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Gone,
    TooMuch,
    Failure,
    Never,
}

impl Gateway {
    /// What was posted since this was last asked: the connection and the frame.
    pub(crate) fn take(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.posts.lock().unwrap())
    }

    /// The connections that were closed since this was last asked, in the order of their names.
    pub(crate) fn closed(&self) -> Vec<String> {
        let mut closed = std::mem::take(&mut *self.closed.lock().unwrap());
        closed.sort();
        closed
    }

    /// From now on it fails to close connections, or does so again.
    pub(crate) fn refuse_to_close(&self, refuses: bool) {
        self.refuses_to_close.store(refuses, Ordering::Relaxed);
    }

    /// From now on this connection answers 410.
    pub(crate) fn close(&self, connection: &str) {
        self.let_answer(connection, Answer::Gone);
    }

    /// From now on this connection answers so.
    pub(crate) fn let_answer(&self, connection: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(connection.to_owned(), answer);
    }

    /// Takes what is in the queue out of it.
    pub(crate) fn take_queued(&self) -> Vec<Queued> {
        std::mem::take(&mut *self.queued.lock().unwrap())
    }

    /// Leaves this in the queue.
    pub(crate) fn put_queued(&self, queued: Vec<Queued>) {
        self.queued.lock().unwrap().extend(queued);
    }

    /// The receipts of messages that were deleted since this was last asked.
    pub(crate) fn take_deleted(&self) -> Vec<String> {
        std::mem::take(&mut *self.deleted.lock().unwrap())
    }

    /// The receipts of messages that are to come back, with their queues and in how many seconds.
    pub(crate) fn take_changed(&self) -> Vec<(String, String, u64)> {
        let changed = std::mem::take(&mut *self.changed.lock().unwrap());
        let told = changed.into_iter().map(|change| {
            let seconds = change["VisibilityTimeout"].as_u64().unwrap();
            let queue = change["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap();
            let receipt = change["ReceiptHandle"].as_str().unwrap();
            (queue.to_owned(), receipt.to_owned(), seconds)
        });
        told.collect()
    }

    async fn queue(State(gateway): State<Self>, headers: HeaderMap, body: String) -> Response {
        let request: Value = serde_json::from_str(&body).unwrap();
        match headers["x-amz-target"].to_str().unwrap() {
            "AmazonSQS.SendMessage" => {
                let text = |name: &str| request[name].as_str().unwrap().to_owned();
                let mut queued = gateway.queued.lock().unwrap();
                let number = queued.len();
                queued.push(Queued {
                    queue: text("QueueUrl")
                        .replace("https://sqs.example/0/", "arn:aws:sqs:here:0:"),
                    id: format!("m-{number}"),
                    receipt: format!("r-{number}"),
                    receive_count: 1,
                    body: text("MessageBody"),
                });
                let answer = json!({ "MessageId": "m", "MD5OfMessageBody": "d" });
                answer.to_string().into_response()
            }
            "AmazonSQS.ReceiveMessage" => {
                let most = request["MaxNumberOfMessages"].as_u64().unwrap();
                let mut queued = gateway.queued.lock().unwrap();
                let count = queued.len().min(usize::try_from(most).unwrap());
                let messages: Vec<_> = queued.drain(..count).map(received).collect();
                json!({ "Messages": messages }).to_string().into_response()
            }
            "AmazonSQS.DeleteMessageBatch" => {
                let mut deleted = gateway.deleted.lock().unwrap();
                for entry in request["Entries"].as_array().unwrap() {
                    deleted.push(entry["ReceiptHandle"].as_str().unwrap().to_owned());
                }
                json!({ "Successful": [], "Failed": [] }).to_string().into_response()
            }
            "AmazonSQS.ChangeMessageVisibility" => {
                gateway.changed.lock().unwrap().push(request);
                "{}".into_response()
            }
            other => panic!("{other} is not expected"),
        }
    }

    async fn answer(
        State(gateway): State<Self>,
        Path(connection): Path<String>,
        body: String,
    ) -> Response {
        let frame = serde_json::from_str(&body).unwrap();
        gateway.posts.lock().unwrap().push((connection.clone(), frame));
        gateway.as_told(&connection, StatusCode::OK).await
    }

    async fn end(State(gateway): State<Self>, Path(connection): Path<String>) -> Response {
        if gateway.refuses_to_close.load(Ordering::Relaxed) {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        gateway.closed.lock().unwrap().push(connection.clone());
        gateway.as_told(&connection, StatusCode::NO_CONTENT).await
    }

    async fn as_told(&self, connection: &str, status: StatusCode) -> Response {
        let answer = self.answers.lock().unwrap().get(connection).copied();
        let refused = |status, kind| (status, [("x-amzn-errortype", kind)]).into_response();
        match answer {
            None => status.into_response(),
            Some(Answer::Gone) => refused(StatusCode::GONE, "GoneException"),
            Some(Answer::TooMuch) => {
                refused(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException")
            }
            Some(Answer::Failure) => StatusCode::BAD_GATEWAY.into_response(),
            Some(Answer::Never) => std::future::pending().await,
        }
    }
}

/// A message as SQS describes it.
fn received(Queued { id, receipt, receive_count, body, .. }: Queued) -> Value {
    json!({
        "MessageId": id,
        "ReceiptHandle": receipt,
        "Attributes": { "ApproximateReceiveCount": receive_count.to_string() },
        "Body": body,
    })
}

/// A whole chat for one test.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) gateway: Gateway,
}

impl House {
    pub(crate) async fn start() -> Self {
        let store = testing::store().await;
        let gateway = Gateway::default();
        let router = Router::new()
            .route("/prod/@connections/{connection}", post(Gateway::answer).delete(Gateway::end))
            .fallback(Gateway::queue)
            .with_state(gateway.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/prod", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let queue = |name| format!("https://sqs.example/0/{name}");
        let queues = QueueUrls { large: queue("large"), busy: queue("busy") };
        let push = Push::new(&testing::sdk(&url), &url, queues, store.clone());
        let bucket = Bucket::new(&testing::sdk(&url), "media");
        let app = App::new(store, bucket, push, crate::Settings::default());
        Self { app, gateway }
    }

    /// Its operations in a process that remembers the same, with a meter on what they call.
    pub(crate) fn metered(&self) -> (App, testing::Meter) {
        let (store, meter) = testing::metered(&self.app.store);
        (App { store, ..self.app.clone() }, meter)
    }

    /// A user with an account, at the beginning.
    pub(crate) async fn user(&self, id: u128, name: &str) -> By {
        let user_id = UserId::new(Uuid::from_u128(id));
        let user = User {
            id: user_id,
            username: Username::parse(name).unwrap(),
            name: Name::parse(name).unwrap(),
            avatar_media_id: None,
            is_staff: false,
            is_banned: false,
            created_at: at(0.0),
        };
        self.app.store.create_user(&user, "hash").await.unwrap();
        let actor = Actor { user_id, is_staff: false };
        By { actor, name: name.to_owned(), connection: None, now: at(0.0) }
    }

    /// Opens a connection of this user.
    pub(crate) async fn connect(&self, by: &By, connection: &str, seconds: f64) {
        let arrival = self.arrival(by, connection, seconds).await;
        let connected = crate::connect(&self.app, arrival, at(seconds)).await.unwrap();
        assert_eq!(connected, Connect::Accepted);
    }

    /// This user at the door, signed in: their session is named as they are.
    pub(crate) async fn arrival(&self, by: &By, connection: &str, seconds: f64) -> Arrival {
        let user_id = by.actor.user_id;
        let session_id = Uuid::parse_str(&user_id.to_string()).unwrap();
        self.open_session(by, session_id).await;
        let (id, connected_at) = (ConnectionId::new(connection), at(seconds));
        let expires_at = connected_at.saturating_add(crate::MAX_CONNECTION_LIFE).unwrap();
        Arrival { actor: by.actor, proof: Proof::Session(session_id), id, connected_at, expires_at }
    }

    pub(crate) async fn open_session(&self, by: &By, id: Uuid) {
        self.open_session_at(by, id, 0.0).await;
    }

    pub(crate) async fn open_session_at(&self, by: &By, id: Uuid, seconds: f64) {
        let (user_id, secret_hash) = (by.actor.user_id, "hash".to_owned());
        let (opened_at, expires_at) = (at(seconds), at(1_000_000.0));
        let session = Session { id, user_id, secret_hash, opened_at, expires_at };
        self.app.store.open_session(&session).await.unwrap();
    }

    pub(crate) async fn connections(&self, by: &By, seconds: f64) -> Vec<String> {
        let open = self.app.store.connections(&[by.actor.user_id], at(seconds)).await.unwrap();
        let mut names: Vec<_> = open.into_iter().map(|one| one.id.to_string()).collect();
        names.sort();
        names
    }

    /// A group that `maker` owns, with these others: its log ends at 2.
    pub(crate) async fn group(&self, maker: &By, others: &[&By]) -> RoomId {
        let members = others.iter().map(|other| new_member(other)).collect();
        let details = RoomChange::default();
        let new = NewRoom { room_type: RoomType::Group, details, members };
        let room = crate::create_room(&self.app, maker, new).await.unwrap().view.room;
        self.gateway.take();
        room.id
    }

    pub(crate) async fn send(&self, by: &By, room_id: RoomId, client_id: &str, text: &str) -> Sent {
        crate::send_message(&self.app, by, a_send(room_id, client_id, text)).await.unwrap()
    }

    /// The room's head.
    pub(crate) async fn head(&self, room: RoomId) -> domain::Room {
        self.app.store.room(room).await.unwrap().unwrap()
    }

    /// Fails unless every number of the room is one thing.
    pub(crate) async fn account(&self, room: RoomId) {
        assert_eq!(testing::account(&self.app.store, room).await, Ok(()));
    }
}

pub(crate) fn new_member(by: &By) -> NewMember {
    let (user_id, none) = (by.actor.user_id, Permissions::NONE);
    NewMember { user_id, granted: none, withheld: none }
}

/// The same person, later.
pub(crate) fn later(by: &By, seconds: f64) -> By {
    By { now: at(seconds), ..by.clone() }
}

pub(crate) fn a_send(room_id: RoomId, client_id: &str, text: &str) -> Send {
    let (client_id, text) = (client_id.to_owned(), Some(text.to_owned()));
    let (media, reply_to_seq) = (Vec::new(), None);
    Send { room_id, client_id, text, media, reply_to_seq, first_attempt: false }
}

pub(crate) fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}
