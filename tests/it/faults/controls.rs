//! Controls: were the backend made otherwise, a client would hold something else than the server,
//! and the check of the seeded test would say so.
//!
//! Nothing in the backend is changed for that: a proxy makes it so on the wire, as AWS never does.

use serde_json::{Value, json};
use tests::{Client, Person, Stack};

use super::{of_messages, once};

/// What differs between the server and a client that connected, and then was pushed what came.
async fn connect_and_be_told(
    stack: &Stack,
    rule: impl FnOnce(&Person) -> Option<Value>,
) -> Vec<String> {
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    if let Some(rule) = rule(&ben) {
        stack.control().fault(rule).await;
    }
    let mut client = Client::new(ben);
    assert!(client.connect().await);
    client.settle().await;
    ana.send(&room, "c-1", "hello").await.created();
    // What was pushed before the ack of a ping comes before it; the heads are not looked at.
    client.act("ping", json!({})).await.expect("the socket is open");
    client.differences().await
}

#[tokio::test]
async fn reading_connections_eventually_would_lose_messages() {
    let stack = Stack::start_faulty().await;
    assert_eq!(connect_and_be_told(&stack, |_| None).await, Vec::<String>::new());
    let eventual = |ben: &Person| {
        let stale = json!({ "stale": { "ms": 60_000, "strong": true } });
        let mut rule = of_messages("BatchGetItem", &ben.id, &stale);
        rule["table"] = json!("ConnectionsTable");
        Some(rule)
    };
    let found = connect_and_be_told(&stack, eventual).await;
    assert!(found.iter().any(|one| one.contains("message.created")), "{found:#?}");
}

/// What differs between the server and a client that took the number of a slow edit for void, as
/// `omit` has it: after the edit took effect, and everything was asked for again.
async fn edit_late(stack: &Stack, omit: Option<Value>) -> Vec<String> {
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let sent = ana.send(&room, "c-1", "before").await.created();
    let mut client = Client::new(ben);
    client.settle().await;
    // Rules are asked in order, so that the second meets only what the first does not.
    let text = format!("after {room}");
    let held = of_messages("TransactWriteItems", &text, &json!("hold"));
    let held = stack.control().fault(held).await;
    if let Some(omit) = omit {
        stack.control().fault(once(of_messages("TransactWriteItems", &room, &omit))).await;
    }
    let path = format!("/v1/rooms/{room}/messages/{}", sent["seq"]);
    let reading = async {
        held.strikes(1).await;
        client.settle().await;
        held.heal().await;
    };
    let (edited, ()) = tokio::join!(ana.patch(&path, json!({ "text": text })), reading);
    edited.ok();
    client.settle().await;
    client.differences().await
}

#[tokio::test]
async fn a_void_at_the_message_alone_would_hide_a_late_edit() {
    let stack = Stack::start_faulty().await;
    assert_eq!(edit_late(&stack, None).await, Vec::<String>::new());
    let found = edit_late(&stack, Some(json!({ "omit": { "prefix": "E#" } }))).await;
    assert!(found.iter().any(|one| one.contains("message ")), "{found:#?}");
}
