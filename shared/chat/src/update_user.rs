//! Saying who is staff, and who is banned.

use domain::{Refusal, User, UserId};

use crate::{App, By, Error, administer, set_banned, set_staff};

/// What staff want changed of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountUpdate {
    /// Whether they are staff.
    pub is_staff: Option<bool>,
    /// Whether they are banned.
    pub is_banned: Option<bool>,
}

/// Says whether somebody is staff or banned, and closes their sockets. What is not said stays, and
/// without anything said nothing changes. A repeat is safe.
///
/// # Errors
/// A refusal, [`Refusal::StaffOnly`] among them, [`Error::StillOpen`], or storage that does not answer.
pub async fn update_user(
    app: &App,
    by: &By,
    user_id: UserId,
    update: AccountUpdate,
) -> Result<User, Error> {
    administer(app, by).await?;
    if update != AccountUpdate::default() {
        domain::change_account(by.actor, user_id)?;
    }
    // The ban first: its goodbye is the one to hear.
    if let Some(is_banned) = update.is_banned {
        set_banned(app, user_id, is_banned, by.now).await?;
    }
    if let Some(is_staff) = update.is_staff {
        set_staff(app, user_id, is_staff, by.now).await?;
    }
    Ok(app.store.user(user_id).await?.ok_or(Refusal::UserNotFound)?)
}
