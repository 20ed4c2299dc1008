//! The load step of administration: whether the caller is staff, also by the word of their account.

use crate::{App, By, Error};

/// Lets staff pass.
///
/// # Errors
/// [`domain::Refusal::StaffOnly`], or storage that does not answer.
pub async fn administer(app: &App, by: &By) -> Result<(), Error> {
    let account = app.store.user(by.actor.user_id).await?;
    Ok(domain::administer(by.actor, account.as_ref())?)
}
