//! Making staff of somebody, or staff no more.

use domain::{Refusal, User, UserId};

use crate::revoke::close_all;
use crate::{App, By, Error, administer};

/// Says whether somebody is staff, and closes their sockets, whose rights are those of when they
/// were opened. Without `is_staff` nothing changes.
///
/// The same again closes what has been opened since, so a repeat is safe.
///
/// # Errors
/// A refusal, [`Refusal::StaffOnly`] among them, [`Error::StillOpen`], or storage that does not answer.
pub async fn update_user(
    app: &App,
    by: &By,
    user_id: UserId,
    is_staff: Option<bool>,
) -> Result<User, Error> {
    administer(app, by).await?;
    if let Some(is_staff) = is_staff {
        domain::change_staff(by.actor, user_id)?;
        if app.store.set_staff(user_id, is_staff).await? {
            close_all(app, user_id, by.now).await?;
        }
    }
    Ok(app.store.user(user_id).await?.ok_or(Refusal::UserNotFound)?)
}
