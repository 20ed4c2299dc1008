//! What a client holds of one room: a state once fetched, and every event since.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Fetched;

/// What a client holds of one room.
#[derive(Debug, Clone)]
pub struct RoomModel {
    /// The number up to which it has everything.
    pub cursor: u64,
    /// The number from which on it was told.
    pub base: u64,
    /// Every number since, and what happened.
    pub log: BTreeMap<u64, String>,
    /// The room's name.
    pub name: Value,
    /// The members by their ids, with what they may do.
    pub members: BTreeMap<String, Value>,
    /// The messages that it holds, as far as they can change.
    pub messages: BTreeMap<u64, Value>,
    own_id: String,
    /// Events that came before their turn.
    held: BTreeMap<u64, Value>,
    head: u64,
}

impl RoomModel {
    pub(super) fn new(own_id: &str, cursor: u64, fetched: &Fetched) -> Self {
        let mut model = Self {
            cursor,
            base: cursor,
            log: BTreeMap::new(),
            name: fetched.room["name"].clone(),
            members: BTreeMap::new(),
            messages: BTreeMap::new(),
            own_id: own_id.to_owned(),
            held: BTreeMap::new(),
            head: fetched.room["seq"].as_u64().unwrap_or_default(),
        };
        for member in fetched.members.as_array().into_iter().flatten() {
            model.enter(member);
        }
        for message in fetched.messages.as_array().into_iter().flatten() {
            model.messages.insert(seq_of(message), essence(message));
        }
        model
    }

    /// Whether something came of which an earlier number is missing.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        !self.held.is_empty()
    }

    pub(super) fn is_whole(&self) -> bool {
        self.cursor == self.head
    }

    pub(super) fn receive(&mut self, event: Value) {
        let seq = seq_of(&event);
        self.head = self.head.max(seq);
        if seq > self.cursor {
            self.held.insert(seq, event);
        }
        while let Some(event) = self.held.remove(&(self.cursor + 1)) {
            self.cursor += 1;
            self.apply(&event);
        }
    }

    pub(super) fn take(&mut self, answer: &mut Value) {
        self.head = self.head.max(answer["head"].as_u64().unwrap_or_default());
        let events = answer["events"].as_array_mut().map(std::mem::take);
        events.into_iter().flatten().for_each(|event| self.receive(event));
    }

    fn apply(&mut self, event: &Value) {
        let (name, data) = (event["event"].as_str().unwrap_or_default(), &event["data"]);
        self.log.insert(self.cursor, name.to_owned());
        match name {
            "message.created" => {
                self.messages.insert(seq_of(data), essence(data));
            }
            "message.updated" | "message.deleted" => self.change(data),
            "reaction.added" | "reaction.removed" => self.react(data, name == "reaction.added"),
            "member.joined" | "member.updated" => self.enter(data),
            "member.left" => {
                self.members.remove(data["user"]["id"].as_str().unwrap_or_default());
            }
            "room.created" | "room.updated" => self.name = data["name"].clone(),
            _ => {}
        }
    }

    fn enter(&mut self, member: &Value) {
        let id = member["user"]["id"].as_str().unwrap_or_default().to_owned();
        let standing = json!([member["is_owner"], member["permissions"]]);
        self.members.insert(id, standing);
    }

    /// An event may carry counts of reactions from before one that was told of already.
    fn change(&mut self, data: &Value) {
        let Some(held) = self.messages.get_mut(&seq_of(data)) else { return };
        if data["version"].as_u64() < held["version"].as_u64() {
            return;
        }
        let mut changed = essence(data);
        changed["reactions"] = match data["type"].as_str() {
            Some("deleted") => json!({}),
            _ => held["reactions"].take(),
        };
        *held = changed;
    }

    fn react(&mut self, data: &Value, added: bool) {
        let seq = data["message_seq"].as_u64().unwrap_or_default();
        let reaction = data["reaction"].as_str().unwrap_or_default();
        let Some(message) = self.messages.get_mut(&seq) else { return };
        if message["type"] == "deleted" {
            return;
        }
        let Some(reactions) = message["reactions"].as_object_mut() else { return };
        if data["count"] == 0 {
            reactions.remove(reaction);
            return;
        }
        let is_own = data["user_id"] == self.own_id.as_str();
        let before = reactions.get(reaction).is_some_and(|kind| kind[1] == true);
        let mine = if is_own { added } else { before };
        reactions.insert(reaction.to_owned(), json!([data["count"], mine]));
    }
}

fn seq_of(value: &Value) -> u64 {
    value["seq"].as_u64().unwrap_or_default()
}

/// What of a message can change, and what names it.
pub(super) fn essence(message: &Value) -> Value {
    let reactions = message["reactions"].as_array().into_iter().flatten().map(|kind| {
        let name = kind["reaction"].as_str().unwrap_or_default().to_owned();
        (name, json!([kind["count"], kind["mine"]]))
    });
    json!({
        "seq": message["seq"], "client_id": message["client_id"], "type": message["type"],
        "user": message["user"]["id"], "text": message["text"], "version": message["version"],
        "reactions": reactions.collect::<serde_json::Map<_, _>>(),
    })
}
