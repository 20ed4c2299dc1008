mod busy;

use std::collections::BTreeMap;
use std::slice;
use std::time::{Duration, Instant};

use domain::{ConnectionId, RoomId};
use serde_json::Value;
use storage::testing::metered;

use crate::testing::{Answer, House, at, later, new_member, seq};
use crate::{App, By, join_room, remove_member};

/// How often each connection got a frame since this was last asked.
fn posts(house: &House) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (connection, _) in house.gateway.take() {
        *counts.entry(connection).or_default() += 1;
    }
    counts
}

/// Works on everything that is queued; how many messages there were, and which failed.
async fn work(house: &House, seconds: f64) -> (usize, Vec<String>) {
    let queued = house.gateway.take_queued();
    (queued.len(), super::fan_out(&house.app, queued, at(seconds)).await)
}

fn change(queue: &str, receipt: &str, seconds: u64) -> (String, String, u64) {
    (queue.to_owned(), receipt.to_owned(), seconds)
}

/// Ana in a group with others, each with ten connections.
async fn crowd(house: &House, others: u128) -> (By, RoomId) {
    one_of_crowds(house, 0, others).await
}

/// The same in one of several groups of the same size, each of other people.
async fn one_of_crowds(house: &House, number: u128, others: u128) -> (By, RoomId) {
    let ana = house.user(1 + number, &format!("ana{number}")).await;
    let mut people = Vec::new();
    for other in number * others..(number + 1) * others {
        let person = house.user(100 + other, &format!("user{other}")).await;
        for connection in 0..10 {
            house.connect(&person, &format!("c-{other}-{connection}"), 0.0).await;
        }
        people.push(person);
    }
    let room = house.group(&ana, &people.iter().collect::<Vec<_>>()).await;
    (ana, room)
}

/// What a frame says, event by event.
fn texts(frame: &Value) -> Vec<&str> {
    let events = frame["events"].as_array().map_or(slice::from_ref(frame), Vec::as_slice);
    events.iter().map(|one| one["data"]["text"].as_str().unwrap()).collect()
}

/// Counts the room's members as so many more than there are rows.
async fn enlarge(house: &House, room: RoomId) {
    let as_of = house.head(room).await.seq.get() + 1;
    assert!(house.app.store.set_member_count(room, 5_000, as_of).await.unwrap().is_some());
}

/// The same person on a connection of theirs.
fn on(by: &By, connection: &str) -> By {
    By { connection: Some(ConnectionId::new(connection)), ..by.clone() }
}

#[tokio::test]
async fn up_to_fifty_are_posted_to_at_once_and_more_are_queued() {
    let house = House::start().await;
    let (ana, room) = crowd(&house, 5).await;
    house.send(&later(&ana, 30.0), room, "c-1", "to fifty").await;
    assert_eq!(posts(&house).len(), 50);
    assert_eq!(house.gateway.take_queued(), []);

    house.connect(&ana, "one-more", 0.0).await;
    house.send(&later(&ana, 31.0), room, "c-2", "to fifty-one").await;
    assert_eq!(posts(&house), BTreeMap::new());
    assert_eq!(work(&house, 31.0).await, (1, vec![]));
    let told = posts(&house);
    assert_eq!(told.len(), 51);
    assert!(told.values().all(|count| *count == 1), "{told:?}");
    // The connection that has the ack is not told, here either.
    house.send(&on(&later(&ana, 32.0), "one-more"), room, "c-3", "again to fifty").await;
    assert_eq!(posts(&house).len(), 50);
}

