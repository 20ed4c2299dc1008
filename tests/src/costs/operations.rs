//! The operations, each with what it finds.

use costs::month::{CONNECT, DISCONNECT, PING, READ, SIZES};
use costs::{Figures, Used, month};
use domain::{Author, Message, MessageKind, MessageText, RoomId, Seq};
use serde_json::{Value, json};
use storage::{Entry, Issue};

use super::counter::{Counter, Person, now};

/// Members of the room in which everything but sends is counted; all of them are connected.
pub const BUSY_ROOM: u32 = 10;

/// Recipients of the send by which chat services are compared.
pub const RECIPIENTS: u32 = 10;

/// Counts every operation, each on what the one before left.
pub async fn count() -> Figures {
    let counter = Counter::start().await;
    let mut figures = Figures::new();
    sends(&counter, &mut figures).await;
    in_a_room(&counter, &mut figures).await;
    in_many_rooms(&counter, &mut figures).await;
    figures
}

/// The first of them writes; all are connected, but for `offline` of the others.
async fn people(counter: &Counter, from: u32, count: u32, offline: u32) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        let person = counter.person(from + number).await;
        if number == 0 || number < count - offline {
            counter.connect(&person).await;
        }
        people.push(person);
    }
    people
}

async fn a_send(counter: &Counter, sender: &Person, room: RoomId, number: u32) -> Used {
    // Three dozen characters, as long as messages are.
    let text = "Shall we meet at one, at the corner?";
    let client_id = format!("0199e3a2-0000-7000-8000-{number:012}");
    let data = json!({ "room_id": room.to_string(), "client_id": client_id, "text": text });
    counter.frame(sender, "message.send", data).await
}

async fn sends(counter: &Counter, figures: &mut Figures) {
    let everybody = people(counter, 1, 100, 0).await;
    for size in SIZES.into_iter().chain([RECIPIENTS + 1]) {
        let members = &everybody[..size as usize];
        let room = counter.group(&members[0], &members[1..]).await;
        // The first message of a room is also its first mark of reading.
        a_send(counter, &members[0], room, 1_000 + size).await;
        let used = a_send(counter, &members[0], room, size).await;
        figures.insert(month::send(size), used);
    }
}

async fn in_a_room(counter: &Counter, figures: &mut Figures) {
    let everybody = people(counter, 1_001, BUSY_ROOM, 0).await;
    let (ana, ben) = (&everybody[0], &everybody[1]);
    let rooms = rooms::router(counter.app.clone());
    let mut found = |name: &str, used| figures.insert(name.to_owned(), used);

    let members: Vec<_> =
        everybody[1..].iter().map(|one| one.by.actor.user_id.to_string()).collect();
    let body = json!({ "type": "group", "name": "Lunch", "members": members });
    found(
        "create a room of 10",
        counter.request(&rooms, ana, "POST", "/v1/rooms", Some(&body)).await,
    );

    let room = counter.public_group(ana, &everybody[1..]).await;
    a_send(counter, ana, room, 1).await;
    let room_id = room.to_string();
    let seq =
        counter.quiet.store.room(room).await.expect("an answer").map_or(0, |one| one.seq.get());
    let at = |extra: Value| {
        let mut data = json!({ "room_id": room_id, "seq": seq });
        if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
            data.extend(extra.clone());
        }
        data
    };
    found(READ, counter.frame(ben, "room.read", at(json!({}))).await);
    found("typing", counter.frame(ben, "typing", json!({ "room_id": room_id })).await);
    let like = json!({ "reaction": "👍" });
    found("react", counter.frame(ben, "reaction.add", at(like.clone())).await);
    found("take a reaction back", counter.frame(ben, "reaction.remove", at(like)).await);
    let text = json!({ "text": "Shall we meet at two, at the corner?" });
    found("edit a message", counter.frame(ana, "message.edit", at(text)).await);
    found("delete a message", counter.frame(ana, "message.delete", at(json!({}))).await);

    write_messages(counter, ana, room, 60).await;
    let messages = messages::router(counter.app.clone());
    let path = format!("/v1/rooms/{room_id}/messages");
    found("a page of 50 messages", counter.request(&messages, ben, "GET", &path, None).await);

    let newcomer = counter.person(1_999).await;
    counter.connect(&newcomer).await;
    let place = json!({ "room_id": room_id });
    found("join a room of 10", counter.frame(&newcomer, "room.join", place.clone()).await);
    found("leave a room of 10", counter.frame(&newcomer, "room.leave", place).await);
}

async fn in_many_rooms(counter: &Counter, figures: &mut Figures) {
    let few = in_rooms(counter, 2_001, 10).await;
    let cursors = cursors(counter, &few.1).await;
    figures.insert(CONNECT.to_owned(), counter.hello(&few.0, &cursors).await);
    figures.insert(PING.to_owned(), counter.frame(&few.0, "ping", json!({})).await);
    figures.insert("list of 10 rooms".to_owned(), list(counter, &few.0).await);
    figures.insert(DISCONNECT.to_owned(), counter.goodbye(&few.0).await);

    let some = in_rooms(counter, 2_002, 200).await;
    figures.insert("sync of 200 rooms".to_owned(), sync(counter, &some).await);

    let many = in_rooms(counter, 2_003, 1_000).await;
    figures.insert("list of 50 of 1,000 rooms".to_owned(), list(counter, &many.0).await);
    let ping = counter.frame(&many.0, "ping", json!({})).await;
    figures.insert("ping, in 1,000 rooms".to_owned(), ping);
}

