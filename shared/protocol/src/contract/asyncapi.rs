//! `asyncapi.json`: the socket as the server sees it, which receives actions and sends acks and events.

use serde_json::{Map, Value, json};

use super::Schemas;
use crate::{
    Bye, EditData, ErrorFrame, EventFrame, HeadsAck, HelloAck, HelloData, JoinAck, JoinData,
    MAX_ACTION_ID_CHARS, Member, Message, MessageRef, Notice, Presence, ReactionAck,
    ReactionChange, ReactionData, ReadData, ReadMark, Room, RoomRef, SendAck, SendData, Sync,
    SyncRequest, Typing,
};

pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut messages = Map::new();
    let mut operations = Map::new();
    for (action, data, ack) in actions(&mut schemas) {
        let sent = frame(&[
            ("action", json!({ "const": action }), true),
            (
                "id",
                json!({
                    "type": "string", "maxLength": MAX_ACTION_ID_CHARS,
                    "description": "Comes back in the ack.",
                }),
                false,
            ),
            ("data", data, true),
        ]);
        messages.insert(action.to_owned(), message(action, &sent));
        let mut replies = vec![in_channel("error")];
        if let Some(ack) = ack {
            let name = format!("{action}.ack");
            let acked = frame(&[
                ("type", json!({ "const": "ack" }), true),
                ("id", json!({ "type": ["string", "null"] }), true),
                ("data", ack, true),
            ]);
            messages.insert(name.clone(), message(&name, &acked));
            replies.insert(0, in_channel(&name));
        }
        operations.insert(
            action.to_owned(),
            json!({
                "action": "receive", "channel": CHANNEL.reference(), "messages": [in_channel(action)],
                "reply": { "channel": CHANNEL.reference(), "messages": replies },
            }),
        );
    }
    for (event, data) in events(&mut schemas) {
        let told = json!({ "allOf": [schemas.answer::<EventFrame>(), frame(&[
            ("event", json!({ "const": event }), true), ("data", data, true),
        ])] });
        messages.insert(event.to_owned(), message(event, &told));
        operations.insert(format!("on.{event}"), told_by(&[event]));
    }
    let batch = frame(&[
        ("type", json!({ "const": "batch" }), true),
        ("events", json!({ "type": "array", "items": schemas.answer::<EventFrame>() }), true),
    ]);
    messages.insert("batch".to_owned(), message("batch", &batch));
    messages.insert("error".to_owned(), message("error", &schemas.answer::<ErrorFrame>()));
    messages.insert("bye".to_owned(), message("bye", &schemas.answer::<Bye>()));
    operations.insert("on.batch".to_owned(), told_by(&["batch"]));
    operations.insert("on.bye".to_owned(), told_by(&["bye"]));
    let in_channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Banter",
            "version": "1",
            "description": "README.md beside this file is the specification; this is its socket half, made of the types.",
        },
        "defaultContentType": "application/json",
        "servers": { "live": {
            "host": "127.0.0.1:3001", "pathname": "/live", "protocol": "wss",
            "description": "A ticket names the address; the subprotocol is banter.v1.",
        } },
        "channels": { CHANNEL.0: {
            "address": "/",
            "messages": in_channel,
            "bindings": { "ws": {
                "query": { "type": "object", "properties": { "ticket": { "type": "string" } } },
            } },
        } },
        "operations": operations,
        "components": { "schemas": schemas.definitions(), "messages": messages },
    })
}

struct Channel(&'static str);

const CHANNEL: Channel = Channel("socket");

impl Channel {
    fn reference(&self) -> Value {
        json!({ "$ref": format!("#/channels/{}", self.0) })
    }
}

fn in_channel(name: &str) -> Value {
    json!({ "$ref": format!("#/channels/{}/messages/{name}", CHANNEL.0) })
}

fn told_by(names: &[&str]) -> Value {
    let messages: Vec<_> = names.iter().map(|name| in_channel(name)).collect();
    json!({ "action": "send", "channel": CHANNEL.reference(), "messages": messages })
}

fn message(name: &str, payload: &Value) -> Value {
    json!({ "name": name, "payload": payload })
}

/// An object of these properties: `(name, schema, whether it is always there)`.
fn frame(properties: &[(&str, Value, bool)]) -> Value {
    let required: Vec<_> =
        properties.iter().filter(|(.., required)| *required).map(|(name, ..)| name).collect();
    let schemas: Map<String, Value> =
        properties.iter().map(|(name, schema, _)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": schemas, "required": required })
}

/// Every action: its `data`, and the `data` of its ack, if it has one.
fn actions(s: &mut Schemas) -> Vec<(&'static str, Value, Option<Value>)> {
    let nothing = json!({ "type": "object", "additionalProperties": false });
    vec![
        ("hello", s.request::<HelloData>(), Some(s.answer::<HelloAck>())),
        ("ping", nothing, Some(s.answer::<HeadsAck>())),
        ("sync", s.request::<SyncRequest>(), Some(s.answer::<Sync>())),
        ("room.join", s.request::<JoinData>(), Some(s.answer::<JoinAck>())),
        ("room.leave", s.request::<RoomRef>(), Some(s.answer::<RoomRef>())),
        ("room.read", s.request::<ReadData>(), Some(s.answer::<ReadMark>())),
        ("message.send", s.request::<SendData>(), Some(s.answer::<SendAck>())),
        ("message.edit", s.request::<EditData>(), Some(s.answer::<SendAck>())),
        ("message.delete", s.request::<MessageRef>(), Some(s.answer::<SendAck>())),
        ("reaction.add", s.request::<ReactionData>(), Some(s.answer::<ReactionAck>())),
        ("reaction.remove", s.request::<ReactionData>(), Some(s.answer::<ReactionAck>())),
        ("typing", s.request::<RoomRef>(), None),
    ]
}

/// Every event, and its `data`.
fn events(s: &mut Schemas) -> Vec<(&'static str, Value)> {
    let message = s.answer::<Message>();
    let room = s.answer::<Room>();
    let member = s.answer::<Member>();
    let change = s.answer::<ReactionChange>();
    let gone = s.answer::<RoomRef>();
    let notice = s.answer::<Notice>();
    vec![
        ("message.created", message.clone()),
        ("message.updated", message.clone()),
        ("message.deleted", message),
        ("room.created", room.clone()),
        ("room.updated", room.clone()),
        ("room.deleted", gone.clone()),
        ("room.added", room),
        ("room.removed", gone),
        ("room.read", s.answer::<ReadMark>()),
        ("member.joined", member.clone()),
        ("member.updated", member.clone()),
        ("member.left", member),
        ("member.entered", notice.clone()),
        ("member.exited", notice),
        ("reaction.added", change.clone()),
        ("reaction.removed", change),
        ("typing", s.answer::<Typing>()),
        ("presence", s.answer::<Presence>()),
        ("void", json!({ "type": "object" })),
    ]
}