#[tokio::test]
async fn what_waits_in_the_queue_comes_to_each_in_one_frame_and_in_order() {
    let house = House::start().await;
    let (ana, room) = crowd(&house, 6).await;
    for (number, text) in ["one", "two", "three"].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap();
        house
            .send(&later(&ana, 30.0 + f64::from(number)), room, &format!("c-{number}"), text)
            .await;
    }
    let mut queued = house.gateway.take_queued();
    queued.reverse();
    assert_eq!(super::fan_out(&house.app, queued, at(31.0)).await, [""; 0]);
    let told = house.gateway.take();
    assert_eq!(told.len(), 60, "one post for each connection, not three");
    for (connection, frame) in told {
        assert_eq!(texts(&frame), ["one", "two", "three"], "{connection}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_keeps_nobody_waiting() {
    let house = House::start().await;
    let (ana, room) = crowd(&house, 6).await;
    house.gateway.let_answer("c-0-0", Answer::Never);
    house.gateway.let_answer("c-1-0", Answer::TooMuch);
    house.gateway.let_answer("c-2-0", Answer::Failure);
    house.gateway.let_answer("c-3-0", Answer::Gone);
    house.send(&later(&ana, 30.0), room, "c-1", "hello").await;
    let begun = Instant::now();
    assert_eq!(work(&house, 30.0).await, (1, vec![]), "they are left to their sync");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let told = posts(&house);
    assert_eq!(told.len(), 60);
    assert_eq!((told["c-0-0"], told["c-1-0"], told["c-2-0"], told["c-3-0"]), (1, 3, 3, 1));
    let others = told.iter().filter(|(name, _)| !matches!(name.as_str(), "c-1-0" | "c-2-0"));
    assert!(others.into_iter().all(|(_, count)| *count == 1), "{told:?}");

    house.send(&later(&ana, 31.0), room, "c-2", "hello").await;
    work(&house, 31.0).await;
    assert_eq!(posts(&house).get("c-3-0"), None, "who is gone is struck out");
}

#[tokio::test]
async fn what_nobody_got_comes_again_soon_and_the_rest_does_not() {
    let house = House::start().await;
    let (ana, room) = crowd(&house, 6).await;
    house.send(&later(&ana, 30.0), room, "c-1", "hello").await;
    let mut queued = house.gateway.take_queued();
    let mut poison = queued[0].clone();
    poison.body = "not a shard".to_owned();
    poison.id = "poison".to_owned();
    poison.receipt = "r-poison".to_owned();
    poison.receive_count = 3;
    queued.push(poison);
    assert_eq!(super::fan_out(&house.app, queued, at(30.0)).await, ["poison"]);
    assert_eq!(house.gateway.take_changed(), [change("large", "r-poison", 4)]);
    assert_eq!(posts(&house).len(), 60);

    house.send(&later(&ana, 31.0), room, "c-2", "hello").await;
    for person in 0..6 {
        for connection in 0..10 {
            house.gateway.let_answer(&format!("c-{person}-{connection}"), Answer::Failure);
        }
    }
    assert_eq!(work(&house, 31.0).await, (1, vec!["m-0".to_owned()]));
    assert_eq!(house.gateway.take_changed(), [change("large", "r-0", 1)]);
}

#[tokio::test]
async fn of_a_large_room_those_hear_who_opened_it() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let cleo = house.user(3, "cleo").await;
    let room = house.group(&ana, &[&ben, &cleo]).await;
    for (by, connection) in [(&ben, "b"), (&ben, "b-2"), (&cleo, "c")] {
        house.connect(by, connection, 0.0).await;
    }
    enlarge(&house, room).await;
    let opened = join_room(&house.app, &on(&ben, "b"), room).await.unwrap();
    assert_eq!(opened.room.member_count, 5_000);
    join_room(&house.app, &cleo, room).await.unwrap(); // Over REST: there is nothing to tell.
    house.gateway.take();

    house.send(&later(&ana, 30.0), room, "c-1", "hello").await;
    assert_eq!(posts(&house), [("b".to_owned(), 1)].into());
    assert!(house.send(&later(&ana, 31.0), room, "c-1", "hello").await.duplicate);
    assert_eq!(posts(&house), [("b".to_owned(), 1)].into(), "the repeat drives it again");
    join_room(&house.app, &on(&cleo, "c"), room).await.unwrap();
    let edited = crate::edit_message(&house.app, &later(&ana, 32.0), room, seq(3), "hi").await;
    edited.unwrap();
    assert_eq!(posts(&house), [("b".to_owned(), 1), ("c".to_owned(), 1)].into());

    let user = ben.actor.user_id;
    crate::disconnect(&house.app.store, user, ConnectionId::new("b")).await.unwrap();
    house.send(&later(&ana, 33.0), room, "c-2", "hello").await;
    assert_eq!(posts(&house), [("c".to_owned(), 1)].into());
    // What nobody was told counts as unread all the same.
    let ben = crate::retrieve_room(&house.app, &ben, room).await.unwrap();
    assert_eq!(ben.standing.unwrap().my_room.unread_count(&ben.room), 2);
}