/// Somebody with so many rooms of their own, in which nothing happened for an hour.
async fn in_rooms(counter: &Counter, number: u32, count: usize) -> (Person, Vec<RoomId>) {
    let person = counter.person(number).await;
    let mut rooms = Vec::new();
    for _ in 0..count {
        rooms.push(counter.group(&person, &[]).await);
    }
    (person, rooms)
}

/// Of somebody who has seen everything.
async fn cursors(counter: &Counter, rooms: &[RoomId]) -> Value {
    let found = counter.quiet.store.rooms(rooms).await.expect("rooms");
    found.iter().map(|room| (room.id.to_string(), json!(room.seq.get()))).collect()
}

async fn list(counter: &Counter, person: &Person) -> Used {
    let rooms = rooms::router(counter.app.clone());
    counter.request(&rooms, person, "GET", "/v1/rooms", None).await
}

async fn sync(counter: &Counter, (person, rooms): &(Person, Vec<RoomId>)) -> Used {
    let router = messages::router(counter.app.clone());
    let body = json!({ "rooms": cursors(counter, rooms).await });
    counter.request(&router, person, "POST", "/v1/sync", Some(&body)).await
}

/// Writes messages as they are stored, a hundred in a transaction.
async fn write_messages(counter: &Counter, author: &Person, room: RoomId, count: u64) {
    let store = &counter.quiet.store;
    let mut left = count;
    while left > 0 {
        let some = left.min(100);
        left -= some;
        let issued = store.issue(room, &Issue::Entries(some), now()).await.expect("numbers");
        let storage::Issued::Numbered(head) = issued else { panic!("the room is there") };
        let last = head.seq.get();
        let entries: Vec<_> = (last + 1 - some..=last)
            .map(|number| Entry::Message(Box::new(a_message(author, room, number))))
            .collect();
        store.commit(room, &entries, &[]).await.expect("messages");
    }
}

fn a_message(author: &Person, room_id: RoomId, number: u64) -> Message {
    let text = "Shall we meet at one, at the corner?";
    let author = Author { id: author.by.actor.user_id, name: author.by.name.clone() };
    Message {
        room_id,
        seq: Seq::new(number).expect("a number from 1"),
        client_id: Some(format!("0199e3a2-0000-7000-8000-{number:012}").parse().expect("an id")),
        ordinal: number,
        kind: MessageKind::Regular {
            author,
            text: Some(MessageText::parse(text).expect("a text")),
            media: Vec::new(),
        },
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: now(),
        edited_at: None,
        version: 1,
    }
}

/// A send and a page of history after a hundred numbers, ten thousand, and a million. The million
/// are issued, and only the last of them written: a row that nobody reads costs nothing, so only its
/// number matters.
pub async fn histories() -> Vec<(u64, [Used; 2])> {
    let counter = Counter::start().await;
    let everybody = people(&counter, 1, 2, 0).await;
    let mut found = Vec::new();
    for (written, issued) in [(100, 0), (10_000, 0), (100, 1_000_000)] {
        let room = counter.group(&everybody[0], &everybody[1..]).await;
        if issued > 0 {
            let issue = Issue::Entries(issued);
            counter.quiet.store.issue(room, &issue, now()).await.expect("numbers");
        }
        write_messages(&counter, &everybody[0], room, written).await;
        let number = u32::try_from(written + issued).expect("fewer than 2^32");
        a_send(&counter, &everybody[0], room, number + 1).await;
        let send = a_send(&counter, &everybody[0], room, number).await;
        let messages = messages::router(counter.app.clone());
        let path = format!("/v1/rooms/{room}/messages");
        let page = counter.request(&messages, &everybody[1], "GET", &path, None).await;
        found.push((written + issued, [send, page]));
    }
    found
}

/// A send by somebody who is in one room, in 10, and in 1,000.
pub async fn rooms() -> Vec<(usize, Used)> {
    let counter = Counter::start().await;
    let mut found = Vec::new();
    for (number, count) in [(1, 0), (2, 9), (3, 999)] {
        let (person, _) = in_rooms(&counter, number, count).await;
        counter.connect(&person).await;
        let room = counter.group(&person, &[]).await;
        a_send(&counter, &person, room, 1).await;
        found.push((count + 1, a_send(&counter, &person, room, 2).await));
    }
    found
}

/// A send to a room of [`BUSY_ROOM`] of whose others this many are offline.
pub async fn listeners() -> Vec<(u32, Used)> {
    let counter = Counter::start().await;
    let mut found = Vec::new();
    for (number, offline) in [0, BUSY_ROOM - 2, BUSY_ROOM - 1].into_iter().enumerate() {
        let from = 100 * (1 + u32::try_from(number).expect("three"));
        let everybody = people(&counter, from, BUSY_ROOM, offline).await;
        let room = counter.group(&everybody[0], &everybody[1..]).await;
        a_send(&counter, &everybody[0], room, 1).await;
        found.push((offline, a_send(&counter, &everybody[0], room, 2).await));
    }
    found
}
