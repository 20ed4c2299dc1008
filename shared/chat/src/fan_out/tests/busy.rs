//! Rooms that are told together: what is said within a second, and what else waits.

use std::collections::BTreeMap;

use push::Queued;
use serde_json::Value;

use super::{change, crowd, one_of_crowds, texts};
use crate::fan_out::fan_out;
use crate::testing::{House, at, later};

/// Sends 45 messages, so many a second, to so many people with ten connections each: how many frames
/// were posted at once, and how many were gathered every second.
async fn frames(people: u128, a_second: u32) -> (usize, usize) {
    let house = House::start().await;
    let (ana, room) = crowd(&house, people).await;
    let (mut direct, mut gathered, mut seen) = (0, 0, BTreeMap::new());
    let mut count = |told: Vec<(String, Value)>| {
        for text in told.iter().flat_map(|(_, frame)| texts(frame)) {
            *seen.entry(text.to_owned()).or_insert(0) += 1;
        }
        told.len()
    };
    for number in 0..45 {
        let seconds = 30.0 + f64::from(number) / f64::from(a_second);
        let text = format!("{a_second} a second: {number}");
        house.send(&later(&ana, seconds), room, &text.replace(' ', "-"), &text).await;
        direct += count(house.gateway.take());
        if (number + 1) % a_second == 0 {
            let queued = house.gateway.take_queued();
            assert!(queued.iter().all(|one| one.queue.ends_with(":busy")), "{queued:?}");
            assert_eq!(fan_out(&house.app, queued, at(seconds)).await, [""; 0]);
            gathered += count(house.gateway.take());
        }
    }
    assert_eq!(seen.len(), 45);
    assert!(seen.values().all(|times| *times == 10 * people), "each connection once: {seen:?}");
    house.send(&later(&ana, 60.0), room, "c-1", "later").await;
    assert_eq!(house.gateway.take().len() as u128, 10 * people, "it is quiet again");
    (direct, gathered)
}

#[tokio::test]
async fn a_busy_room_is_told_in_fewer_frames_and_a_quiet_one_at_once() {
    for (people, a_second, expected) in [
        (5, 5, (2_250, 0)),
        (5, 9, (2_250, 0)),
        // The first fifteen do not know what is coming; then there is one frame a second.
        (5, 15, (750, 100)),
        // A few people wait for nobody, however much they say.
        (1, 15, (450, 0)),
    ] {
        assert_eq!(
            frames(people, a_second).await,
            expected,
            "{people} people, {a_second} a second"
        );
    }
}

/// Three rooms in each of which 40 messages are sent within three seconds, one here and one there;
/// what was queued of them. The first fifteen of each are told at once.
async fn three_busy_rooms(house: &House) -> Vec<Queued> {
    let mut rooms = Vec::new();
    for number in 0..3 {
        rooms.push(one_of_crowds(house, number, 5).await);
    }
    for number in 0..40 {
        for (ana, room) in &rooms {
            let ana = later(ana, 30.0 + f64::from(number) / 15.0);
            house.send(&ana, *room, &format!("c-{number}"), &format!("{number:02}")).await;
        }
    }
    assert_eq!(house.gateway.take().len(), 3 * 15 * 50);
    house.gateway.take_queued()
}

#[tokio::test]
async fn rooms_that_are_busy_at_once_are_gathered_as_one_alone_is() {
    let house = House::start().await;
    let mut given = three_busy_rooms(&house).await;
    assert_eq!(given.len(), 75);
    // As many as Lambda gives at once; a third of them, because the queue knows no rooms, of each.
    let waiting = given.split_off(25);
    let receipts: Vec<_> = waiting.iter().map(|one| one.receipt.clone()).collect();
    house.gateway.put_queued(waiting);
    assert_eq!(fan_out(&house.app, given, at(33.0)).await, [""; 0]);
    let told = house.gateway.take();
    assert_eq!(told.len(), 150, "one frame for each connection");
    let said: Vec<_> = (15..40).map(|number| format!("{number:02}")).collect();
    for (connection, frame) in told {
        assert_eq!(texts(&frame), said, "{connection}");
    }
    let mut deleted = house.gateway.take_deleted();
    deleted.sort_by_key(|receipt| receipts.iter().position(|one| one == receipt));
    assert_eq!(deleted, receipts, "those of the batch are Lambda's to delete");
    assert_eq!(house.gateway.take_queued(), []);
}

#[tokio::test]
async fn whoever_gets_few_or_works_for_large_audiences_takes_nothing_else() {
    let house = House::start().await;
    let mut given = three_busy_rooms(&house).await;
    let waiting = given.split_off(9);
    house.gateway.put_queued(waiting);
    assert_eq!(fan_out(&house.app, given, at(33.0)).await, [""; 0]);
    assert_eq!(house.gateway.take().len(), 150, "a frame for each connection, with three events");

    let mut given = house.gateway.take_queued();
    for message in &mut given {
        message.queue = message.queue.replace("busy", "large");
    }
    let waiting = given.split_off(25);
    house.gateway.put_queued(waiting);
    assert_eq!(fan_out(&house.app, given, at(33.0)).await, [""; 0]);
    assert_eq!(house.gateway.take_queued().len(), 75 - 9 - 25);
    assert_eq!(house.gateway.take_deleted(), [""; 0]);
}

#[tokio::test]
async fn nobody_takes_more_than_there_is_time_for() {
    let house = House::start().await;
    let mut given = three_busy_rooms(&house).await;
    let more =
        (0..600).map(|number| Queued { receipt: format!("more-{number}"), ..given[0].clone() });
    house.gateway.put_queued(more.collect());
    given.truncate(25);
    assert_eq!(fan_out(&house.app, given, at(33.0)).await, [""; 0]);
    assert_eq!(house.gateway.take_deleted().len(), 500);
    assert_eq!(house.gateway.take_queued().len(), 100);
}

#[tokio::test]
async fn what_was_taken_and_failed_comes_again_and_is_not_deleted() {
    let house = House::start().await;
    let mut given = three_busy_rooms(&house).await;
    let mut waiting = given.split_off(25);
    waiting.truncate(3);
    waiting[1].body = "not a shard".to_owned();
    waiting[1].receive_count = 2;
    let receipts: Vec<_> = waiting.iter().map(|one| one.receipt.clone()).collect();
    house.gateway.put_queued(waiting);
    assert_eq!(fan_out(&house.app, given, at(33.0)).await, [""; 0]);
    assert_eq!(house.gateway.take_deleted(), [receipts[0].clone(), receipts[2].clone()]);
    assert_eq!(house.gateway.take_changed(), [change("busy", &receipts[1], 2)]);
}
