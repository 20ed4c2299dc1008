//! Rooms that are too large to ask every member: who has one open is told, by way of the queue; all
//! the others find what happened when they look.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Behind, Inbox, Person, Stack};

/// Members of the large room. Most are rows and nothing more.
const MEMBERS: usize = 5_000;
/// Those who are there, each with as many connections as one may have.
const PEOPLE: usize = 12;
const CONNECTIONS: usize = 10;

/// Ten connections of each of these, all of which have the room open.
async fn listeners(people: &[Person], room: &str) -> Vec<Inbox> {
    let mut inboxes = Vec::new();
    for person in people {
        let opened = (0..CONNECTIONS).map(|_| async {
            let mut inbox = person.connect().await;
            let opened = inbox.ack("room.join", json!({ "room_id": room })).await;
            assert_eq!(opened["room"]["member_count"], MEMBERS);
            inbox
        });
        inboxes.extend(join_all(opened).await);
    }
    inboxes
}

/// Who wrote what to which table, and how often.
async fn writes(stack: &Stack) -> BTreeMap<(String, String, String), u64> {
    let mut counts = BTreeMap::new();
    for call in stack.control().calls().await {
        let text = |name: &str| call[name].as_str().expect("a text").to_owned();
        let is_read =
            ["Get", "Query", "Condition"].iter().any(|read| text("action").contains(read));
        if text("action").starts_with("dynamodb:") && !is_read {
            *counts.entry((text("function"), text("action"), text("table"))).or_default() +=
                call["count"].as_u64().expect("a count");
        }
    }
    counts
}

async fn expect_text(inbox: &mut Inbox, text: &str) {
    let event = inbox.expect_event("message.created").await;
    assert_eq!(event["data"]["text"], text, "{event}");
}

#[tokio::test]
async fn five_thousand_members_cost_one_message_and_each_connection_gets_it_once() {
    let directory = tempfile::tempdir().unwrap();
    let stack = Stack::start_own_with(&["--control"], directory.path()).await;
    let behind = Behind::of(&stack);
    let [ana, away, removed] = stack.people(["ana", "away", "removed"]).await;
    let people = join_all((0..PEOPLE).map(|number| {
        let name = format!("p{number}");
        let stack = &stack;
        async move { stack.person(&name).await }
    }))
    .await;
    let others: Vec<_> = people.iter().chain([&away, &removed]).collect();
    let room = ana.create_group("Town", &others).await;
    let rows = behind.fill(&room, &away, MEMBERS).await;
    let mut inboxes = listeners(&people, &room).await;
    let mut ex = listeners(std::slice::from_ref(&removed), &room).await;
    // The control: connected, and a member, and the room is not open.
    let mut quiet = away.connect().await;
    let seq = ana.room(&room).await["seq"].as_u64().unwrap();
    let before = behind.rows(&room).await;
    let untouched = behind.row(&format!("U#{}", rows[0]), &format!("R#{room}")).await;

    let writes_before = writes(&stack).await;

    ana.send(&room, "c-1", "to everybody").await.created();
    for inbox in inboxes.iter_mut().chain(&mut ex) {
        expect_text(inbox, "to everybody").await;
    }
    let mut written = writes(&stack).await;
    written.retain(|call, count| {
        *count -= writes_before.get(call).copied().unwrap_or(0);
        *count > 0
    });
    let call =
        |action: &str, table: &str| ("Messages".to_owned(), action.to_owned(), table.to_owned());
    let expected = BTreeMap::from([
        // The head's number, and how far the sender has read.
        (call("dynamodb:UpdateItem", "ChatTable"), 2),
        // The message, and the memory of its `client_id`.
        (call("dynamodb:PutItem", "ChatTable"), 1),
        (call("dynamodb:PutItem", "EphemeralTable"), 1),
        // How often the sender sent lately.
        (call("dynamodb:UpdateItem", "EphemeralTable"), 1),
    ]);
    assert_eq!(written, expected, "nothing for any of {MEMBERS} members");
    assert_eq!(behind.rows(&room).await, before + 1, "a message, and nothing else");
    let row = behind.row(&format!("U#{}", rows[0]), &format!("R#{room}")).await;
    assert_eq!(row, untouched, "nothing is written for a member");

    let path = format!("/v1/rooms/{room}/members/{}", removed.id);
    ana.delete(&path).await.no_content();
    let told = join_all(ex.iter_mut().map(Inbox::events_before_pong)).await;
    for events in told {
        let names: BTreeSet<_> = events.iter().map(|one| one["event"].as_str().unwrap()).collect();
        assert_eq!(names, ["room.removed"].into());
    }
    ana.send(&room, "c-2", "among us").await.created();
    for inbox in &mut inboxes {
        // The queue does not keep the order, so what came in between is sorted here.
        let mut texts = BTreeSet::new();
        while !texts.contains("among us") || texts.len() < 3 {
            let event = inbox.next_event().await;
            let fresh = texts.insert(match event["event"].as_str().unwrap() {
                "message.created" if event["data"]["type"] == "system" => "left".to_owned(),
                "message.created" => event["data"]["text"].as_str().unwrap().to_owned(),
                other => other.to_owned(),
            });
            assert!(fresh, "twice: {event}");
        }
        assert_eq!(texts, ["among us", "left", "member.left"].map(str::to_owned).into());
        inbox.expect_nothing_before_pong().await;
    }
    for inbox in &mut ex {
        inbox.expect_nothing_before_pong().await;
    }

    quiet.expect_nothing_before_pong().await;
    let heads = quiet.ack("ping", json!({})).await;
    assert_eq!(heads["heads"][&room], seq + 4, "a message, a removal with its notice, a message");
    let mut cursors = serde_json::Map::new();
    cursors.insert(room.clone(), json!(seq));
    let caught_up = quiet.ack("sync", json!({ "rooms": cursors, "scope": "named" })).await;
    assert_eq!(caught_up["rooms"][&room]["upto"], seq + 4);
    assert_eq!(away.room(&room).await["my"]["unread_count"], 2);
    assert_eq!(people[0].room(&room).await["my"]["unread_count"], 2, "told is not read");
}

