//! Every user there is, for staff.

use domain::{MAX_NAME_CHARS, RateClass, Refusal, User, clean_line};
use storage::Listed;

use crate::list_public_rooms::check;
use crate::{App, By, Error, administer, within_rate};

/// At most `limit` of all users after the place `after`, the newest first. With `query` those whom
/// it finds, as everybody finds people: one page, and whoever is not on it is found by typing another
/// letter.
///
/// # Errors
/// A refusal, [`Refusal::StaffOnly`] among them, or storage that does not answer.
pub async fn list_all_users(
    app: &App,
    by: &By,
    query: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Listed<User>, Error> {
    within_rate(app, by, RateClass::Search).await?;
    administer(app, by).await?;
    check(None, after)?;
    let Some(query) = query else { return Ok(app.store.all_users(after, limit).await?) };
    if after.is_some() {
        let reason = "goes without `/q` only: what it finds is one page".to_owned();
        return Err(Refusal::Invalid { pointer: "/cursor", reason }.into());
    }
    let query = clean_line(query, MAX_NAME_CHARS, "/q")?;
    Ok(Listed { entries: app.store.search_users(&query, limit).await?, next: None })
}
