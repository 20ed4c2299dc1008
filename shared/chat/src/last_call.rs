//! Connections whose time is up, or soon will be.
//!
//! Nothing runs between two frames, so this is said when the client speaks: a ping that is the last
//! before the end is told so, and a frame after it closes the connection. Pushes end by themselves,
//! because the row of the connection ends with it.

use domain::{ConnectionId, UserId};
use push::Goodbye;

use crate::{App, Error};

/// Says to a connection that it will end, so that its client opens the next one while it works.
///
/// Best effort: whoever does not hear it is cut off, and catches up.
pub async fn last_call(app: &App, connection: &ConnectionId, goodbye: Goodbye) {
    app.push.say(connection, goodbye).await;
}

/// Closes a connection that outlived the token that opened it.
///
/// # Errors
/// [`Error::StillOpen`], or storage that does not answer; the next frame tries again.
pub async fn expire(app: &App, user: UserId, connection: &ConnectionId) -> Result<(), Error> {
    app.push.close([connection], Goodbye::TokenExpired).await?;
    Ok(app.store.disconnect(user, std::slice::from_ref(connection)).await?)
}
