//! A chat in which everything is counted.

use auth::Identity;
use aws_lambda_events::s3::S3Event;
use axum::Router;
use bucket::Bucket;
use chat::{App, Arrival, By, Connect, NewRoom, Settings};
use costs::Used;
use domain::{
    Actor, ConnectionId, Membership, MyRoom, Name, NewMember, Permissions, Proof, RoomChange,
    RoomId, RoomType, Standing, User, UserId, Username,
};
use jiff::{SignedDuration, Timestamp};
use push::{Push, QueueUrls};
use rest::testing::{context, request, send};
use serde_json::{Value, json};
use socket::Incoming;
use storage::testing::{self, Meter, metered};
use storage::{Change, Connection, Session, Store};
use uuid::Uuid;

use super::outside::{Outside, chunks};

const SECRET: &str = "a secret of the tests, 64 characters long as the deployed one is";

/// Somebody with an account and a connection.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub by: By,
    proof: Proof,
    connection: ConnectionId,
}

/// Messages of the queue of busy rooms that Lambda gives at once, as in the template.
const BATCH: usize = 25;

/// A chat on a database of its own.
pub struct Counter {
    /// What is counted: a process that remembers what it did.
    pub app: App,
    /// The same chat uncounted, for whatever has to be there before.
    pub quiet: App,
    identity: Identity,
    meter: Meter,
    outside: Outside,
}

impl Counter {
    /// An empty chat.
    ///
    /// # Panics
    /// If there is no port for it.
    pub async fn start() -> Self {
        let store = testing::store().await;
        let outside = Outside::default();
        let url = outside.listen().await;
        let queues = || QueueUrls { large: format!("{url}/large"), busy: format!("{url}/busy") };
        let app = |store: Store| {
            let push = Push::new(&testing::sdk(&url), &url, queues(), store.clone());
            let bucket = Bucket::new(&testing::sdk(&url), "media");
            App::new(store, bucket, push, Settings::default())
        };
        let (counted, meter) = metered(&store);
        let identity = Identity::with_secret(counted.clone(), SECRET);
        Self { app: app(counted), quiet: app(store), identity, meter, outside }
    }

    /// Somebody new, not connected.
    ///
    /// # Panics
    /// If the database does not answer, here and in all that follows.
    pub async fn person(&self, number: u32) -> Person {
        let user = User {
            id: UserId::new(Uuid::from_u128(number.into())),
            username: Username::parse(&format!("user{number:04}")).expect("a username"),
            name: Name::parse(&format!("User {number:04}")).expect("a name"),
            avatar_media_id: None,
            is_staff: false,
            is_banned: false,
            created_at: now(),
        };
        self.quiet.store.create_user(&user, "hash").await.expect("a new user");
        let id = Uuid::from_u128(number.into());
        let session = Session {
            id,
            user_id: user.id,
            secret_hash: "hash".to_owned(),
            opened_at: now(),
            expires_at: now() + SignedDuration::from_hours(24),
        };
        self.quiet.store.open_session(&session).await.expect("a session");
        nobody(number)
    }

    /// Connects somebody.
    pub async fn connect(&self, person: &Person) {
        let Person { by, proof, connection } = person.clone();
        let (actor, connected_at, expires_at) = (by.actor, now(), later());
        let arrival = Arrival { actor, proof, id: connection, connected_at, expires_at };
        let connected = chat::connect(&self.quiet, arrival, now()).await;
        assert_eq!(connected.expect("a connection"), Connect::Accepted);
    }

    /// Lets these into a room, untold and uncounted: rows are all that a crowd needs to be.
    pub async fn crowd(&self, room_id: RoomId, people: &[Person]) {
        let store = &self.quiet.store;
        let room = store.room(room_id).await.expect("an answer").expect("a room");
        for some in people.chunks(50) {
            let enter = |person: &Person| {
                let user_id = person.by.actor.user_id;
                let membership = Membership {
                    room_id,
                    user_id,
                    permissions: domain::join(person.by.actor, &room).expect("a public room"),
                    is_owner: false,
                    created_by: user_id,
                    joined_at: now(),
                };
                let my_room = MyRoom::entering(room_id, Some(&room));
                Change::Enter(Standing { membership, my_room })
            };
            let changes: Vec<_> = some.iter().map(enter).collect();
            store.commit(room_id, &[], &changes).await.expect("members");
        }
    }

