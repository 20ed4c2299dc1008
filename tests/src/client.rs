//! A faithful client: it does what the protocol says that a client does, and no more.
//!
//! It keeps a cursor for each room, applies what is next, drops what it has, and fetches what is
//! missing. What it holds in the end must be what a fresh fetch shows, whatever happened meanwhile.

mod differences;
mod model;

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub use self::model::RoomModel;
use crate::inbox::try_handshake;
use crate::stack::text;
use crate::{Person, Reply, secrets};

/// An answer that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two tries of the same.
const PAUSE: Duration = Duration::from_millis(100);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Somebody's client, connected or not.
#[derive(Debug)]
pub struct Client {
    /// Whose.
    pub person: Person,
    /// What it holds of each room.
    pub rooms: BTreeMap<String, RoomModel>,
    socket: Option<Socket>,
    acts: u64,
}

impl Client {
    /// A client that holds nothing yet.
    #[must_use]
    pub fn new(person: Person) -> Self {
        Self { person, rooms: BTreeMap::new(), socket: None, acts: 0 }
    }

    /// Opens a socket in the place of the one before, and catches up with its hello.
    ///
    /// `false` if that did not work.
    pub async fn connect(&mut self) -> bool {
        self.disconnect();
        let Some(ticket) = self.try_post("/v1/connections/tickets", None).await else {
            return false;
        };
        let headers = [("sec-websocket-protocol", "banter.v1")];
        let opened = try_handshake(&text(&ticket.body["url"]), &headers).await;
        let Some(Ok((socket, _))) = opened else { return false };
        self.socket = Some(socket);
        let Some(mut hello) = self.act("hello", json!({ "rooms": self.cursors() })).await else {
            self.disconnect();
            return false;
        };
        match hello["sync"].take() {
            Value::Null => self.sync("all").await,
            sync => {
                self.take(sync).await;
                true
            }
        }
    }

    /// Drops the socket without a word.
    pub fn disconnect(&mut self) {
        self.socket = None;
    }

    /// Whether there is a socket.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Does something over the socket; `None` if it was refused or its answer never came.
    pub async fn act(&mut self, action: &str, data: Value) -> Option<Value> {
        self.acts += 1;
        let id = format!("{action}-{}", self.acts);
        let frame = json!({ "action": action, "id": id, "data": data }).to_string();
        secrets::keep_said(&frame);
        if self.socket.as_mut()?.send(Message::text(frame)).await.is_err() {
            self.disconnect();
            return None;
        }
        loop {
            let next = timeout(PATIENCE, self.socket.as_mut()?.next()).await;
            let Ok(Some(Ok(message))) = next else {
                self.disconnect();
                return None;
            };
            let mut frame = frame_of(&message);
            match frame["type"].as_str() {
                Some("ack") if frame["id"] == id => return Some(frame["data"].take()),
                Some("error") if frame["id"] == id => return None,
                // The gateway speaks: the function failed, and one thing at a time was asked.
                None if frame["message"].is_string() => return None,
                _ => self.receive(frame),
            }
        }
    }

    /// Applies what was pushed so far, and fetches what that shows to be missing.
    pub async fn look(&mut self) {
        self.drain();
        if self.rooms.values().any(RoomModel::has_gap) {
            self.sync("named").await;
        }
    }

    /// Applies what was pushed so far, and asks for nothing.
    pub fn drain(&mut self) {
        while let Some(next) = self.socket.as_mut().and_then(|socket| socket.next().now_or_never())
        {
            let Some(Ok(message)) = next else {
                self.disconnect();
                return;
            };
            self.receive(frame_of(&message));
        }
    }

    /// Compares the heads with the cursors, as every few minutes.
    pub async fn ping(&mut self) {
        let Some(answer) = self.act("ping", json!({})).await else { return };
        let heads = answer["heads"].as_object();
        let behind = heads.into_iter().flatten().any(|(room, head)| {
            self.rooms.get(room).is_none_or(|room| head.as_u64() > Some(room.cursor))
        });
        if behind {
            self.sync("all").await;
        }
    }

