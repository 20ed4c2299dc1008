//! The operations, each with what it finds.

mod flatness;
mod in_a_room;
mod in_many_rooms;
mod large_rooms;
mod media;
mod sends;

use costs::{Figures, Used};
use domain::{Author, Message, MessageKind, MessageText, RoomId, Seq};
use serde_json::{Value, json};
use storage::{Entry, Issue};

use self::in_a_room::in_a_room;
use self::in_many_rooms::in_many_rooms;
use self::large_rooms::large_rooms;
use self::media::media;
use self::sends::sends;
use super::counter::{Counter, Person, now};

pub use self::flatness::{busy_rooms, histories, listeners, offline, rooms};

/// Members of the room in which everything but sends is counted; all of them are connected.
pub const ROOM_SIZE: u32 = 10;

/// Recipients of the send by which chat services are compared.
pub const RECIPIENTS: u32 = 10;

/// As long as messages are: three dozen characters.
const TEXT: &str = "Shall we meet at one, at the corner?";

/// Counts every operation, each on what the one before left.
pub async fn count() -> Figures {
    let counter = Counter::start().await;
    let mut figures = Figures::new();
    sends(&counter, &mut figures).await;
    in_a_room(&counter, &mut figures).await;
    in_many_rooms(&counter, &mut figures).await;
    large_rooms(&counter, &mut figures).await;
    media(&counter, &mut figures).await;
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
    counter.frame(sender, "message.send", message(room, number)).await
}

fn message(room: RoomId, number: u32) -> Value {
    let client_id = format!("0199e3a2-0000-7000-8000-{number:012}");
    json!({ "room_id": room.to_string(), "client_id": client_id, "text": TEXT })
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
    let author = Author { id: author.by.actor.user_id, name: author.by.name.clone() };
    Message {
        room_id,
        seq: Seq::new(number).expect("a number from 1"),
        client_id: Some(format!("0199e3a2-0000-7000-8000-{number:012}").parse().expect("an id")),
        ordinal: number,
        kind: MessageKind::Regular {
            author,
            text: Some(MessageText::parse(TEXT).expect("a text")),
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
