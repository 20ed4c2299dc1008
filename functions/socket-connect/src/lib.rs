//! `$connect`: a connection is written down before its handshake is answered.

use chat::{App, Arrival, Connect};
use serde_json::Value;
use socket::Incoming;

/// The protocol that this server speaks.
const SUBPROTOCOL: &str = "banter.v1";

/// Lets a connection in. One that cannot be written down is refused: it would be open and deaf.
pub async fn connect(app: &App, incoming: Incoming) -> Value {
    let offered = incoming.subprotocols.iter().any(|name| name == SUBPROTOCOL);
    let actor = incoming.by().actor;
    let Incoming { proof, connection_id: id, connected_at, expires_at, now, .. } = incoming;
    let arrival = Arrival { actor, proof, id, connected_at, expires_at };
    match chat::connect(app, arrival, now).await {
        Ok(Connect::Accepted) => socket::accept(offered.then_some(SUBPROTOCOL)),
        Ok(Connect::Revoked) => socket::done(401),
        Err(error) => {
            tracing::error!(
                error = environment::chain(&error),
                "a connection could not be written down"
            );
            socket::done(503)
        }
    }
}