    /// Connects these of a crowd, and lets each have the large room open.
    pub async fn open(&self, room_id: RoomId, people: &[Person]) {
        for person in people {
            let connection = Connection {
                user_id: person.by.actor.user_id,
                id: person.connection.clone(),
                session_id: None,
                connected_at: now(),
                expires_at: later(),
            };
            let store = &self.quiet.store;
            store.connect(&connection, now()).await.expect("a connection");
            store.subscribe(room_id, &connection).await.expect("a subscription");
        }
    }

    /// A group with these others in it, an hour ago.
    pub async fn group(&self, maker: &Person, others: &[Person]) -> RoomId {
        self.room(maker, others, false).await
    }

    /// The same, which anyone may join.
    pub async fn public_group(&self, maker: &Person, others: &[Person]) -> RoomId {
        self.room(maker, others, true).await
    }

    async fn room(&self, maker: &Person, others: &[Person], is_public: bool) -> RoomId {
        let details = RoomChange {
            name: Some(Some("Lunch".to_owned())),
            is_public: Some(is_public),
            ..RoomChange::default()
        };
        let members = others.iter().map(new_member).collect();
        let new = NewRoom { room_type: RoomType::Group, details, members };
        let by = By { now: now() - SignedDuration::from_hours(1), ..maker.by.clone() };
        let made = chat::create_room(&self.quiet, &by, new).await.expect("a room");
        made.view.room.id
    }

    /// The same as a process that only begins, and has to read everything: the dearest.
    pub fn begun(&self) -> App {
        let App { store, bucket, push, settings, .. } = self.app.clone();
        App::new(store, bucket, push, settings)
    }

    /// A frame of this person to a process that begins, and all that comes of it.
    pub async fn frame(&self, person: &Person, action: &str, data: Value) -> Used {
        let used = self.frame_to(&self.begun(), person, action, data, now()).await;
        sum(used, self.fanned_out().await)
    }

