//! Whatever comes over a socket, it is read or refused; nothing panics, and every answer is one.

use jiff::Timestamp;
use proptest::prelude::*;
use protocol::{ActionFrame, MAX_FRAME_BYTES};
use serde_json::{Value, json};

use crate::{Answer, Incoming, SocketError, data, read};

/// JSON of any shape, with words of ours in it.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![Just("room_id"), Just("rooms"), Just("seq"), Just("text"), Just("id")];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let key = prop_oneof![word.clone().prop_map(str::to_owned), "\\PC{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// An event as the gateway hands it over.
fn event() -> Value {
    json!({
        "headers": { "Sec-WebSocket-Protocol": "banter.v1" }, "body": "{}", "isBase64Encoded": false,
        "requestContext": {
            "routeKey": "$default", "messageId": "m", "eventType": "MESSAGE", "requestId": "r=",
            "connectionId": "c=", "connectedAt": 1_000, "requestTimeEpoch": 2_000,
            "identity": { "sourceIp": "127.0.0.1" },
            "authorizer": {
                "principalId": "u", "user_id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f",
                "session_id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e80", "name": "Ana",
            },
        },
    })
}

/// Every place in a document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, item)| (key.clone(), item)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, i)| (n.to_string(), i)).collect(),
        _ => Vec::new(),
    };
    for (key, item) in children {
        let at = format!("{at}/{key}");
        places(item, &at, found);
        found.push(at);
    }
}

/// What an error is told as: a frame of the contract, for a client that knows nothing more.
fn is_an_error(answer: &Value) -> bool {
    let frame = answer["body"].as_str().unwrap_or_default();
    let Ok(frame) = serde_json::from_str::<Value>(frame) else { return false };
    let error = &frame["error"];
    answer["statusCode"] == 200
        && frame["type"] == "error"
        && error["code"].is_string()
        && error["message"].is_string()
        && error["retryable"].is_boolean()
        && error["request_id"] == "r="
        && frame.to_string().len() <= MAX_FRAME_BYTES
}

fn refusal(id: Option<String>, error: SocketError) -> Value {
    Answer { id, outcome: Err(error) }.response("r=")
}

fn look_at_data(value: &Value) -> Result<(), TestCaseError> {
    fn one<T: serde::de::DeserializeOwned>(value: &Value) -> Result<(), TestCaseError> {
        if let Err(error) = data::<T>(value.clone()) {
            prop_assert!(is_an_error(&refusal(None, error)));
        }
        Ok(())
    }
    one::<protocol::HelloData>(value)?;
    one::<protocol::JoinData>(value)?;
    one::<protocol::ReadData>(value)?;
    one::<protocol::EditData>(value)?;
    one::<protocol::SyncRequest>(value)?;
    one::<protocol::SendData>(value)
}

proptest! {
    #[test]
    fn any_text_is_a_frame_or_refused(text in "\\PC{0,200}") {
        if let Err((id, error)) = read(&text) {
            prop_assert!(is_an_error(&refusal(id, error)));
        }
    }

    #[test]
    fn any_json_is_a_frame_or_refused(value in any_json(), id in "\\PC{0,200}") {
        let frame = json!({ "action": "message.send", "id": id, "data": value }).to_string();
        for text in [value.to_string(), frame] {
            match read(&text) {
                Ok(ActionFrame { data, .. }) => look_at_data(&data)?,
                Err((id, error)) => prop_assert!(is_an_error(&refusal(id, error))),
            }
        }
        look_at_data(&value)?;
    }

    #[test]
    fn any_event_is_read_or_refused(place in any::<prop::sample::Index>(), value in any_json()) {
        let mut event = event();
        let mut found = Vec::new();
        places(&event, "", &mut found);
        *event.pointer_mut(place.get::<String>(&found)).unwrap() = value.clone();
        for event in [event, value] {
            if let Err(error) = Incoming::read(event, Timestamp::UNIX_EPOCH) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}

/// The controls: what is changed is good, and an answer that is no error is not taken for one.
#[test]
fn the_event_is_good_before_it_is_changed() {
    assert!(Incoming::read(event(), Timestamp::UNIX_EPOCH).is_ok());
    let ack = Answer { id: None, outcome: Ok(Some(json!({ "code": "x" }))) };
    assert!(!is_an_error(&ack.response("r=")));
    assert!(is_an_error(&refusal(None, SocketError::UnknownAction)));
}
