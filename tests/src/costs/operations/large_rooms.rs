//! Rooms of more than a hundred members: who has them open is told, by a queue.

use chat::App;
use costs::{Figures, Used, month};
use domain::RoomId;
use serde_json::json;

use super::message;
use crate::costs::counter::{Counter, Person, nobody, now, sum};

/// Members of the large room in which everything is counted.
const MEMBERS: u32 = 5_000;

pub(super) async fn large_rooms(counter: &Counter, figures: &mut Figures) {
    let [few, many] = month::OPEN;
    let (room, crowd) = large_room(counter, 10_000, few, MEMBERS, MEMBERS.into()).await;
    let ana = &crowd[0];
    let mut found = |name: String, used: Used| {
        figures.insert(name, used);
    };
    for open in [few, many] {
        counter.open(room, &crowd[few as usize..open.max(few) as usize]).await;
        send(counter, &counter.begun(), ana, room, 1_000 + open).await;
        let (sent, told) = send(counter, &counter.begun(), ana, room, open).await;
        found(month::large_send(open), sent);
        found(month::large_fan_out(open), told);
    }

    let place = json!({ "room_id": room.to_string() });
    let late = counter.person(10_000 + MEMBERS - 1).await;
    counter.connect(&late).await;
    found(month::OPEN_ROOM.to_owned(), counter.frame(&late, "room.join", place.clone()).await);
    let newcomer = counter.person(10_000 + MEMBERS).await;
    counter.connect(&newcomer).await;
    for (name, action) in [("join", "room.join"), ("leave", "room.leave")] {
        let used = counter.frame(&newcomer, action, place.clone()).await;
        found(format!("{name} a room of 5,000, open to 1,000"), used);
    }
    // The second time the process knows what it found.
    for number in [1, 2] {
        let (sent, _) = send(counter, &counter.app, ana, room, 900 + number).await;
        found(month::LARGE_NEXT.to_owned(), sent);
    }
}

/// A large room: its members from the number `from`, of whom the first `open` have it open. Its head
/// says `count`; as many as `rows` are there.
pub(super) async fn large_room(
    counter: &Counter,
    from: u32,
    open: u32,
    rows: u32,
    count: u64,
) -> (RoomId, Vec<Person>) {
    let ana = counter.person(from).await;
    let room = counter.public_group(&ana, &[]).await;
    let mut crowd = vec![ana];
    crowd.extend((1..rows).map(|number| nobody(from + number)));
    counter.crowd(room, &crowd[1..]).await;
    // As of the last number that a new room has, and of no change after it.
    let counted = counter.quiet.store.set_member_count(room, count, 3).await.expect("an answer");
    assert!(counted.is_some(), "the room has been counted");
    counter.open(room, &crowd[..open as usize]).await;
    (room, crowd)
}

/// A send to this process, and apart from it what it leaves to the queue.
async fn send(
    counter: &Counter,
    app: &App,
    sender: &Person,
    room: RoomId,
    number: u32,
) -> (Used, Used) {
    let data = message(room, number);
    let sent = counter.frame_to(app, sender, "message.send", data, now()).await;
    (sent, counter.fanned_out().await)
}

/// The same to a process that begins, together.
pub(super) async fn a_large_send(
    counter: &Counter,
    sender: &Person,
    room: RoomId,
    number: u32,
) -> Used {
    let (sent, told) = send(counter, &counter.begun(), sender, room, number).await;
    sum(sent, told)
}
