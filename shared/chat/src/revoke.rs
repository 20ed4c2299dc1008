//! Closing sockets whose rights have changed.
//!
//! A socket has the rights with which it was opened. So whoever takes rights away writes that first
//! and looks for open sockets then, and [`connect`](fn@crate::connect) does the reverse: it writes the
//! socket down first and looks at the rights then. One of the two sees the other.

use domain::{Refusal, UserId};
use jiff::Timestamp;
use push::Goodbye;
use storage::Connection;
use uuid::Uuid;

use crate::{App, Error};

/// Closes every socket that a session opened; the session has ended.
///
/// # Errors
/// [`Error::StillOpen`], or storage that does not answer; doing it again is safe.
pub async fn close_session(
    app: &App,
    user: UserId,
    session: Uuid,
    now: Timestamp,
) -> Result<(), Error> {
    let is_its = |one: &Connection| one.session_id == Some(session);
    close(app, user, is_its, Goodbye::SignedOut, now).await
}

/// Closes every socket of a user but those that this session opened; the others have ended.
///
/// # Errors
/// [`Error::StillOpen`], or storage that does not answer; doing it again is safe.
pub async fn close_other_sessions(
    app: &App,
    user: UserId,
    kept: Uuid,
    now: Timestamp,
) -> Result<(), Error> {
    let is_other = |one: &Connection| one.session_id != Some(kept);
    close(app, user, is_other, Goodbye::SignedOut, now).await
}

/// Makes void whatever a user signed in by, and closes their sockets. They may sign in again.
///
/// # Errors
/// [`Refusal::UserNotFound`], [`Error::StillOpen`], or storage that does not answer; doing it again
/// is safe.
pub async fn revoke_user(app: &App, user: UserId, now: Timestamp) -> Result<(), Error> {
    if !app.store.revoke(user, now).await? {
        return Err(Refusal::UserNotFound.into());
    }
    close(app, user, |_| true, Goodbye::SignedOut, now).await
}

/// Bans a user, or lifts the ban.
///
/// A ban makes void whatever they signed in by, closes their sockets, and lets them neither sign in
/// nor enter a room; their places in rooms stay.
///
/// # Errors
/// [`Refusal::UserNotFound`], [`Error::StillOpen`], or storage that does not answer; doing it again
/// is safe.
pub async fn set_banned(
    app: &App,
    user: UserId,
    is_banned: bool,
    now: Timestamp,
) -> Result<(), Error> {
    if !app.store.set_banned(user, is_banned, now).await? {
        return Err(Refusal::UserNotFound.into());
    }
    if is_banned {
        close(app, user, |_| true, Goodbye::Banned, now).await?;
    }
    Ok(())
}

/// Makes staff of a user, or staff no more, and closes their sockets, whose rights are those of when
/// they were opened.
///
/// # Errors
/// [`Refusal::UserNotFound`], [`Error::StillOpen`], or storage that does not answer; doing it again
/// is safe, and closes what was opened since.
pub async fn set_staff(
    app: &App,
    user: UserId,
    is_staff: bool,
    now: Timestamp,
) -> Result<(), Error> {
    if !app.store.set_staff(user, is_staff).await? {
        return Err(Refusal::UserNotFound.into());
    }
    close(app, user, |_| true, Goodbye::StaffChanged, now).await
}

async fn close(
    app: &App,
    user: UserId,
    concerns: impl Fn(&Connection) -> bool,
    goodbye: Goodbye,
    now: Timestamp,
) -> Result<(), Error> {
    let mut open = app.store.connections(&[user], now).await?;
    open.retain(concerns);
    let ids: Vec<_> = open.into_iter().map(|one| one.id).collect();
    app.push.close(&ids, goodbye).await?;
    // A socket in the middle of its handshake cannot be closed yet. It opens to hear nothing.
    Ok(app.store.disconnect(user, &ids).await?)
}

#[cfg(test)]
mod tests;
