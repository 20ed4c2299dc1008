//! Connections coming and going.

use std::time::Duration;

use domain::{Actor, ConnectionId, Proof, UserId};
use futures_util::future::try_join;
use jiff::Timestamp;
use push::Goodbye;
use storage::Connection;

use crate::{App, Error};

/// API Gateway closes every WebSocket after this.
pub const MAX_CONNECTION_LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// Somebody at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who, by the word of their token or ticket.
    pub actor: Actor,
    /// What they proved it by.
    pub proof: Proof,
    /// The new connection.
    pub id: ConnectionId,
    /// Since when it is open.
    pub connected_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// What became of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connect {
    /// They are in.
    Accepted,
    /// Their session has ended, or they are banned, or staff no more: what they came with is void.
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
    let Arrival { actor, proof, id, connected_at, expires_at } = arrival;
    let (user_id, session_id) = (actor.user_id, proof.session());
    let connection = Connection { user_id, id: id.clone(), session_id, connected_at, expires_at };
    let displaced = app.store.connect(&connection, now).await?;
    if let Err(error) = app.push.close(displaced.iter().map(|one| &one.id), Goodbye::Replaced).await
    {
        // It is in nobody's audience any more, and ends with its life.
        tracing::warn!(error = %error, "a displaced connection was not closed");
    }
    // Not before: see `revoke`.
    match is_good(app, actor, proof).await {
        Ok(true) => Ok(Connect::Accepted),
        refused => {
            app.store.disconnect(user_id, &[id]).await?;
            refused.map(|_| Connect::Revoked)
        }
    }
}

/// Whether what the token said is still so.
async fn is_good(app: &App, actor: Actor, proof: Proof) -> Result<bool, Error> {
    let (since, account) = try_join(since(app, proof), app.store.account(actor.user_id)).await?;
    let (Some(since), Some(account)) = (since, account) else {
        return Ok(false);
    };
    // Whoever became staff meanwhile has fewer rights than they might, which harms nobody.
    Ok(since >= account.valid_from
        && !account.user.is_banned
        && (!actor.is_staff || account.user.is_staff))
}

/// Since when a proof says what it says; `None` if it says it no more.
async fn since(app: &App, proof: Proof) -> Result<Option<Timestamp>, storage::Error> {
    match proof {
        Proof::Session(id) => Ok(app.store.session(id).await?.map(|session| session.opened_at)),
        Proof::Token { issued_at } => Ok(Some(issued_at)),
    }
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