    /// A frame of this person at this time, up to what is left to a queue.
    pub async fn frame_to(
        &self,
        app: &App,
        person: &Person,
        action: &str,
        data: Value,
        now: Timestamp,
    ) -> Used {
        let body = json!({ "action": action, "id": "c17", "data": data }).to_string();
        self.clear();
        let incoming = Incoming { now, ..self.incoming(person, body) };
        let response = Box::pin(socket_message::dispatch(app, incoming)).await;
        let ack = response["body"].as_str().unwrap_or_default();
        assert!(!ack.contains(r#""type":"error""#), "{action}: {ack}");
        let frames = if ack.is_empty() { 1 } else { 2 };
        Used { frames, ..self.invoked(ack.len()) }
    }

    /// What the other end of a queue comes to: an invocation for as much of it as Lambda gives at once,
    /// until there is nothing left. Each message that it gives is taken to be received and deleted alone,
    /// which is the most that it may cost.
    pub async fn fanned_out(&self) -> Used {
        let mut used = Used::default();
        loop {
            let batch = self.outside.take_queued(BATCH);
            if batch.is_empty() {
                return used;
            }
            let received = batch.iter().map(|message| chunks(message.body.len()) + 1).sum();
            let failed = chat::fan_out(&self.app, batch, now()).await;
            assert!(failed.is_empty(), "{failed:?}");
            used = sum(used, Used { sqs: received, ..Used::default() });
            used = sum(used, self.invoked(0));
        }
    }

    /// A request of this person to the functions behind `router`.
    pub async fn request(
        &self,
        router: &Router,
        person: &Person,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Used {
        self.answer(router, person, method, path, body).await.0
    }

    /// The same, with what is answered.
    pub async fn answer(
        &self,
        router: &Router,
        person: &Person,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (Used, Value) {
        self.clear();
        let context = context(person.by.actor.user_id, &person.by.name, false);
        let answer = Box::pin(send(router, request(method, path, Some(&context), body))).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.body);
        let used = Used { requests: 1, ..self.invoked(answer.body.to_string().len()) };
        (used, answer.body)
    }

    /// Looks at what a client has uploaded, as S3 announces it.
    pub async fn uploaded(&self, object: Vec<u8>, event: S3Event) -> Used {
        self.outside.upload(object);
        self.clear();
        let app = media_uploaded::App::new(self.app.store.clone(), self.app.bucket.clone());
        media_uploaded::uploaded(&app, event, now()).await.expect("a verdict");
        self.invoked(0)
    }

    /// A ticket, the authorizer, `$connect`, and the first frame with these cursors.
    pub async fn hello(&self, person: &Person, rooms: &Value) -> Used {
        self.clear();
        let claims = auth::Claims {
            user_id: person.by.actor.user_id,
            username: person.by.name.clone(),
            name: person.by.name.clone(),
            is_staff: false,
            proof: person.proof,
            expires_at: now() + SignedDuration::from_mins(15),
        };
        let ticket = self.identity.issue_ticket(claims, None, now()).await;
        let ticket = ticket.unwrap_or_else(|error| panic!("{error}")).ticket;
        self.identity.redeem_ticket(&ticket, now()).await.expect("a good ticket");
        let accepted = socket_connect::connect(&self.app, self.incoming(person, String::new()));
        assert_eq!(accepted.await["statusCode"], 200);
        let opening = Used { requests: 1, invocations: 3, ..self.invoked(ticket.len()) };
        let hello = self.frame(person, "hello", json!({ "rooms": rooms })).await;
        sum(opening, hello)
    }

    /// `$disconnect`.
    pub async fn goodbye(&self, person: &Person) -> Used {
        self.clear();
        socket_disconnect::disconnect(&self.app, self.incoming(person, String::new())).await;
        self.invoked(0)
    }

    fn incoming(&self, person: &Person, body: String) -> Incoming {
        Incoming {
            connection_id: person.connection.clone(),
            connected_at: now(),
            expires_at: later(),
            asked_at: now(),
            user_id: person.by.actor.user_id,
            name: person.by.name.clone(),
            is_staff: false,
            proof: person.proof,
            request_id: "Qx7d3FVjoAMEHfQ=".to_owned(),
            body,
            subprotocols: vec!["banter.v1".to_owned()],
            now: now(),
        }
    }

    fn clear(&self) {
        let _ = (self.meter.take(), self.outside.take());
    }

    /// What was used by one invocation that answers so many bytes.
    fn invoked(&self, answered: usize) -> Used {
        let (spent, outside) = (self.meter.take(), self.outside.take());
        Used {
            invocations: 1,
            pushed: outside.pushed,
            read: spent.read,
            write: spent.write,
            calls: small(spent.calls),
            round_trips: small(spent.round_trips),
            sqs: outside.sqs,
            s3_puts: outside.s3_puts,
            s3_gets: outside.s3_gets,
            bytes_out: outside.bytes + answered as u64,
            ..Used::default()
        }
    }
}

/// Somebody without an account, of whom there is no more than a name.
pub(super) fn nobody(number: u32) -> Person {
    let id = Uuid::from_u128(number.into());
    let actor = Actor { user_id: UserId::new(id), is_staff: false };
    // As long as API Gateway makes them.
    let connection = ConnectionId::new(format!("Qx7bLd3-oAMC{number:03}="));
    let name = format!("User {number:04}");
    let by = By { actor, name, connection: None, now: now() };
    Person { by, proof: Proof::Session(id), connection }
}

/// One after the other.
pub(super) fn sum(one: Used, next: Used) -> Used {
    Used {
        requests: one.requests + next.requests,
        frames: one.frames + next.frames,
        pushed: one.pushed + next.pushed,
        invocations: one.invocations + next.invocations,
        read: one.read + next.read,
        write: one.write + next.write,
        calls: one.calls + next.calls,
        round_trips: one.round_trips + next.round_trips,
        sqs: one.sqs + next.sqs,
        s3_puts: one.s3_puts + next.s3_puts,
        s3_gets: one.s3_gets + next.s3_gets,
        pictures: one.pictures + next.pictures,
        bytes_out: one.bytes_out + next.bytes_out,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).expect("an operation makes few calls")
}

/// To be let in.
fn new_member(person: &Person) -> NewMember {
    let (user_id, none) = (person.by.actor.user_id, Permissions::NONE);
    NewMember { user_id, granted: none, withheld: none }
}

/// The functions ask the clock themselves, so what is there before them goes by it too.
#[expect(clippy::disallowed_methods, reason = "what is counted is the edge that asks the clock")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

fn later() -> Timestamp {
    now() + SignedDuration::from_hours(2)
}
