//! The check: what a client holds is what the server has.

use std::collections::BTreeMap;

use super::model::essence;
use super::{Client, RoomModel};
use crate::RoomLog;

/// Numbers that one answer of `sync` surely tells.
const TOLD: u64 = 400;

impl Client {
    /// Where what it holds differs from the server: rooms, every number told, and the state that
    /// came of the first state and the events since.
    ///
    /// # Panics
    /// If the server does not answer.
    pub async fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        let who = &self.person.username;
        let rooms = self.person.get("/v1/rooms?limit=200").await.ok();
        let rooms = rooms["data"].as_array().into_iter().flatten();
        let mut ids: Vec<_> = rooms.filter_map(|room| room["id"].as_str()).collect();
        ids.sort_unstable();
        let held: Vec<_> = self.rooms.keys().map(String::as_str).collect();
        if ids != held {
            found.push(format!("{who} holds the rooms {held:?} and is in {ids:?}"));
        }
        for (id, room) in &self.rooms {
            if ids.contains(&id.as_str()) {
                let differences = self.in_room(id, room).await.into_iter();
                found.extend(differences.map(|difference| format!("{who} in {id}: {difference}")));
            }
        }
        found
    }

    async fn in_room(&self, id: &str, room: &RoomModel) -> Vec<String> {
        let mut found = Vec::new();
        let fetched = self.fetch(id).await.expect("a member may see the room");
        let head = fetched.room["seq"].as_u64().unwrap_or_default();
        let from = room.base.max(head.saturating_sub(TOLD));
        let log = RoomLog::read_after(&self.person, id, from).await;
        found.extend(log.flaws(from));
        for event in &log.events {
            let seq = event["seq"].as_u64().unwrap_or_default();
            let (told, held) = (event["event"].as_str(), room.log.get(&seq));
            if held.map(String::as_str) != told {
                found.push(format!("{seq} is {told:?}, and {held:?} is held"));
            }
        }
        let fresh = RoomModel::new(&self.person.id, head, &fetched);
        if fresh.name != room.name {
            found.push(format!("it is called {} and not {}", fresh.name, room.name));
        }
        compare("member", &fresh.members, &room.members, &mut found);
        // Older ones it may never have fetched.
        let oldest = room.messages.keys().next().copied().unwrap_or(u64::MAX);
        let messages = fetched.messages.as_array().into_iter().flatten();
        let messages = messages.map(|one| (one["seq"].as_u64().unwrap_or_default(), essence(one)));
        let fresh: BTreeMap<_, _> = messages.filter(|(seq, _)| *seq >= oldest).collect();
        let first = fresh.keys().next().copied().unwrap_or(u64::MAX);
        let held = room.messages.range(first..).map(|(seq, one)| (*seq, one.clone())).collect();
        compare("message", &fresh, &held, &mut found);
        found
    }
}

fn compare<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    fresh: &BTreeMap<K, V>,
    held: &BTreeMap<K, V>,
    found: &mut Vec<String>,
) {
    for (key, value) in fresh {
        if held.get(key) != Some(value) {
            found.push(format!("{what} {key:?} is {value:?}, and {:?} is held", held.get(key)));
        }
    }
    for key in held.keys().filter(|key| !fresh.contains_key(key)) {
        found.push(format!("{what} {key:?} is held and not there"));
    }
}