#[tokio::test]
async fn whoever_is_removed_hears_nothing_more() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let cleo = house.user(3, "cleo").await;
    let room = house.group(&ana, &[&ben, &cleo]).await;
    for (by, connection) in [(&ben, "b"), (&cleo, "c")] {
        house.connect(by, connection, 0.0).await;
    }
    enlarge(&house, room).await;
    for (by, connection) in [(&ben, "b"), (&cleo, "c")] {
        join_room(&house.app, &on(by, connection), room).await.unwrap();
    }
    house.gateway.take();
    remove_member(&house.app, &later(&ana, 30.0), room, ben.actor.user_id).await.unwrap();
    enlarge(&house, room).await;
    assert_eq!(posts(&house), [("b".to_owned(), 1), ("c".to_owned(), 1)].into());
    house.send(&later(&ana, 31.0), room, "c-1", "among us").await;
    assert_eq!(posts(&house), [("c".to_owned(), 1)].into());
    let refused = join_room(&house.app, &on(&ben, "b"), room).await;
    assert!(refused.is_err());
    house.send(&later(&ana, 32.0), room, "c-2", "among us").await;
    assert_eq!(posts(&house), [("c".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_send_costs_the_same_however_many_are_members() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    let (store, meter) = metered(&house.app.store);
    let App { bucket, push, settings, .. } = house.app.clone();
    let begun = || App::new(store.clone(), bucket.clone(), push.clone(), settings.clone());
    let send = async |app: &App, client_id: &str| {
        let _ = meter.take();
        let send = crate::testing::a_send(room, client_id, "hello");
        crate::send_message(app, &ana, send).await.unwrap();
        meter.take()
    };
    let small = send(&begun(), "c-1").await;
    enlarge(&house, room).await;
    let app = begun();
    let large = send(&app, "c-2").await;
    assert_eq!(large.write, small.write, "a message, and nothing for any member");
    // Two for the load, one for each of eight partitions of those who listen, and one for the page
    // of members that is read before the head tells how many they are.
    assert!(large.read <= 11.0, "{large:?}");
    let next = send(&app, "c-3").await;
    assert_eq!(next.read, large.read - 1.0, "that is known the next time");
}

#[tokio::test]
async fn a_room_that_is_no_longer_large_is_told_all_the_same() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    house.connect(&ben, "b", 0.0).await;
    let room = house.group(&ana, &[&ben]).await;
    enlarge(&house, room).await;
    house.send(&later(&ana, 30.0), room, "c-1", "to nobody who has it open").await;
    assert_eq!(posts(&house), BTreeMap::new());
    let as_of = house.head(room).await.seq.get() + 1;
    assert!(house.app.store.set_member_count(room, 2, as_of).await.unwrap().is_some());
    for (number, told) in [(2, 1), (3, 1)] {
        let client_id = format!("c-{number}");
        house.send(&later(&ana, 30.0 + f64::from(number)), room, &client_id, "to ben").await;
        assert_eq!(posts(&house), [("b".to_owned(), told)].into());
    }
}

#[tokio::test]
async fn who_is_connected_when_a_room_grows_large_hears_of_it_on() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let mut people = Vec::new();
    for number in 0..100 {
        people.push(house.user(100 + number, &format!("user{number}")).await);
    }
    let first: Vec<_> = people.iter().take(99).collect();
    let room = house.group(&ana, &first).await;
    for (person, connection) in [(&people[0], "p-0"), (&people[1], "p-1"), (&people[99], "p-99")] {
        house.connect(person, connection, 0.0).await;
    }
    house.send(&later(&ana, 30.0), room, "c-1", "a hundred").await;
    assert_eq!(posts(&house).len(), 2);
    let last = vec![new_member(&people[99])];
    crate::add_members(&house.app, &later(&ana, 31.0), room, last).await.unwrap();
    assert!(house.head(room).await.is_large());
    house.gateway.take();
    house.send(&later(&ana, 32.0), room, "c-2", "a hundred and one").await;
    let told = posts(&house);
    assert_eq!(told.into_keys().collect::<Vec<_>>(), ["p-0", "p-1", "p-99"]);
    // Control: whoever comes later has to say so.
    house.connect(&people[2], "p-2", 33.0).await;
    house.send(&later(&ana, 34.0), room, "c-3", "the same").await;
    assert_eq!(posts(&house).get("p-2"), None);
}
