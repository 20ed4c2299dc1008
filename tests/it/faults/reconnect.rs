//! Everybody loses their connection at once and comes back: it costs what connecting costs, and
//! nobody misses anything.
//!
//! `BANTER_CONNECTIONS` says how many there are: 40 by default, 10000 for the whole picture. AWS lets
//! 500 come back in a second; they try as fast here, and it takes as long as the machine needs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tests::{Client, Person, Stack};
use tokio::task::JoinSet;
use tokio::time::interval;

use super::wish;

/// Of each user; ten are allowed, and none is to be displaced.
const EACH: usize = 5;
const EVERY: Duration = Duration::from_millis(2);
/// Between two tries of one client.
const PAUSE: Duration = Duration::from_millis(200);
const TRIES: u64 = 500;
/// Passwords are hashed, and a request that waits for half a minute is given up.
const AT_A_TIME: usize = 8;

/// Connects everybody; gives them back with how often they tried.
async fn connect(clients: Vec<Client>) -> (Vec<Client>, u64) {
    let mut pace = interval(EVERY);
    let mut coming = JoinSet::new();
    for client in clients {
        pace.tick().await;
        coming.spawn(come(client));
    }
    let came = coming.join_all().await;
    let tries = came.iter().map(|(_, tries)| tries).sum();
    (came.into_iter().map(|(client, _)| client).collect(), tries)
}

async fn come(mut client: Client) -> (Client, u64) {
    let mut pace = interval(PAUSE);
    for tries in 1..=TRIES {
        pace.tick().await;
        if client.connect().await {
            return (client, tries);
        }
    }
    panic!("{} never came back", client.person.username);
}

/// What coming back cost.
#[derive(Debug)]
struct Written {
    connections: u64,
    tries: u64,
    writes: u64,
    /// Those of the function that answers frames: catching up reads only.
    by_messages: u64,
}

impl Written {
    /// A ticket is written and used up, the connection is written down, and the end of the one before
    /// strikes that out. A try that came to nothing may leave a ticket, or a connection that is struck
    /// out by whoever tells it of others; a few more are tried again on a busy machine.
    const fn is_amplified(&self) -> bool {
        let failed = self.tries - self.connections;
        self.writes > 4 * self.connections + self.connections / 4 + failed
            || self.by_messages > failed
    }
}

/// Everybody anew: a crowd takes longer to come back than a token is good.
async fn sign_in(stack: &Stack, clients: &mut [Client]) {
    let names: BTreeSet<_> = clients.iter().map(|client| client.person.username.clone()).collect();
    let people = stream::iter(&names).map(|name| stack.sign_in(name)).buffered(AT_A_TIME);
    let people: Vec<Person> = people.collect().await;
    let people: BTreeMap<_, _> = names.into_iter().zip(people).collect();
    for client in clients {
        client.person = people[&client.person.username].clone();
    }
}

async fn come_back(stack: &Stack, mut clients: Vec<Client>) -> (Vec<Client>, Written) {
    sign_in(stack, &mut clients).await;
    let control = stack.control();
    control.forget_calls().await;
    clients.iter_mut().for_each(Client::disconnect);
    let (clients, tries) = connect(clients).await;
    let connections = clients.len() as u64;
    let mut written = Written { connections, tries, writes: 0, by_messages: 0 };
    for call in control.calls().await {
        let action = call["action"].as_str().unwrap_or_default();
        if ["PutItem", "UpdateItem", "DeleteItem"].iter().any(|write| action.ends_with(write)) {
            let count = call["count"].as_u64().unwrap_or_default();
            written.writes += count;
            written.by_messages += if call["function"] == "SocketMessage" { count } else { 0 };
        }
    }
    (clients, written)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_comes_back_at_once() {
    let connections = usize::try_from(wish("BANTER_CONNECTIONS").unwrap_or(40)).unwrap_or(40);
    let directory = tempfile::tempdir().expect("there is room for data");
    // A rate is counted apart: a write for each ticket, and two for whoever is ahead of the pace.
    let flags = ["--control", "--parameter", "ConnectRate=off"];
    let stack = Stack::start_own_with(&flags, directory.path()).await;
    let people = connections.div_ceil(EACH);
    let people = stream::iter(0..people).map(|_| stack.person("somebody")).buffered(AT_A_TIME);
    let people: Vec<Person> = people.collect().await;
    // Rooms of ten: who is there is told to those who share one.
    let mut rooms = Vec::new();
    for ten in people.chunks(10) {
        let others: Vec<_> = ten[1..].iter().collect();
        rooms.push((&ten[0], ten[0].create_group("Lunch", &others).await));
    }
    let everywhere = people.iter().cycle().take(connections);
    let clients = everywhere.map(|person| Client::new(person.clone())).collect();
    let (clients, _) = connect(clients).await;

    let (mut clients, written) = come_back(&stack, clients).await;
    eprintln!("{connections} connections came back: {written:?}");
    assert!(!written.is_amplified(), "{written:?}");

    for (owner, room) in &rooms {
        let owner = stack.sign_in(&owner.username).await;
        owner.send(room, "c-1", "welcome back").await.created();
    }
    for client in &mut clients {
        // What was pushed before the ack of a ping comes before it; the heads are not looked at.
        client.act("ping", json!({})).await.expect("the socket is open");
        for room in client.rooms.values() {
            let told = room.messages.values().any(|message| message["client_id"] == "c-1");
            assert!(told, "{} was not told", client.person.username);
        }
        assert!(!client.rooms.is_empty());
    }
    let found = clients[0].differences().await;
    assert!(found.is_empty(), "{found:#?}");

    // The control: were connections written down twice, it would have been told.
    let twice = json!({
        "function": "SocketConnect", "operation": "UpdateItem", "fault": "lose_answer",
        "count": connections,
    });
    stack.control().fault(twice).await;
    let (_clients, written) = come_back(&stack, clients).await;
    assert!(written.is_amplified(), "{written:?}");
}
