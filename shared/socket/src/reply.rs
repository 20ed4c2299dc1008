//! What goes back: a handshake accepted, an ack, or an error frame.

use domain::Refusal;
use protocol::{
    Ack, ActionFrame, BodyError, ErrorBody, ErrorCode, ErrorFrame, MAX_ACTION_ID_CHARS,
    MAX_FRAME_BYTES,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracing::Span;

/// Tells the gateway to let a connection in, speaking `subprotocol`.
#[must_use]
pub fn accept(subprotocol: Option<&str>) -> Value {
    match subprotocol {
        Some(name) => json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": name } }),
        None => json!({ "statusCode": 200 }),
    }
}

/// Tells the gateway only how it went: with this status, and without a frame.
#[must_use]
pub fn done(status: u16) -> Value {
    json!({ "statusCode": status })
}

/// Why an action did not happen.
#[derive(Debug)]
pub enum SocketError {
    /// An operation did not happen.
    Chat(chat::Error),
    /// The frame or its data cannot be read.
    Unreadable(BodyError),
    /// No action has this name.
    UnknownAction,
    /// The answer would not fit into a frame: ask for it over REST.
    TooLarge,
    /// The account is gone.
    NoSuchUser,
    /// The token that opened the connection has expired.
    Expired,
}

impl From<chat::Error> for SocketError {
    fn from(error: chat::Error) -> Self {
        Self::Chat(error)
    }
}

impl From<Refusal> for SocketError {
    fn from(refusal: Refusal) -> Self {
        Self::Chat(refusal.into())
    }
}

/// What cannot name a room names none.
impl From<domain::InvalidId> for SocketError {
    fn from(_: domain::InvalidId) -> Self {
        Refusal::RoomNotFound.into()
    }
}

impl SocketError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Chat(chat::Error::Refused(refusal)) => refusal.into(),
            Self::Chat(chat::Error::Limited(_)) => ErrorCode::RateLimited,
            Self::Chat(chat::Error::ClientIdConflict) => ErrorCode::ClientIdConflict,
            Self::Chat(chat::Error::VersionMismatch) => ErrorCode::VersionMismatch,
            Self::Chat(
                chat::Error::Contended | chat::Error::StillOpen(_) | chat::Error::Unavailable(_),
            ) => ErrorCode::Unavailable,
            Self::Chat(chat::Error::Corrupt(_)) => ErrorCode::Internal,
            Self::Unreadable(error) => error.code,
            Self::UnknownAction => ErrorCode::UnknownAction,
            Self::TooLarge => ErrorCode::MessageTooLarge,
            Self::NoSuchUser | Self::Expired => ErrorCode::Unauthenticated,
        }
    }

    fn message(&self) -> String {
        let sentence = match self {
            Self::Chat(chat::Error::Refused(refusal)) => return refusal.to_string(),
            Self::Unreadable(error) => return at(&error.pointer, &error.detail),
            Self::Chat(chat::Error::Limited(_)) => "Too many requests. Wait a moment.",
            Self::Chat(chat::Error::ClientIdConflict) => {
                "This client_id was used for another message. Choose a new one."
            }
            Self::Chat(chat::Error::VersionMismatch) => "It was changed meanwhile. Read it again.",
            Self::Chat(
                chat::Error::Contended | chat::Error::StillOpen(_) | chat::Error::Unavailable(_),
            ) => "Not possible at the moment. Try again shortly.",
            Self::Chat(chat::Error::Corrupt(_)) => "Something went wrong on our side.",
            Self::UnknownAction => "There is no such action.",
            Self::TooLarge => "The answer does not fit into a frame. Ask for it over HTTP.",
            Self::NoSuchUser => "This account is gone.",
            Self::Expired => "The token that opened this connection has expired. Connect again.",
        };
        sentence.to_owned()
    }

    fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Chat(chat::Error::Limited(limited)) => {
                Some(u64::try_from(limited.retry_after.as_millis()).unwrap_or(u64::MAX))
            }
            Self::Chat(chat::Error::Contended) => Some(200),
            Self::Chat(chat::Error::StillOpen(_) | chat::Error::Unavailable(_)) => Some(1_000),
            _ => None,
        }
    }

    fn body(&self, request_id: &str) -> ErrorBody {
        let code = self.code();
        Span::current().record("code", tracing::field::display(code));
        if let Self::Chat(chat::Error::Unavailable(error) | chat::Error::Corrupt(error)) = self {
            tracing::error!(error = environment::chain(error), "an action failed");
        }
        ErrorBody {
            code,
            message: self.message(),
            retryable: code.retryable(),
            retry_after_ms: self.retry_after_ms(),
            request_id: request_id.to_owned(),
        }
    }
}

/// What is wrong and where, in one sentence. The name of a field that there is not may be of any
/// length, and the answer has to fit into a frame.
fn at(pointer: &str, detail: &str) -> String {
    const MOST: usize = 100;
    match pointer.len() {
        1..=MOST => format!("`{pointer}`: {detail}"),
        _ => detail.to_owned(),
    }
}

/// Names an action that there is in the log; what else comes in its place is a user's.
pub fn name(action: &str) {
    Span::current().record("action", action);
}