    /// Catches up over HTTP; `false` if there was no answer.
    pub async fn sync(&mut self, scope: &str) -> bool {
        let body = json!({ "rooms": self.cursors(), "scope": scope });
        let Some(reply) = self.try_post("/v1/sync", Some(body)).await else { return false };
        if reply.status != 200 {
            return false;
        }
        self.take(reply.body).await;
        true
    }

    /// Catches up until nothing is missing.
    ///
    /// # Panics
    /// If something stays missing though nothing is in the way.
    pub async fn settle(&mut self) {
        let mut pace = interval(PAUSE);
        for _ in 0..300 {
            pace.tick().await;
            let synced = self.sync("all").await;
            if synced && self.rooms.values().all(RoomModel::is_whole) {
                return;
            }
        }
        panic!("{} does not catch up: {:#?}", self.person.username, self.cursors());
    }

    /// A request that may fail; `None` if there was no answer.
    pub async fn try_post(&self, path: &str, body: Option<Value>) -> Option<Reply> {
        let body = body.map(|body| body.to_string());
        let asked = self.person.try_request(Method::POST, path, body, &[]).await.ok()?;
        (asked.status < 500).then_some(asked)
    }

    fn cursors(&self) -> Value {
        let cursors = self.rooms.iter().map(|(id, room)| (id.clone(), json!(room.cursor)));
        cursors.collect::<Map<_, _>>().into()
    }

    fn receive(&mut self, mut frame: Value) {
        match frame["type"].as_str() {
            Some("batch") => {
                let events = frame["events"].as_array_mut().map(std::mem::take).unwrap_or_default();
                events.into_iter().for_each(|event| self.receive(event));
            }
            Some("event") => {
                let room = frame["room_id"].as_str().unwrap_or_default().to_owned();
                if frame["event"] == "room.removed" {
                    self.rooms.remove(&room);
                } else if frame["seq"].is_u64()
                    && let Some(room) = self.rooms.get_mut(&room)
                {
                    room.receive(frame);
                }
                // Of a room that it does not hold it learns by the next sync.
            }
            _ => {}
        }
    }

    async fn take(&mut self, mut sync: Value) {
        for room in sync["removed"].as_array().into_iter().flatten() {
            self.rooms.remove(room.as_str().unwrap_or_default());
        }
        let answers = sync["rooms"].as_object_mut().map(std::mem::take).unwrap_or_default();
        for (id, mut answer) in answers {
            if answer["reset"] == true {
                self.rooms.remove(&id);
                self.adopt(&id, answer["upto"].as_u64().unwrap_or_default()).await;
            } else if let Some(room) = self.rooms.get_mut(&id) {
                room.take(&mut answer);
            }
        }
        for room in sync["added"].as_array().into_iter().flatten() {
            let id = text(&room["id"]);
            if !self.rooms.contains_key(&id) {
                // As after a reset: a writer may be at work a little before the head.
                let head = room["seq"].as_u64().unwrap_or_default();
                self.adopt(&id, head.saturating_sub(100)).await;
            }
        }
    }

    /// Fetches a room as it is now, and follows it from `cursor`, which lies before that.
    async fn adopt(&mut self, id: &str, cursor: u64) {
        if let Some(fetched) = self.fetch(id).await {
            self.rooms.insert(id.to_owned(), RoomModel::new(&self.person.id, cursor, &fetched));
        }
    }

    /// A room, its members and its newest messages; `None` if one of them was not to be had.
    async fn fetch(&self, id: &str) -> Option<Fetched> {
        let path = format!("/v1/rooms/{id}");
        let room = self.try_get(&path).await?;
        let mut members = self.try_get(&format!("{path}/members?limit=200")).await?;
        let mut messages = self.try_get(&format!("{path}/messages?limit=200")).await?;
        Some(Fetched { room, members: members["data"].take(), messages: messages["data"].take() })
    }

    async fn try_get(&self, path: &str) -> Option<Value> {
        let asked = self.person.try_request(Method::GET, path, None, &[]).await.ok()?;
        (asked.status == 200).then_some(asked.body)
    }
}

/// A room as it is now.
#[derive(Debug)]
struct Fetched {
    room: Value,
    members: Value,
    messages: Value,
}

fn frame_of(message: &Message) -> Value {
    match message {
        Message::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => json!({ "type": "none" }),
    }
}
