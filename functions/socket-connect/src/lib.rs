//! `$connect`: a connection is written down before its handshake is answered.

use chat::App;
use serde_json::Value;
use socket::Incoming;

/// The protocol that this server speaks.
const SUBPROTOCOL: &str = "banter.v1";

/// Lets a connection in. One that cannot be written down is refused: it would be open and deaf.
pub async fn connect(app: &App, incoming: Incoming) -> Value {
    let offered = incoming.subprotocols.iter().any(|name| name == SUBPROTOCOL);
    let Incoming { user_id, connection_id, connected_at, now, request_id, .. } = incoming;
    match chat::connect(app, user_id, connection_id, connected_at, now).await {
        Ok(()) => socket::accept(offered.then_some(SUBPROTOCOL)),
        Err(error) => {
            tracing::error!(request_id, error = %error, "a connection could not be written down");
            socket::done(503)
        }
    }
}
