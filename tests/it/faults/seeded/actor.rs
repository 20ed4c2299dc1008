//! Somebody who does whatever comes to their mind, and remembers what was acknowledged.

use std::time::Duration;

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Client, Person, Reply};
use tokio::time::{Interval, interval};

/// Between two tries of the same send.
const PAUSE: Duration = Duration::from_millis(100);
const TRIES: usize = 300;
const REACTIONS: [&str; 3] = ["👍", "🎉", "😀"];

/// One send, and the number that it was acknowledged under.
pub(super) struct Sent {
    pub(super) room: String,
    pub(super) client_id: String,
    pub(super) seq: Option<u64>,
}

pub(super) struct Actor {
    pub(super) client: Client,
    pub(super) sent: Vec<Sent>,
    random: Rng,
    rooms: Vec<String>,
    people: Vec<String>,
}

impl Actor {
    pub(super) fn new(person: Person, random: Rng, rooms: &[String], people: &[String]) -> Self {
        let client = Client::new(person);
        Self { client, sent: Vec::new(), random, rooms: rooms.to_vec(), people: people.to_vec() }
    }

    pub(super) fn acknowledged(&self) -> impl Iterator<Item = (&Sent, u64)> {
        self.sent.iter().filter_map(|sent| Some((sent, sent.seq?)))
    }

    pub(super) async fn step(&mut self) {
        let room = self.choose(&self.rooms.clone());
        let path = format!("/v1/rooms/{room}");
        match self.random.u32(0..100) {
            0..40 => self.send(&room).await,
            40..48 => self.change(&room, Method::PATCH).await,
            48..52 => self.change(&room, Method::DELETE).await,
            52..64 => self.react(&room).await,
            64..74 => self.read(&room).await,
            74..77 => {
                let name = format!("Room {}", self.random.u32(0..1_000));
                self.ask(Method::PATCH, &path, json!({ "name": name })).await;
            }
            77..79 => self.ask(Method::POST, &format!("{path}/leave"), json!({})).await,
            79..84 => self.ask(Method::POST, &format!("{path}/join"), json!({})).await,
            84..88 => {
                let members = json!({ "members": [self.choose(&self.people.clone())] });
                self.ask(Method::POST, &format!("{path}/members"), members).await;
            }
            88..90 => {
                let path = format!("{path}/members/{}", self.choose(&self.people.clone()));
                self.ask(Method::DELETE, &path, Value::Null).await;
            }
            90..95 => drop(self.client.connect().await),
            95..97 => self.client.disconnect(),
            _ => self.client.ping().await,
        }
        self.client.look().await;
    }

    /// Says it until it is acknowledged or refused; only then comes the next.
    async fn send(&mut self, room: &str) {
        let client_id = format!("send-{}", self.sent.len());
        let body = json!({ "client_id": client_id, "text": format!("I say {client_id}") });
        let mut on_socket = body.clone();
        on_socket["room_id"] = json!(room);
        on_socket["first_attempt"] = json!(true);
        let mut pace = interval(PAUSE);
        let seq = loop_until(&mut pace, async |_| {
            if self.client.is_connected() && self.random.bool() {
                let once = on_socket.clone();
                on_socket["first_attempt"] = json!(false);
                let ack = self.client.act("message.send", once).await?;
                return Some(ack["message"]["seq"].as_u64());
            }
            let path = format!("/v1/rooms/{room}/messages");
            on_socket["first_attempt"] = json!(false);
            let reply = self.request(Method::POST, &path, &body).await?;
            match reply.status {
                200 | 201 => Some(reply.body["seq"].as_u64()),
                403 | 404 => Some(None),
                // Too fast.
                429 => None,
                _ => panic!("{reply:?}"),
            }
        })
        .await;
        let seq = seq.unwrap_or_else(|| panic!("{client_id} was never acknowledged"));
        self.sent.push(Sent { room: room.to_owned(), client_id, seq });
    }

    /// Edits or deletes an own message.
    async fn change(&mut self, room: &str, method: Method) {
        let own = self.sent.iter().filter(|sent| sent.room == room).filter_map(|sent| sent.seq);
        let own: Vec<_> = own.collect();
        if own.is_empty() {
            return;
        }
        let path = format!("/v1/rooms/{room}/messages/{}", self.choose(&own));
        let body = match method {
            Method::PATCH => json!({ "text": format!("edited {}", self.random.u32(..)) }),
            _ => Value::Null,
        };
        self.ask(method, &path, body).await;
    }

    async fn react(&mut self, room: &str) {
        let known = self.client.rooms.get(room).map(|room| room.messages.keys().copied().collect());
        let known: Vec<u64> = known.unwrap_or_default();
        if known.is_empty() {
            return;
        }
        let (seq, reaction) = (self.choose(&known), self.choose(&REACTIONS));
        let path = format!("/v1/rooms/{room}/messages/{seq}/reactions");
        if self.random.u32(0..3) > 0 {
            self.ask(Method::POST, &path, json!({ "reaction": reaction })).await;
        } else {
            self.ask(Method::DELETE, &format!("{path}/me/{reaction}"), Value::Null).await;
        }
    }

    async fn read(&mut self, room: &str) {
        let Some(cursor) = self.client.rooms.get(room).map(|room| room.cursor) else { return };
        let seq = cursor.saturating_sub(self.random.u64(0..4));
        self.ask(Method::POST, &format!("/v1/rooms/{room}/read"), json!({ "seq": seq })).await;
    }

    /// Does something once, whatever comes of it.
    async fn ask(&self, method: Method, path: &str, body: Value) {
        if let Some(reply) = self.request(method, path, &body).await {
            assert!(!matches!(reply.status, 400 | 401), "{reply:?}");
        }
    }

    /// `None` if it is not known what came of it.
    async fn request(&self, method: Method, path: &str, body: &Value) -> Option<Reply> {
        let body = (!body.is_null()).then(|| body.to_string());
        let reply = self.client.person.try_request(method, path, body, &[]).await.ok()?;
        (reply.status < 500).then_some(reply)
    }

    fn choose<T: Clone>(&mut self, among: &[T]) -> T {
        among[self.random.usize(..among.len())].clone()
    }
}

/// Tries until there is an outcome, and not for ever.
async fn loop_until<T>(
    pace: &mut Interval,
    mut ask: impl AsyncFnMut(usize) -> Option<T>,
) -> Option<T> {
    for attempt in 0..TRIES {
        pace.tick().await;
        if let Some(outcome) = ask(attempt).await {
            return Some(outcome);
        }
    }
    None
}
