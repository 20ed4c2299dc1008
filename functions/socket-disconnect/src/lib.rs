//! `$disconnect`: a closed connection is struck out. The event may come late or never; a push to
//! the connection finds out then.

use chat::App;
use serde_json::Value;
use socket::Incoming;

/// Strikes the connection out, and tells the others if it was the user's last one.
pub async fn disconnect(app: &App, incoming: Incoming) -> Value {
    let by = incoming.by();
    let Incoming { user_id, connection_id, .. } = incoming;
    match chat::disconnect(&app.store, user_id, connection_id).await {
        Ok(()) => {
            chat::tell_offline(app, &by).await;
            socket::done(200)
        }
        Err(error) => {
            tracing::warn!(
                error = environment::chain(&error),
                "a connection could not be struck out"
            );
            socket::done(503)
        }
    }
}
