//! A room's log as `sync` tells it, and what must hold of it whatever happened.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::interval;

use crate::Person;

/// Every number of a room and what became of it.
#[derive(Debug, Clone)]
pub struct RoomLog {
    /// The newest number.
    pub head: u64,
    /// In the order in which `sync` told them.
    pub events: Vec<Value>,
}

impl RoomLog {
    /// Reads a room from its first number, until nothing is missing.
    ///
    /// # Panics
    /// If some number stays unaccounted for.
    pub async fn read(person: &Person, room: &str) -> Self {
        Self::read_after(person, room, 0).await
    }

    /// Reads what comes after `cursor`, until nothing is missing.
    ///
    /// # Panics
    /// If some number stays unaccounted for.
    pub async fn read_after(person: &Person, room: &str, mut cursor: u64) -> Self {
        let mut events = Vec::new();
        // A number that a crash left without a row is told of once it is 5 s old: asking more often
        // than this would only keep the processors from those who write.
        let mut pace = interval(Duration::from_millis(250));
        for _ in 0..80 {
            pace.tick().await;
            let mut sync = person.sync(json!({ room: cursor })).await;
            let answer = &mut sync["rooms"][room];
            assert_eq!(answer["reset"], false, "the log is longer than sync tells: {answer}");
            events.append(answer["events"].as_array_mut().expect("a room has events"));
            cursor = answer["upto"].as_u64().expect("a cursor is a number");
            let head = answer["head"].as_u64().expect("a head is a number");
            if cursor == head {
                return Self { head, events };
            }
        }
        panic!("after {cursor} a number is neither taken nor void");
    }

    /// What is wrong with this log after `cursor`: a gap, a number told twice or out of order, one
    /// `client_id` in two messages.
    #[must_use]
    pub fn flaws(&self, cursor: u64) -> Vec<String> {
        let mut flaws = Vec::new();
        let numbers: Vec<_> =
            self.events.iter().filter_map(|event| event["seq"].as_u64()).collect();
        let expected: Vec<_> = (cursor + 1..=self.head).collect();
        if numbers != expected {
            let told: BTreeSet<_> = numbers.iter().copied().collect();
            let missing: Vec<_> = expected.iter().filter(|seq| !told.contains(seq)).collect();
            flaws.push(format!("numbers are not dense: {missing:?} missing of {numbers:?}"));
        }
        let mut seen = BTreeMap::new();
        for message in self.messages() {
            let name = (message["user"]["id"].to_string(), message["client_id"].to_string());
            let seq = message["seq"].as_u64().unwrap_or_default();
            if message["client_id"].is_null() {
                continue; // The room speaks for itself.
            }
            if let Some(first) = seen.insert(name.clone(), seq) {
                flaws.push(format!("{name:?} is both {first} and {seq}"));
            }
        }
        flaws
    }

    /// The messages that were sent, the room's own included.
    pub fn messages(&self) -> impl Iterator<Item = &Value> {
        let created = self.events.iter().filter(|event| event["event"] == "message.created");
        created.map(|event| &event["data"])
    }

    /// The number of each message by its `client_id`.
    #[must_use]
    pub fn numbers(&self) -> BTreeMap<String, u64> {
        self.messages()
            .filter_map(|one| Some((one["client_id"].as_str()?.to_owned(), one["seq"].as_u64()?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(seq: u64, client_id: &str) -> Value {
        let data = json!({ "seq": seq, "client_id": client_id, "user": { "id": "u" } });
        json!({ "event": "message.created", "seq": seq, "data": data })
    }

    fn log(events: Vec<Value>) -> RoomLog {
        RoomLog { head: 3, events }
    }

    #[test]
    fn a_dense_log_has_no_flaws() {
        let void = json!({ "event": "void", "seq": 2, "data": {} });
        let good = log(vec![message(1, "a"), void, message(3, "b")]);
        assert_eq!(good.flaws(0), Vec::<String>::new());
        assert_eq!(good.numbers().len(), 2);
    }

    /// The control: a check that finds nothing proves nothing.
    #[test]
    fn a_doctored_log_is_found_out() {
        for (flaw, events) in [
            ("not dense", vec![message(1, "a"), message(3, "b")]),
            ("not dense", vec![message(1, "a"), message(2, "b")]),
            ("not dense", vec![message(1, "a"), message(3, "c"), message(2, "b")]),
            ("not dense", vec![message(1, "a"), message(2, "b"), message(2, "b"), message(3, "c")]),
            ("is both", vec![message(1, "a"), message(2, "b"), message(3, "a")]),
        ] {
            let flaws = log(events.clone()).flaws(0);
            assert!(flaws.iter().any(|found| found.contains(flaw)), "{events:?}: {flaws:?}");
        }
    }
}
