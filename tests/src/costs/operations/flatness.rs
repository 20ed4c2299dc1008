//! The same operations where there is more of something.

use costs::Used;
use domain::RoomId;
use serde_json::json;
use storage::Issue;

use super::large_rooms::{a_large_send, large_room};
use super::sends::busy;
use super::{ROOM_SIZE, a_send, in_rooms, people, write_messages};
use crate::costs::counter::{Counter, Person, now};

/// What is done wherever there is more: a send, and a look at the newest ten messages.
async fn send_and_page(counter: &Counter, person: &Person, room: RoomId, number: u32) -> [Used; 2] {
    // The first message is also the first mark of reading.
    a_send(counter, person, room, number + 1).await;
    let send = a_send(counter, person, room, number).await;
    [send, page(counter, person, room).await]
}

async fn page(counter: &Counter, person: &Person, room: RoomId) -> Used {
    let messages = messages::router(counter.begun());
    let path = format!("/v1/rooms/{room}/messages?limit=10");
    counter.request(&messages, person, "GET", &path, None).await
}

/// After ten numbers, ten thousand, and a million. The million are issued, and only the last of them
/// written: a row that nobody reads costs nothing, so only its number matters.
pub async fn histories() -> Vec<(u64, [Used; 2])> {
    let counter = Counter::start().await;
    let everybody = people(&counter, 1, 2, 0).await;
    let mut found = Vec::new();
    for (written, issued) in [(10, 0), (10_000, 0), (10, 1_000_000)] {
        let room = counter.group(&everybody[0], &everybody[1..]).await;
        if issued > 0 {
            let issue = Issue::Entries(issued);
            counter.quiet.store.issue(room, &issue, now()).await.expect("numbers");
        }
        write_messages(&counter, &everybody[0], room, written).await;
        let number = u32::try_from(written + issued).expect("fewer than 2^32");
        found.push((written + issued, send_and_page(&counter, &everybody[0], room, number).await));
    }
    found
}

/// For somebody who is in one room, in 10, and in 1,000.
pub async fn rooms() -> Vec<(usize, [Used; 2])> {
    let counter = Counter::start().await;
    let mut found = Vec::new();
    for (number, count) in [(1, 0), (2, 9), (3, 999)] {
        let (person, _) = in_rooms(&counter, number, count).await;
        counter.connect(&person).await;
        let room = counter.group(&person, &[]).await;
        write_messages(&counter, &person, room, 10).await;
        found.push((count + 1, send_and_page(&counter, &person, room, 1).await));
    }
    found
}

/// A second of a busy room, of four at once, and of eight: as many rooms, and what they used.
pub async fn busy_rooms() -> Vec<(u32, Used)> {
    let mut found = Vec::new();
    for rooms in [1, 4, 8] {
        found.push((rooms, busy(&Counter::start().await, 1, rooms).await));
    }
    found
}

/// A send to a room of [`ROOM_SIZE`] of whose others this many are offline.
pub async fn listeners() -> Vec<(u32, Used)> {
    let counter = Counter::start().await;
    let mut found = Vec::new();
    for (number, offline) in [0, ROOM_SIZE - 2, ROOM_SIZE - 1].into_iter().enumerate() {
        let from = 100 * (1 + u32::try_from(number).expect("three"));
        let everybody = people(&counter, from, ROOM_SIZE, offline).await;
        let room = counter.group(&everybody[0], &everybody[1..]).await;
        a_send(&counter, &everybody[0], room, 1).await;
        found.push((offline, a_send(&counter, &everybody[0], room, 2).await));
    }
    found
}

/// A send with its fan-out, a page and an opening of a large room that 101 have open, by how many
/// others are offline. Of the thousands there are rows, so that whatever reads them is found; the
/// hundred thousand are only counted in the head, which is all that a send reads of them.
pub async fn offline() -> Vec<(u64, [Used; 3])> {
    const OPEN: u32 = 101;
    let counter = Counter::start().await;
    let mut found = Vec::new();
    for (number, (rows, offline)) in [(0, 0), (3_000, 3_000), (0, 100_000)].into_iter().enumerate()
    {
        let from = 10_000 * (1 + u32::try_from(number).expect("three"));
        let count = u64::from(OPEN) + offline;
        let (room, crowd) = large_room(&counter, from, OPEN, OPEN + rows, count).await;
        write_messages(&counter, &crowd[0], room, 10).await;
        a_large_send(&counter, &crowd[0], room, 1).await;
        let send = a_large_send(&counter, &crowd[0], room, 2).await;
        let page = page(&counter, &crowd[0], room).await;
        let place = json!({ "room_id": room.to_string(), "last": 10 });
        let opened = counter.frame(&crowd[0], "room.join", place).await;
        found.push((offline, [send, page, opened]));
    }
    found
}
