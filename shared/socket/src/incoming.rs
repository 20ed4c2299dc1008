//! One event of a WebSocket: who, on which connection, and what they sent.

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use domain::{Actor, ConnectionId, Proof, UserId};
use jiff::Timestamp;
use lambda_runtime::Error;
use serde_json::Value;

/// One event, as far as anybody needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Since when it is open.
    pub connected_at: Timestamp,
    /// When it ends at the latest, by the clock of `asked_at`: after the gateway's two hours, and with
    /// the token of an outside issuer, behind which no session stands.
    pub expires_at: Timestamp,
    /// When the gateway took the event in.
    pub asked_at: Timestamp,
    /// Who opened it, by the word of the authorizer.
    pub user_id: UserId,
    /// The name that others read.
    pub name: String,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
    /// What they proved it by.
    pub proof: Proof,
    /// Names this event in the logs.
    pub request_id: String,
    /// What was sent; empty where nothing can be.
    pub body: String,
    /// The subprotocols offered with the handshake.
    pub subprotocols: Vec<String>,
    /// The time of everything that comes of it.
    pub now: Timestamp,
}

impl Incoming {
    /// Whether its token ends before its two hours do.
    #[must_use]
    pub fn ends_with_its_token(&self) -> bool {
        self.expires_at < life_ends(self.connected_at)
    }

    /// # Errors
    /// If the gateway's event lacks what it always has: an authorizer's answer, a connection.
    pub(crate) fn read(event: Value, now: Timestamp) -> Result<Self, Error> {
        // Not by the runtime, which would log what it could not read; and so would the cause.
        let event: ApiGatewayWebsocketProxyRequest =
            serde_json::from_value(event).map_err(|_| "no event of a WebSocket API")?;
        let context = event.request_context;
        let field = |name: &str| match context.authorizer.fields.get(name) {
            // The gateway makes strings of an authorizer's values; whether always is not documented.
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => None,
            Some(other) => Some(other.to_string()),
        };
        let user_id =
            field("user_id").and_then(|id| id.parse().ok()).ok_or("no user in the event")?;
        let proof = Proof::from_parts(
            field("session_id").and_then(|id| id.parse().ok()),
            field("issued_at").and_then(|at| at.parse().ok()),
        );
        let connected_at = Timestamp::from_millisecond(context.connected_at)?;
        let life_ends = life_ends(connected_at);
        let token_ends = field("expires_at").and_then(|at| at.parse().ok());
        let token_ends = token_ends.and_then(|at| Timestamp::from_second(at).ok());
        let expires_at = match proof.ok_or("no proof in the event")? {
            Proof::Session(_) => life_ends,
            Proof::Token { .. } => {
                token_ends.ok_or("no end of the token in the event")?.min(life_ends)
            }
        };
        let offered = event.headers.get_all("sec-websocket-protocol");
        let subprotocols = offered
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        Ok(Self {
            connection_id: ConnectionId::new(
                context.connection_id.ok_or("no connection in the event")?,
            ),
            connected_at,
            expires_at,
            asked_at: Timestamp::from_millisecond(context.request_time_epoch)?,
            user_id,
            name: field("name").unwrap_or_default(),
            is_staff: field("is_staff").as_deref() == Some("true"),
            proof: proof.ok_or("no proof in the event")?,
            request_id: context.request_id.unwrap_or_default(),
            body: event.body.unwrap_or_default(),
            subprotocols,
            now,
        })
    }

    /// For an operation.
    #[must_use]
    pub fn by(&self) -> chat::By {
        chat::By {
            actor: Actor { user_id: self.user_id, is_staff: self.is_staff },
            name: self.name.clone(),
            connection: Some(self.connection_id.clone()),
            now: self.now,
        }
    }
}

/// When the gateway ends a connection.
fn life_ends(connected_at: Timestamp) -> Timestamp {
    connected_at.saturating_add(chat::MAX_CONNECTION_LIFE).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
    const SESSION: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e80";

    fn event(authorizer: &Value) -> Value {
        json!({
            "headers": { "Sec-WebSocket-Protocol": "other, banter.v1" },
            "requestContext": {
                "routeKey": "$default", "authorizer": authorizer, "messageId": "m", "eventType": "MESSAGE",
                "requestId": "r=", "connectionId": "c=", "connectedAt": 1_000, "requestTimeEpoch": 2_000,
                "identity": { "sourceIp": "127.0.0.1" },
            },
            "body": "{}", "isBase64Encoded": false,
        })
    }

    #[test]
    fn strings_and_scalars_say_the_same() {
        for staff in [json!(true), json!("true")] {
            let authorizer = json!({
                "principalId": USER, "user_id": USER, "name": "Ana", "is_staff": staff,
                "session_id": SESSION,
            });
            let incoming = Incoming::read(event(&authorizer), Timestamp::UNIX_EPOCH).unwrap();
            assert!(incoming.is_staff);
            assert_eq!(incoming.user_id.to_string(), USER);
            assert_eq!(incoming.proof.session().map(|id| id.to_string()), Some(SESSION.to_owned()));
            assert_eq!(incoming.subprotocols, ["other", "banter.v1"]);
            assert_eq!(incoming.by().connection, Some(ConnectionId::new("c=")));
        }
    }

    #[test]
    fn whom_an_outside_issuer_sends_has_no_session() {
        let authorizer =
            json!({ "user_id": USER, "name": "Ana", "issued_at": "500", "expires_at": "900" });
        let incoming = Incoming::read(event(&authorizer), Timestamp::UNIX_EPOCH).unwrap();
        let issued_at = Timestamp::new(500, 0).unwrap();
        assert_eq!(incoming.proof, Proof::Token { issued_at });
    }

    #[test]
    fn a_connection_ends_after_two_hours_or_with_a_token_that_has_no_session() {
        let life = 1 + 2 * 60 * 60; // It was opened a second after the epoch.
        for (proof, token_ends, ends) in [
            ("session_id", 900, life),
            ("session_id", 90_000, life),
            ("issued_at", 900, 900),
            ("issued_at", 90_000, life),
        ] {
            let mut authorizer = json!({ "user_id": USER, "expires_at": token_ends.to_string() });
            authorizer[proof] = if proof == "session_id" { json!(SESSION) } else { json!("0") };
            let incoming = Incoming::read(event(&authorizer), Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(incoming.expires_at.as_second(), ends, "{authorizer}");
            assert_eq!(incoming.asked_at.as_second(), 2);
        }
    }

    #[test]
    fn an_event_without_a_user_or_a_proof_is_refused() {
        for authorizer in [
            json!({}),
            json!({ "user_id": "ana", "session_id": SESSION }),
            json!({ "user_id": null, "session_id": SESSION }),
            json!({ "user_id": USER }),
            json!({ "user_id": USER, "session_id": "lobby" }),
            json!({ "user_id": USER, "issued_at": "today" }),
            json!({ "user_id": USER, "issued_at": "500" }),
        ] {
            assert!(
                Incoming::read(event(&authorizer), Timestamp::UNIX_EPOCH).is_err(),
                "{authorizer}"
            );
        }
    }
}
