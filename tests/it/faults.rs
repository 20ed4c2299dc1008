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
