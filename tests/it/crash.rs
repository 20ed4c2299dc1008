//! The whole stack is killed in the middle of many sends: what was acknowledged is there once, what
//! was not is safe to say again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::{Person, RoomLog, Stack};

const SENDS: usize = 200;
/// Acknowledged sends after which the stack is killed.
const ENOUGH: usize = 60;

fn client_id(number: usize) -> String {
    format!("send-{number}")
}

/// The number of the message if the send was acknowledged.
async fn try_send(person: &Person, room: &str, number: usize) -> Option<u64> {
    let body = json!({ "client_id": client_id(number), "text": format!("text {number}") });
    let path = format!("/v1/rooms/{room}/messages");
    let reply = person.try_request(Method::POST, &path, Some(body.to_string()), &[]).await.ok()?;
    match reply.status {
        201 => reply.body["seq"].as_u64(),
        // The gateway was going down.
        500 | 502 | 503 | 504 => None,
        _ => panic!("{number}: {reply:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_dash_nine() {
    let directory = tempfile::tempdir().expect("there is room for data");
    let stack = Stack::start_own(directory.path()).await;
    let people = join_all((0..4).map(|_| stack.person("ana"))).await;
    let others: Vec<_> = people[1..].iter().collect();
    let room = people[0].create_group("Rush", &others).await;

    let done = AtomicUsize::new(0);
    let sends = (0..SENDS).map(async |number| {
        let person = &people[number % people.len()];
        let acknowledged = try_send(person, &room, number).await;
        if acknowledged.is_some() && done.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
            stack.kill();
        }
        acknowledged.map(|seq| (client_id(number), seq))
    });
    let answers = join_all(sends).await;
    let acknowledged: BTreeMap<_, _> = answers.into_iter().flatten().collect();
    assert!((ENOUGH..SENDS).contains(&acknowledged.len()), "{} survived", acknowledged.len());
    assert!(stack.own(|process| process.functions()).is_empty());

    let stack = Stack::start_own(directory.path()).await;
    // Whoever was signed in still is.
    let people: Vec<_> = people.iter().map(|person| person.on(&stack)).collect();
    let log = RoomLog::read(&people[0], &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    let stored = log.numbers();
    for (client_id, seq) in &acknowledged {
        assert_eq!(stored.get(client_id), Some(seq), "{client_id} was acknowledged");
    }

    // Say everything again, as a client does that knows of no answer.
    let again = (0..SENDS).map(async |number| {
        let person = &people[number % people.len()];
        let text = format!("text {number}");
        let reply = person.send_until_acknowledged(&room, &client_id(number), &text).await;
        (client_id(number), reply.body["seq"].as_u64().expect("a message has a number"))
    });
    let again: BTreeMap<_, _> = join_all(again).await.into_iter().collect();
    for (client_id, seq) in &stored {
        assert_eq!(again.get(client_id), Some(seq), "{client_id} is another message now");
    }
    let log = RoomLog::read(&people[0], &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    assert_eq!(log.numbers(), again);
    assert_eq!(again.len(), SENDS);

    // The control: were one of them missing or doubled, it would have been told.
    let mut doctored = log.clone();
    doctored.events.remove(100);
    assert!(!doctored.flaws(0).is_empty());
    let mut doctored = log.clone();
    let last = doctored.events.len() - 1;
    let first = doctored.events.iter().position(|event| event["data"]["client_id"].is_string());
    let first = doctored.events[first.expect("something was sent")].clone();
    doctored.events[last]["data"]["client_id"] = first["data"]["client_id"].clone();
    doctored.events[last]["data"]["user"] = first["data"]["user"].clone();
    assert!(!doctored.flaws(0).is_empty());

    // Once more, this time with a warning.
    assert!(stack.own(tests::Process::stop).success());
    let stack = Stack::start_own(directory.path()).await;
    let ana = people[0].on(&stack);
    let newest = ana.messages(&room, "?limit=1").await.ok();
    assert_eq!(newest["found_newest"], true);
    let after = RoomLog::read_after(&ana, &room, log.head - 10).await;
    assert_eq!(after.events, log.events[log.events.len() - 10..]);
    ana.send(&room, "after", "still here").await.created();
}