#[tokio::test]
async fn what_cannot_be_posted_ends_among_the_dead_letters_and_holds_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let stack = Stack::start_own(directory.path()).await;
    let behind = Behind::of(&stack);
    let queue = |name: &str| json!(format!("http://sqs/000000000000/banter-{name}"));
    let body = "no shard";
    let poison = json!({ "QueueUrl": queue("FanOutQueue"), "MessageBody": body });
    behind.sqs("SendMessage", poison).await;

    let people = stack.people(["p0", "p1", "p2", "p3", "p4", "p5"]).await;
    let [ana, others @ ..] = &people;
    let room = ana.create_group("Square", &others.iter().collect::<Vec<_>>()).await;
    let mut inboxes = Vec::new();
    for person in &people {
        let connected = (0..CONNECTIONS).map(|_| person.connect());
        inboxes.extend(join_all(connected).await);
    }
    ana.send(&room, "c-1", "beside it").await.created();
    for inbox in &mut inboxes {
        expect_text(inbox, "beside it").await;
        inbox.expect_nothing_before_pong().await;
    }

    let dead = queue("FanOutDeadLetters");
    let ask =
        json!({ "QueueUrl": dead, "WaitTimeSeconds": 20, "MessageSystemAttributeNames": ["All"] });
    let mut found = behind.sqs("ReceiveMessage", ask).await["Messages"].take();
    assert_eq!(found[0]["Body"], body);
    assert_eq!(found[0]["Attributes"]["ApproximateReceiveCount"], "4", "three tries, and this");
    let receipt = found[0]["ReceiptHandle"].take();
    behind.sqs("DeleteMessage", json!({ "QueueUrl": dead, "ReceiptHandle": receipt })).await;
    let attributes = |queue: &Value| json!({ "QueueUrl": queue, "AttributeNames": ["All"] });
    for name in ["FanOutQueue", "FanOutDeadLetters"] {
        let left = behind.sqs("GetQueueAttributes", attributes(&queue(name))).await;
        for count in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
            assert_eq!(left["Attributes"][count], "0", "{name}: {left}");
        }
    }
}
