//! Every JSON example of the specification is read into the type that it is an example of, and back.
//!
//! An example names its type in the fence: ```` ```json Room ````.

#![expect(clippy::unwrap_used, reason = "a test says with it what must hold")]

use protocol::{
    ActionFrame, AddReaction, AddedMembers, AdminCreateUser, AdminUpdateUser, Bye, ChangePassword,
    CreateMedia, CreateRoom, CreatedMedia, ErrorCode, ErrorFrame, EventFrame, HelloAck, Media,
    Member, Message, MessagePage, Notice, Presence, PresenceList, Problem, RateLimits, Reaction,
    ReactionChange, ReadMark, Room, SendMessage, SentMessage, Session, Sync, SyncRequest, Ticket,
    Typing,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const README: &str = include_str!("../README.md");

/// The examples as (type, JSON).
fn examples() -> Vec<(&'static str, &'static str)> {
    README
        .split("```json ")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```"))
        .filter_map(|(example, _)| example.split_once('\n'))
        .collect()
}

/// What a client sends.
fn request<T: DeserializeOwned>(json: &str) {
    protocol::parse::<T>(json.as_bytes()).map(drop).unwrap();
}

/// What a client gets: nothing of the example may be lost on the way there and back.
fn answer<T: DeserializeOwned + Serialize>(json: &str) {
    let example: Value = serde_json::from_str(json).unwrap();
    let there: T = serde_json::from_str(json).unwrap();
    let back = serde_json::to_value(there).unwrap();
    assert_eq!(without_nulls(back), without_nulls(example));
}

/// `null` and absent are the same to a client; the specification shows the ones worth showing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[test]
fn every_example_is_of_its_type() {
    let examples = examples();
    assert!(examples.len() >= 15, "only {} examples were found", examples.len());
    for (name, json) in examples {
        match name {
            "Session" => answer::<Session>(json),
            "Problem" => answer::<Problem>(json),
            "CreateRoom" => request::<CreateRoom>(json),
            "Room" => answer::<Room>(json),
            "Member" => answer::<Member>(json),
            "AddedMembers" => answer::<AddedMembers>(json),
            "AdminCreateUser" => request::<AdminCreateUser>(json),
            "AdminUpdateUser" => request::<AdminUpdateUser>(json),
            "ChangePassword" => request::<ChangePassword>(json),
            "ReadMark" => answer::<ReadMark>(json),
            "SendMessage" => request::<SendMessage>(json),
            "SentMessage" => answer::<SentMessage>(json),
            "Message" => answer::<Message>(json),
            "CreateMedia" => request::<CreateMedia>(json),
            "CreatedMedia" => answer::<CreatedMedia>(json),
            "Media" => answer::<Media>(json),
            "SyncRequest" => request::<SyncRequest>(json),
            "Sync" => answer::<Sync>(json),
            "Ticket" => answer::<Ticket>(json),
            "ActionFrame" => request::<ActionFrame>(json),
            "ErrorFrame" => answer::<ErrorFrame>(json),
            "Bye" => answer::<Bye>(json),
            "HelloAck" => answer::<HelloAck>(json),
            "EventFrame" => answer::<EventFrame>(json),
            "MessagePage" => answer::<MessagePage>(json),
            "AddReaction" => request::<AddReaction>(json),
            "Reaction" => answer::<Reaction>(json),
            "ReactionChange" => answer::<ReactionChange>(json),
            "Presence" => answer::<Presence>(json),
            "PresenceList" => answer::<PresenceList>(json),
            "Typing" => answer::<Typing>(json),
            "RateLimits" => answer::<RateLimits>(json),
            "Notice" => answer::<Notice>(json),
            other => panic!("the specification has an example of an unknown type: {other}"),
        }
    }
}

#[test]
fn every_code_is_in_the_specification() {
    for code in ErrorCode::ALL {
        let name = serde_json::to_value(code).unwrap();
        let name = name.as_str().unwrap();
        assert!(README.contains(&format!("`{name}`")), "{name} is not in README.md");
    }
}

#[test]
fn an_example_with_a_wrong_field_would_be_found() {
    let wrong = r#"{"rooms": {}, "room": 1}"#;
    assert!(protocol::parse::<SyncRequest>(wrong.as_bytes()).is_err());
}
