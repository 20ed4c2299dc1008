//! A message's way to its function, and the function's answer back.
//!
//! Messages of one connection are not kept in order: AWS promises none, so a client that relies
//! on it must fail here.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::Gateway;
use super::connection::Connection;
use super::event::Occasion;
use crate::runtime::Outcome;

pub(super) async fn handle(gateway: Arc<Gateway>, connection: Arc<Connection>, body: String) {
    let occasion = Occasion::at(gateway.clock.time());
    let session = &connection.session;
    let selected = gateway.selection.select(&gateway.api, &body);
    let Some((key, route)) = selected.and_then(|key| gateway.api.routes.get_key_value(key)) else {
        connection.tell(&error_frame("Forbidden", &session.connection_id, &occasion.request_id));
        return;
    };
    let event = session.message(&occasion, key, &crate::ids::gateway_id(), &body);
    let invocation = gateway.functions.invoke(&route.function, &event);
    let outcome = tokio::time::timeout(route.timeout, invocation).await;
    let answer = match &outcome {
        Ok(Outcome::Answered(answer)) => answered(answer),
        _ => None,
    };
    match answer {
        None => {
            let id = &session.connection_id;
            connection.tell(&error_frame("Internal server error", id, &occasion.request_id));
        }
        Some(body) if route.two_way && !body.is_empty() => connection.tell(&body),
        Some(_) => {}
    }
}

/// The body of a usable result. Its status changes nothing, but it has to be there.
fn answered(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    answer.get("statusCode")?.as_i64()?;
    match answer.get("body") {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(body)) => match answer.get("isBase64Encoded") {
            Some(Value::Bool(true)) => String::from_utf8(STANDARD.decode(body).ok()?).ok(),
            _ => Some(body.clone()),
        },
        Some(other) => Some(other.to_string()),
    }
}

/// Exactly as API Gateway spells it, uneven spaces included.
fn error_frame(message: &str, connection_id: &str, request_id: &str) -> String {
    format!(
        r#"{{"message": "{message}", "connectionId":"{connection_id}", "requestId":"{request_id}"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_frames_are_byte_exact() {
        let fixture = include_str!("../../fixtures/ws-error-frames.json");
        let fixture: Value = serde_json::from_str(fixture).unwrap();
        let frame = |message: &str| error_frame(message, "Qx7bLd3-oAMCFTg=", "Qx7d3FVjoAMEHfQ=");
        assert_eq!(frame("Internal server error"), fixture["integrationFailed"]);
        assert_eq!(frame("Forbidden"), fixture["noRoute"]);
    }

    #[test]
    fn a_result_needs_a_status_and_may_have_a_body() {
        for (answer, expected) in [
            (r#"{"statusCode":200}"#, Some("")),
            (r#"{"statusCode":500,"body":"x"}"#, Some("x")),
            (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, Some("hi")),
            (r#"{"body":"x"}"#, None),
            ("null", None),
            ("x", None),
        ] {
            assert_eq!(answered(answer.as_bytes()).as_deref(), expected, "{answer}");
        }
    }
}
