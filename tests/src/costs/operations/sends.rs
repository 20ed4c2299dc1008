//! Sending: to small rooms, and to one where much happens.

use costs::month::{BUSY, BUSY_MESSAGES, BUSY_ROOM, NEXT, SIZES};
use costs::{Figures, Used, month};
use domain::{PACE_MESSAGES, RoomId};
use jiff::SignedDuration;
use serde_json::Value;

use super::{RECIPIENTS, a_send, message, people};
use crate::costs::counter::{Counter, Person, now, sum};

/// How many a room must have had just before, to be busy.
const BEFORE: u32 = PACE_MESSAGES + 1;

pub(super) async fn sends(counter: &Counter, figures: &mut Figures) {
    let everybody = people(counter, 1, 100, 0).await;
    for size in SIZES.into_iter().chain([RECIPIENTS + 1]) {
        let members = &everybody[..size as usize];
        let room = counter.group(&members[0], &members[1..]).await;
        // The first message of a room is also its first mark of reading.
        a_send(counter, &members[0], room, 1_000 + size).await;
        let used = a_send(counter, &members[0], room, size).await;
        figures.insert(month::send(size), used);
    }
    figures.insert(NEXT.to_owned(), next(counter, &everybody[..RECIPIENTS as usize]).await);
    figures.insert(BUSY.to_owned(), busy(counter, 201, 1).await);
}

/// A message that its client never sent before.
fn first_attempt(room: RoomId, number: u32) -> Value {
    let mut data = message(room, number);
    data["first_attempt"] = true.into();
    data
}

/// A send by a process that wrote to the room within the last minute, which its client never made
/// before.
async fn next(counter: &Counter, members: &[Person]) -> Used {
    let room = counter.group(&members[0], &members[1..]).await;
    let mut used = Used::default();
    for number in 2_001..=2_002 {
        let data = first_attempt(room, number);
        used = counter.frame_to(&counter.app, &members[0], "message.send", data, now()).await;
    }
    used
}

/// A second of so many busy rooms at once, each of other people, and each message by somebody else. The
/// clock is ours: a slow machine would make them quiet ones.
pub(super) async fn busy(counter: &Counter, from: u32, rooms: u32) -> Used {
    let mut busy = Vec::new();
    for number in 0..rooms {
        let everybody = people(counter, from + number * BUSY_ROOM, BUSY_ROOM, 0).await;
        let room = counter.group(&everybody[0], &everybody[1..]).await;
        busy.push((room, everybody));
    }
    let (began, apart) = (now(), SignedDuration::from_millis(1_000 / i64::from(BUSY_MESSAGES)));
    let mut used = Used::default();
    for number in 0..BEFORE + BUSY_MESSAGES {
        if number == BEFORE {
            counter.fanned_out().await;
            used = Used::default();
        }
        let at = began + apart * i32::try_from(number).expect("a small number");
        for (room, everybody) in &busy {
            let sender = &everybody[(number % BUSY_MESSAGES) as usize];
            let data = first_attempt(*room, 7_000 + number);
            let sent = counter.frame_to(&counter.app, sender, "message.send", data, at).await;
            used = sum(used, sent);
        }
    }
    assert_eq!(used.pushed, 0, "all of them wait for one another");
    sum(used, counter.fanned_out().await)
}
