//! A function dies in the midst of a send: the sender says it again, and all is well.

use serde_json::json;
use tests::{RoomLog, Stack};

use super::{names, of_messages, once, voids};

#[tokio::test]
async fn a_number_whose_writer_died_becomes_void() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let dies = once(of_messages("UpdateItem", &room, &json!("kill_after")));
    stack.control().fault(dies).await;

    assert_eq!(ana.send(&room, "c-1", "hello").await.status, 500);
    let sent = ana.send(&room, "c-1", "hello").await.created();
    let log = RoomLog::read(&ben, &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    assert_eq!(names(&log)[log.events.len() - 2..], ["void", "message.created"]);

    // The lost number may count as unread until the room is read; the message always does.
    let unread = ben.room(&room).await["my"]["unread_count"].as_u64().unwrap();
    assert!((1..=2).contains(&unread), "{unread}");
    let read = ben.post(&format!("/v1/rooms/{room}/read"), json!({ "seq": sent["seq"] })).await;
    assert_eq!(read.ok()["unread_count"], 0);
}

#[tokio::test]
async fn a_message_whose_writer_died_is_told_by_its_repeat() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    let dies = once(of_messages("TransactWriteItems", &room, &json!("kill_after")));
    stack.control().fault(dies).await;

    assert_eq!(ana.send(&room, "c-1", "hello").await.status, 500);
    inbox.expect_nothing_before_pong().await;
    let again = ana.send(&room, "c-1", "hello").await.ok();
    assert_eq!(again["duplicate"], true);
    assert_eq!(inbox.expect_event("message.created").await["seq"], again["seq"]);
    inbox.expect_nothing_before_pong().await;
    let log = RoomLog::read(&ben, &room).await;
    assert_eq!((log.flaws(0), voids(&log)), (Vec::new(), 0));
}

#[tokio::test]
async fn whoever_was_not_told_when_the_writer_died_is_told_by_the_repeat() {
    let stack = Stack::start_faulty().await;
    let [ana, ben, cai, dot, eve] = stack.people(["ana", "ben", "cai", "dot", "eve"]).await;
    let others = [&ben, &cai, &dot, &eve];
    let room = ana.create_group("Lunch", &others).await;
    let mut inboxes = Vec::new();
    for other in others {
        inboxes.push(other.connect().await);
    }
    let mut dies = once(of_messages("PostToConnection", &room, &json!("kill_after")));
    dies["nth"] = json!(2);
    stack.control().fault(dies).await;

    assert_eq!(ana.send(&room, "c-1", "hello").await.status, 500);
    let again = ana.send(&room, "c-1", "hello").await.ok();
    for inbox in &mut inboxes {
        let told = inbox.events_before_pong().await;
        // Once or twice, and the same each time.
        assert!(!told.is_empty());
        assert!(told.iter().all(|event| event["seq"] == again["seq"]), "{told:#?}");
    }
}
