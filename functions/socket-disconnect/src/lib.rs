//! `$disconnect`: a closed connection is struck out. The event may come late or never; a push to
//! the connection finds out then.

use serde_json::Value;
use socket::Incoming;
use storage::Store;

/// Strikes the connection out.
pub async fn disconnect(store: &Store, incoming: Incoming) -> Value {
    let Incoming { user_id, connection_id, request_id, .. } = incoming;
    match chat::disconnect(store, user_id, connection_id).await {
        Ok(()) => socket::done(200),
        Err(error) => {
            tracing::warn!(request_id, error = %error, "a connection could not be struck out");
            socket::done(503)
        }
    }
}
