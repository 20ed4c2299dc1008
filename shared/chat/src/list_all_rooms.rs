//! Every room there is, for staff.

use domain::{RateClass, RoomView};
use storage::Listed;

use crate::list_public_rooms::{check, seen};
use crate::{App, By, Error, administer, within_rate};

/// At most `limit` of all rooms after the place `after`, the newest first; those only in whose name
/// each word of `query` begins a word. The page may then be shorter than there are rooms.
///
/// # Errors
/// A refusal, [`domain::Refusal::StaffOnly`] among them, or storage that does not answer.
pub async fn list_all_rooms(
    app: &App,
    by: &By,
    query: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Listed<RoomView>, Error> {
    within_rate(app, by, RateClass::Search).await?;
    administer(app, by).await?;
    check(query, after)?;
    Ok(seen(by, app.store.all_rooms(by.actor.user_id, query, after, limit).await?))
}
