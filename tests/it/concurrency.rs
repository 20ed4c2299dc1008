//! Eight people write into one room at once, a fifth of it twice: each message is there once, and
//! everybody ends up with the same.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Inbox, Person, Reply, RoomLog, Stack};

const PEOPLE: usize = 8;
const SENDS: usize = 200;

fn client_id(number: usize) -> String {
    format!("send-{number}")
}

async fn send(people: &[Person], room: &str, number: usize) -> Reply {
    let person = &people[number % people.len()];
    person.send_until_acknowledged(room, &client_id(number), &format!("text {number}")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_at_once_is_there_once_for_everybody() {
    let stack = Stack::start().await;
    let people = join_all((0..PEOPLE).map(|_| stack.person("ana"))).await;
    let others: Vec<_> = people[1..].iter().collect();
    let room = people[0].create_group("Rush", &others).await;
    let mut inboxes = join_all(people.iter().map(Person::connect)).await;
    let cursor = people[0].room(&room).await["seq"].as_u64().unwrap();

    let doubled: Vec<_> = (0..SENDS).filter(|number| number % 5 == 0).collect();
    let all: Vec<_> = (0..SENDS).chain(doubled.iter().copied()).collect();
    let replies = join_all(all.iter().map(|number| send(&people, &room, *number))).await;

    // One of two that said the same was the first, and both name one message.
    let mut acknowledged: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for (number, reply) in all.iter().zip(replies) {
        assert_eq!(reply.body["duplicate"] == true, reply.status == 200, "{number}: {reply:?}");
        acknowledged.entry(*number).or_default().push(reply.body);
    }
    for (number, answers) in &acknowledged {
        let seqs: BTreeSet<_> = answers.iter().map(|answer| answer["seq"].as_u64()).collect();
        assert_eq!(seqs.len(), 1, "{number}: {answers:?}");
        // None, if the answer to the first was lost on a busy machine and it was said again.
        let firsts = answers.iter().filter(|answer| answer["duplicate"] != true).count();
        assert!(firsts <= 1, "{number}: {answers:?}");
    }

    let log = RoomLog::read_after(&people[0], &room, cursor).await;
    assert_eq!(log.flaws(cursor), Vec::<String>::new());
    let numbers = log.numbers();
    assert_eq!(numbers.len(), SENDS);
    for (number, answers) in &acknowledged {
        assert_eq!(numbers.get(&client_id(*number)), answers[0]["seq"].as_u64().as_ref());
    }
    let counted = people[0].room(&room).await["message_count"].as_u64().unwrap();
    let voids = log.events.iter().filter(|event| event["event"] == "void").count();
    // A number that came to nothing may have been counted, never the other way round.
    assert!((SENDS..=SENDS + voids).contains(&usize::try_from(counted).unwrap()), "{counted}");

    for (person, inbox) in people.iter().zip(&mut inboxes) {
        converges(person, inbox, &room, cursor, &log).await;
    }

    // Now that it is quiet, saying it all again changes nothing.
    let again = join_all((0..SENDS).map(|number| send(&people, &room, number))).await;
    for (number, reply) in again.into_iter().enumerate() {
        let message = reply.ok();
        assert_eq!(message["duplicate"], true);
        assert_eq!(numbers.get(&client_id(number)), message["seq"].as_u64().as_ref());
    }
    assert_eq!(people[0].room(&room).await["seq"], log.head);
}

/// What a client holds that applies what it was pushed and fetches the rest is the log.
async fn converges(person: &Person, inbox: &mut Inbox, room: &str, cursor: u64, log: &RoomLog) {
    let mut held: BTreeMap<u64, Value> = BTreeMap::new();
    for event in inbox.events_before_pong().await {
        let Some(seq) = event["seq"].as_u64() else { continue };
        // Told again, it is the same.
        if let Some(known) = held.insert(seq, event.clone()) {
            assert_eq!(known["data"], event["data"], "{seq}");
        }
    }
    let mut upto = cursor;
    while held.contains_key(&(upto + 1)) {
        upto += 1;
    }
    let rest = person.sync(json!({ room: upto })).await;
    let rest = &rest["rooms"][room];
    assert_eq!(rest["upto"], log.head);
    for event in rest["events"].as_array().expect("a room has events") {
        held.insert(event["seq"].as_u64().expect("an event has a number"), event.clone());
    }
    let expected: Vec<_> = log.events.iter().map(|event| (&event["seq"], &event["data"])).collect();
    let found: Vec<_> = held.values().map(|event| (&event["seq"], &event["data"])).collect();
    assert_eq!(found, expected, "{} holds something else", person.username);
}

#[tokio::test]
async fn edits_at_once_all_take_effect_one_after_the_other() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let sent = ben.send(&room, "c-1", "0").await.created();
    let path = format!("/v1/rooms/{room}/messages/{}", sent["seq"]);
    let edit = |text: usize| {
        let by = if text.is_multiple_of(2) { &ana } else { &ben };
        by.patch(&path, json!({ "text": text.to_string() }))
    };
    let replies = join_all((1..=6).map(edit)).await;
    let mut versions: Vec<_> = Vec::new();
    for reply in replies {
        if reply.status == 503 {
            // Lost too many races: it says so, and nothing was done.
            assert_eq!(reply.refused(503, "unavailable")["retryable"], true);
        } else {
            versions.push(reply.ok()["version"].as_u64().unwrap());
        }
    }
    versions.sort_unstable();
    let expected: Vec<_> = (2..2 + versions.len() as u64).collect();
    assert_eq!(versions, expected);
    assert_eq!(ana.get(&path).await.ok()["version"], *expected.last().unwrap());
    let log = RoomLog::read(&ana, &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    let edits = log.events.iter().filter(|event| event["event"] == "message.updated");
    assert_eq!(edits.count(), versions.len());
}
