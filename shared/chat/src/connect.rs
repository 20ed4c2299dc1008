//! Connections coming and going.

use std::time::Duration;

use domain::{Actor, ConnectionId, UserId};
use futures_util::future::try_join;
use jiff::Timestamp;
use push::Goodbye;
use storage::Connection;
use uuid::Uuid;

use crate::{App, Error};

/// API Gateway closes every WebSocket after this.
pub const MAX_CONNECTION_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// Somebody at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who, by the word of their token or ticket.
    pub actor: Actor,
    /// The signed-in device.
    pub session_id: Uuid,
    /// The new connection.
    pub id: ConnectionId,
    /// Since when it is open.
    pub connected_at: Timestamp,
}

/// What became of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connect {
    /// They are in.
    Accepted,
    /// Their session has ended, or they are staff no more: what they came with is void.
    Revoked,
}

/// Writes a new connection down, before its handshake is answered.
///
/// A user's eleventh connection displaces the oldest: with `$disconnect` lost now and then, counting
/// would otherwise lock people out.
///
/// # Errors
/// If storage does not answer; the handshake is then refused.
pub async fn connect(app: &App, arrival: Arrival, now: Timestamp) -> Result<Connect, Error> {
    let Arrival { actor, session_id, id, connected_at } = arrival;
    let expires_at = connected_at.saturating_add(MAX_CONNECTION_LIFE).unwrap_or(Timestamp::MAX);
    let session = Some(session_id);
    let user_id = actor.user_id;
    let connection =
        Connection { user_id, id: id.clone(), session_id: session, connected_at, expires_at };
    let displaced = app.store.connect(&connection, now).await?;
    if let Err(error) = app.push.close(&displaced, Goodbye::Replaced).await {
        // It is in nobody's audience any more, and ends with its life.
        tracing::warn!(error = %error, "a displaced connection was not closed");
    }
    // Not before: see `revoke`.
    match is_good(app, actor, session_id).await {
        Ok(true) => Ok(Connect::Accepted),
        refused => {
            app.store.disconnect(user_id, &[id]).await?;
            refused.map(|_| Connect::Revoked)
        }
    }
}

/// Whether what the token said is still so.
async fn is_good(app: &App, actor: Actor, session_id: Uuid) -> Result<bool, Error> {
    let found = try_join(app.store.session(session_id), app.store.account(actor.user_id)).await?;
    let (Some(session), Some(account)) = found else {
        return Ok(false);
    };
    // Whoever became staff meanwhile has fewer rights than they might, which harms nobody.
    Ok(session.opened_at >= account.valid_from && (!actor.is_staff || account.user.is_staff))
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
