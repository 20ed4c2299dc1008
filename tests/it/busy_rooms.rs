//! Rooms where more is said than anybody reads word for word: what comes within a second is told in
//! one frame, because each frame costs.

use std::iter;

use futures_util::future::join_all;
use serde_json::json;
use tests::{Inbox, Person, Stack};

const PEOPLE: usize = 5;
/// Of each; so the room is busy above ten messages a second.
const DEVICES: usize = 10;
const MESSAGES: usize = 40;
/// Those of people who answer at the same moment.
const AT_ONCE: usize = 10;

/// Posts so far: by the function that took the messages in, and by the one that works the queue.
async fn posts(stack: &Stack) -> (u64, u64) {
    let calls = stack.control().calls().await;
    let by = |function: &str| {
        let posts = calls.iter().filter(|call| call["operation"] == "PostToConnection");
        let posts = posts.filter(|call| call["function"] == function);
        posts.map(|call| call["count"].as_u64().expect("a count")).sum()
    };
    (by("Messages"), by("FanOut"))
}

/// The numbers of the next messages that this connection is told, in order.
async fn told(inbox: &mut Inbox, count: usize) -> Vec<u64> {
    let mut seqs = Vec::new();
    while seqs.len() < count {
        seqs.push(inbox.expect_event("message.created").await["seq"].as_u64().expect("a number"));
    }
    seqs.sort_unstable();
    seqs
}

/// Sends so many messages at once, by everybody, and hears each on each device.
async fn say(people: &[Person], room: &str, what: &str, count: usize, inboxes: &mut [Inbox]) {
    let sent = join_all((0..count).map(|number| async move {
        let (client_id, text) = (format!("c-{what}-{number}"), format!("{number}"));
        let sent = people[number % PEOPLE].send(room, &client_id, &text).await;
        sent.created()["seq"].as_u64().expect("a number")
    }));
    let mut sent = sent.await;
    sent.sort_unstable();
    for inbox in inboxes {
        assert_eq!(told(inbox, count).await, sent, "each of them, and each once");
    }
}

#[tokio::test]
async fn a_busy_room_is_told_in_fewer_frames_and_a_quiet_one_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let stack = Stack::start_own_with(&["--control"], directory.path()).await;
    let people: Vec<_> = join_all((0..PEOPLE).map(|_| stack.person("somebody"))).await;
    let (ana, others) = people.split_first().expect("somebody");
    let everybody: Vec<_> = others.iter().collect();
    let busy = ana.create_group("Kick-off", &everybody).await;
    let quiet = ana.create_group("Minutes", &everybody).await;
    let devices = people.iter().flat_map(|person| iter::repeat_n(person, DEVICES));
    let mut inboxes = join_all(devices.map(Person::connect)).await;
    let told_at_once = (AT_ONCE * inboxes.len()) as u64;
    say(&people, &busy, "answer", AT_ONCE, &mut inboxes).await;
    assert_eq!(posts(&stack).await, (told_at_once, 0), "they wait for nobody");

    say(&people, &busy, "talk", MESSAGES, &mut inboxes).await;
    let (direct, gathered) = posts(&stack).await;
    let alone = told_at_once + (MESSAGES * inboxes.len()) as u64;
    // How few they are is the machine's pace; `fan_out`'s own tests count them by a clock that waits.
    assert!(gathered > 0 && direct + gathered < alone, "{direct} + {gathered} of {alone}");

    // The control: what is said, and then changed, in another room waits for nobody.
    let seq = ana.send(&quiet, "c-quiet", "noted").await.created()["seq"].as_u64().unwrap();
    for inbox in &mut inboxes {
        assert_eq!(told(inbox, 1).await, [seq]);
    }
    let path = format!("/v1/rooms/{quiet}/messages/{seq}");
    ana.patch(&path, json!({ "text": "Noted." })).await.ok();
    for inbox in &mut inboxes {
        assert_eq!(inbox.expect_event("message.updated").await["data"]["text"], "Noted.");
    }
    assert_eq!(posts(&stack).await, (direct + 2 * inboxes.len() as u64, gathered));
}
