//! What AWS does to a program now and then, and what becomes of the promises meanwhile.
//!
//! Calls pass proxies on these stacks, and rules say what happens to them there. The tests share a
//! stack: each rule names by `containing` a room, a person or a `client_id` of its own test.

mod controls;
mod crash;
mod errors;
mod expiry;
mod pushes;
mod races;
mod reconnect;
mod seeded;
mod sockets;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{RoomLog, Stack};

/// What happened in a room, by name and in order.
fn names(log: &RoomLog) -> Vec<&str> {
    log.events.iter().filter_map(|event| event["event"].as_str()).collect()
}

fn voids(log: &RoomLog) -> usize {
    names(log).iter().filter(|name| **name == "void").count()
}

#[tokio::test]
async fn a_wish_that_cannot_be_granted_is_refused() {
    let stack = Stack::start_faulty().await;
    let address = stack.control().address().to_owned();
    for rule in [
        json!({ "fault": { "refuse": "NoSuchException" } }),
        json!({ "fault": "explode" }),
        json!({ "fault": "hold", "nth": 0 }),
        json!({ "fault": "hold", "colour": "red" }),
    ] {
        let asked = reqwest::Client::new().post(format!("{address}/rules")).json(&rule);
        assert!(asked.send().await.unwrap().status().is_client_error(), "{rule}");
    }
}

#[tokio::test]
async fn the_latest_calls_are_told_with_their_times() {
    let data = TempDir::new().expect("there is room for data");
    let stack = Stack::start_own_with(&["--control"], data.path()).await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let control = stack.control();
    let late = of_messages("TransactWriteItems", &room, &json!({ "delay": { "ms": 30 } }));
    control.fault(late).await;
    control.forget_calls().await;
    ana.send(&room, "c-1", "hello").await.created();

    let calls = control.latest_calls().await;
    let [issued, written] = ["UpdateItem", "TransactWriteItems"].map(|operation| {
        let of = |call: &&Value| call["function"] == "Messages" && call["operation"] == operation;
        let found = calls.iter().find(of).expect("a send makes this call");
        let [at, took] = ["at_us", "took_us"].map(|time| found[time].as_u64().expect("a time"));
        (at, took)
    });
    assert!(issued.0 + issued.1 <= written.0, "the number comes first: {calls:?}");
    assert!(written.1 >= 30_000, "it was kept back: {calls:?}");
}

/// A number that whoever runs the tests may give.
#[expect(clippy::disallowed_methods, reason = "a wish of whoever runs the tests")]
fn wish(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("this is a number"))
}

/// A rule for a call of the function that takes messages over HTTP.
fn of_messages(operation: &str, containing: &str, fault: &Value) -> Value {
    json!({
        "function": "Messages", "operation": operation, "containing": containing, "fault": fault,
    })
}

/// The same, once.
fn once(mut rule: Value) -> Value {
    rule["count"] = json!(1);
    rule
}