/// The action in a frame.
///
/// # Errors
/// [`SocketError::Unreadable`], with the `id` if the frame has one that can come back.
pub fn read(body: &str) -> Result<ActionFrame, (Option<String>, SocketError)> {
    let frame: ActionFrame = protocol::parse(body.as_bytes()).map_err(|error| {
        let id = serde_json::from_str::<Value>(body)
            .ok()
            .and_then(|frame| frame.get("id").and_then(Value::as_str).map(ToOwned::to_owned));
        (id.filter(|id| comes_back(id)), SocketError::Unreadable(error))
    })?;
    if frame.id.as_deref().is_none_or(comes_back) {
        return Ok(frame);
    }
    let detail = format!("Must be at most {MAX_ACTION_ID_CHARS} characters.");
    let code = ErrorCode::InvalidRequest;
    Err((None, SocketError::Unreadable(BodyError { code, pointer: "/id".to_owned(), detail })))
}

fn comes_back(id: &str) -> bool {
    id.chars().count() <= MAX_ACTION_ID_CHARS
}

/// What goes back for one action.
#[derive(Debug)]
pub struct Answer {
    /// The action's own.
    pub id: Option<String>,
    /// What it gave, or why it did not happen; nothing for an action that has no ack.
    pub outcome: Result<Option<Value>, SocketError>,
}

impl Answer {
    /// As the route response of the gateway, which sends its body as one frame.
    #[must_use]
    pub fn response(self, request_id: &str) -> Value {
        let Self { id, outcome } = self;
        let frame = match outcome {
            Ok(None) => return done(200),
            Ok(Some(data)) => {
                let frame = text(&Ack { id: id.clone(), data });
                if frame.len() <= MAX_FRAME_BYTES { Ok(frame) } else { Err(SocketError::TooLarge) }
            }
            Err(error) => Err(error),
        };
        let frame =
            frame.unwrap_or_else(|error| text(&ErrorFrame { id, error: error.body(request_id) }));
        json!({ "statusCode": 200, "body": frame })
    }
}

/// The `data` of an action, as what the action takes.
///
/// # Errors
/// [`SocketError::Unreadable`].
pub fn data<T: DeserializeOwned>(data: Value) -> Result<T, SocketError> {
    // An action without data is one with none of its fields.
    let data = if data.is_null() { json!({}) } else { data };
    protocol::parse_value(data).map_err(SocketError::Unreadable)
}

fn text(frame: &impl Serialize) -> String {
    // Wire types are made of strings, numbers and lists: writing them cannot fail.
    serde_json::to_string(frame).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(answer: Answer) -> Value {
        let response = answer.response("r=");
        serde_json::from_str(response["body"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn an_ack_carries_the_id_of_its_action() {
        let answer = Answer { id: Some("c1".to_owned()), outcome: Ok(Some(json!({ "a": 1 }))) };
        assert_eq!(frame(answer), json!({ "type": "ack", "id": "c1", "data": { "a": 1 } }));
    }

    #[test]
    fn an_action_without_an_ack_sends_nothing() {
        let answer = Answer { id: None, outcome: Ok(None) };
        assert_eq!(answer.response("r="), json!({ "statusCode": 200 }));
    }

    #[test]
    fn a_refusal_is_an_error_frame() {
        let refused = SocketError::from(Refusal::StaffOnly);
        let answer = Answer { id: Some("c2".to_owned()), outcome: Err(refused) };
        assert_eq!(
            frame(answer),
            json!({ "type": "error", "id": "c2", "error": {
                "code": "staff_only", "message": "This is for staff only.",
                "retryable": false, "request_id": "r=",
            } })
        );
    }

    #[test]
    fn an_answer_past_the_frame_is_refused_and_not_cut() {
        for (bytes, expected) in [(MAX_FRAME_BYTES - 1_000, "ack"), (MAX_FRAME_BYTES, "error")] {
            let answer = Answer { id: None, outcome: Ok(Some(json!("x".repeat(bytes)))) };
            assert_eq!(frame(answer)["type"], expected, "{bytes}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused_with_the_id_that_it_has() {
        let refused =
            |body: &str| read(body).map_err(|(id, error)| (id, error.code())).unwrap_err();
        let id = || Some("c3".to_owned());
        assert_eq!(refused("ahoy"), (None, ErrorCode::InvalidRequest));
        assert_eq!(refused(r#"{"id":"c3"}"#), (id(), ErrorCode::InvalidRequest));
        assert_eq!(refused(r#"{"id":"c3","action":7}"#), (id(), ErrorCode::InvalidRequest));
        assert_eq!(
            refused(r#"{"id":"c3","action":"ping","more":1}"#),
            (id(), ErrorCode::UnknownField)
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place_if_that_is_short() {
        let long = "x".repeat(MAX_FRAME_BYTES);
        for (sent, expected) in [
            (json!({}), "`/room_id`: This field is required."),
            (json!({ "room": "r" }), "`/room`: There is no such field here."),
            (json!({ long: "r" }), "There is no such field here."),
            (json!([]), "Expected a JSON object."),
        ] {
            let error = data::<protocol::RoomRef>(sent).unwrap_err();
            assert_eq!(error.message(), expected);
        }
    }

    #[test]
    fn an_id_that_is_too_long_to_come_back_is_refused_before_anything_is_done() {
        for id in ["é".repeat(MAX_ACTION_ID_CHARS), "x".repeat(MAX_ACTION_ID_CHARS)] {
            let frame = |id: &str| json!({ "action": "ping", "id": id, "data": {} }).to_string();
            assert_eq!(read(&frame(&id)).unwrap().id, Some(id.clone()));
            for body in [frame(&format!("{id}x")), json!({ "id": format!("{id}x") }).to_string()] {
                let (echoed, error) = read(&body).unwrap_err();
                assert_eq!((echoed, error.code()), (None, ErrorCode::InvalidRequest), "{body}");
            }
        }
    }
}
