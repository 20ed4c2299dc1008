//! Connections coming and going.

use std::time::Duration;

use domain::{ConnectionId, UserId};
use jiff::Timestamp;
use storage::Connection;

use crate::{App, Error};

/// API Gateway closes every WebSocket after this.
pub const MAX_CONNECTION_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// Writes a new connection down, before its handshake is answered.
///
/// A user's eleventh connection displaces the oldest: with `$disconnect` lost now and then, counting
/// would otherwise lock people out.
///
/// # Errors
/// If storage does not answer; the handshake is then refused.
pub async fn connect(
    app: &App,
    user_id: UserId,
    id: ConnectionId,
    connected_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let expires_at = connected_at.saturating_add(MAX_CONNECTION_LIFE).unwrap_or(Timestamp::MAX);
    let connection = Connection { user_id, id, connected_at, expires_at };
    let displaced = app.store.connect(&connection, now).await?;
    app.push.close_displaced(&displaced).await;
    Ok(())
}

/// Strikes a closed connection out.
///
/// # Errors
/// If storage does not answer; the next push to it strikes it out then.
pub async fn disconnect(
    store: &storage::Store,
    user: UserId,
    id: ConnectionId,
) -> Result<(), Error> {
    Ok(store.disconnect(user, &[id]).await?)
}
