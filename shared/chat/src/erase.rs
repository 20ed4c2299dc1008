//! Erasing a user: who they were, where they were, and what they wrote or showed.
//!
//! In parts, each of which is safe to repeat and stops wherever the process does; the username goes
//! last, so that whoever begins again finds them by it. What a part does in rooms it does as the
//! erased user, without a name. Whether somebody may ask for it is not decided here: no route leads
//! to it, only the command line of whoever has the tables.
//!
//! 1. [`begin_erasure`]: banned, so that nothing new appears; no picture, no name, found by no word.
//! 2. [`leave_for_good`] each of their rooms.
//! 3. [`erase_in_room`], through the log of every room: nothing says which rooms they have left.
//! 4. [`erase_reactions`].
//! 5. [`finish_erasure`]: the username is free.

mod leave;
mod log;
mod reactions;

use domain::{Actor, Refusal, User, UserId};
use jiff::Timestamp;
use storage::Commit;

pub use self::leave::{Left, leave_for_good};
pub use self::log::{Erased, Messages, erase_in_room};
pub use self::reactions::erase_reactions;
use crate::{App, By, Error, MAX_TRIES, set_banned};

/// Bans a user and takes away their picture and name. Gives what remains of them.
///
/// # Errors
/// [`Refusal::UserNotFound`], [`Error::StillOpen`], or storage that does not answer.
pub async fn begin_erasure(app: &App, user_id: UserId, now: Timestamp) -> Result<User, Error> {
    set_banned(app, user_id, true, now).await?;
    for _ in 0..MAX_TRIES {
        let user = app.store.user(user_id).await?.ok_or(Refusal::UserNotFound)?;
        if let Some(avatar) = user.avatar_media_id {
            app.bucket.delete(&[avatar]).await?;
            app.store.delete_media(&[avatar]).await?;
        }
        let erased = user.erased();
        if app.store.erase_profile(&user, &erased).await? == Commit::Done {
            return Ok(erased);
        }
    }
    Err(Error::Contended)
}

/// Frees the username, the last that tells who they were.
///
/// # Errors
/// If storage does not answer.
pub async fn finish_erasure(app: &App, user_id: UserId, username: &str) -> Result<(), Error> {
    Ok(app.store.forget_username(username, user_id).await?)
}

/// What is left of them acts once more.
fn as_erased(erased: &User, now: Timestamp) -> By {
    By {
        actor: Actor { user_id: erased.id, is_staff: false },
        name: erased.name.as_str().to_owned(),
        connection: None,
        now,
    }
}

#[cfg(test)]
mod tests;
