//! What must hold in the end, whatever happened.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::Person;

use super::actor::Actor;

/// Which promises are broken.
pub(super) async fn broken(actors: &mut [Actor], rooms: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for actor in &mut *actors {
        actor.client.settle().await;
    }
    for actor in &*actors {
        found.extend(actor.client.differences().await);
    }
    for room in rooms {
        // Whoever made it owns it, and is in it for ever.
        let history = history(&actors[0].client.person, room).await;
        found.extend(sends(actors, room, &history));
        found.extend(shown(&actors[0].client.person, room, &history).await);
        for actor in &*actors {
            if actor.client.rooms.contains_key(room) {
                found.extend(unread(&actor.client.person, room, &history).await);
            }
        }
    }
    found
}

/// The control: were an acknowledged message missing, doubled or elsewhere, it would have been told.
pub(super) async fn control(actors: &[Actor], rooms: &[String]) {
    let owner = &actors[0].client.person;
    for room in rooms {
        let history = history(owner, room).await;
        let is_acknowledged = |message: &Value| {
            let is = |actor: &Actor| {
                let mut own = actor.acknowledged().filter(|(sent, _)| sent.room == *room);
                own.any(|(_, seq)| message["seq"] == seq)
            };
            actors.iter().any(is)
        };
        let Some(place) = history.iter().position(is_acknowledged) else { continue };
        assert_eq!(sends(actors, room, &history), Vec::<String>::new());
        let mut missing = history.clone();
        let message = missing.remove(place);
        assert!(!sends(actors, room, &missing).is_empty());
        let mut doubled = history.clone();
        doubled.push(message);
        assert!(!sends(actors, room, &doubled).is_empty());
        let mut elsewhere = history;
        elsewhere[place]["seq"] = json!(1_000_000);
        assert!(!sends(actors, room, &elsewhere).is_empty());
    }
}

/// Every message of a room, from the first.
async fn history(person: &Person, room: &str) -> Vec<Value> {
    let mut history = Vec::new();
    let mut query = "?limit=200".to_owned();
    loop {
        let mut page = person.messages(room, &query).await.ok();
        let older = page["data"].as_array_mut().map(std::mem::take).unwrap_or_default();
        history.splice(0..0, older);
        if page["found_oldest"] == true {
            return history;
        }
        query = format!("?limit=200&before_seq={}", history[0]["seq"]);
    }
}

/// What was acknowledged is there once and under its number, and everybody's in their order.
fn sends(actors: &[Actor], room: &str, history: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    for actor in actors {
        let Person { id, username: name, .. } = &actor.client.person;
        let own = history.iter().filter(|message| message["user"]["id"] == id.as_str());
        let mut stored: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for message in own {
            if let (Some(client_id), Some(seq)) =
                (message["client_id"].as_str(), message["seq"].as_u64())
            {
                stored.entry(client_id).or_default().push(seq);
            }
        }
        for (client_id, seqs) in &stored {
            if seqs.len() > 1 {
                found.push(format!("{client_id} of {name} is there under {seqs:?}"));
            }
        }
        let mut before = 0;
        for (sent, seq) in actor.acknowledged().filter(|(sent, _)| sent.room == room) {
            let client_id = &sent.client_id;
            if stored.get(client_id.as_str()) != Some(&vec![seq]) {
                let is = stored.get(client_id.as_str());
                found.push(format!("{client_id} of {name} was {seq} and is {is:?}"));
            }
            if seq <= before {
                found.push(format!("{client_id} of {name} is {seq}, and came after {before}"));
            }
            before = seq;
        }
    }
    found
}

/// The list shows a room with its newest message, and with nothing that was never sent.
async fn shown(person: &Person, room: &str, history: &[Value]) -> Option<String> {
    let newest = history.iter().rfind(|message| message["type"] != "system");
    let newest = newest.map_or(&Value::Null, |message| &message["seq"]);
    let shown = &person.room(room).await["last_message"]["seq"];
    (shown != newest).then(|| format!("{room} shows {shown}, and the newest is {newest}"))
}

/// Unread is what was not read, and at most one more for each number that a crash lost; nothing once
/// all is read.
async fn unread(person: &Person, room: &str, history: &[Value]) -> Vec<String> {
    let is_counted = |message: &&Value| message["type"] != "system";
    let seen = person.room(room).await;
    let of = |name: &str| seen["my"][name].as_u64().unwrap_or_default();
    let counted = history.iter().filter(is_counted).count() as u64;
    let later = history.iter().filter(|one| one["seq"].as_u64() > Some(of("last_read_seq")));
    let (unread, left) = (of("unread_count"), later.filter(is_counted).count() as u64);
    let mut found = Vec::new();
    match seen["message_count"].as_u64().unwrap_or_default().checked_sub(counted) {
        Some(lost) if (left..=left + lost).contains(&unread) => {}
        lost => found.push(format!(
            "{} has {unread} unread in {room}, left are {left}, lost {lost:?}",
            person.username
        )),
    }
    let path = format!("/v1/rooms/{room}/read");
    let read = person.post(&path, json!({ "seq": seen["seq"] })).await.ok();
    if read["unread_count"] != 0 {
        found.push(format!("{} has read all of {room}, and left is {read}", person.name));
    }
    found
}
