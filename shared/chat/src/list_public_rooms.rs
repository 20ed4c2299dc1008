//! The rooms that anyone may find.

use domain::{RateClass, Refusal, RoomView};
use storage::{Listed, MAX_PLACE_BYTES};

use crate::{App, By, Error, within_rate};

/// Longest query, in characters: no name is longer.
const MAX_QUERY_CHARS: usize = domain::MAX_ROOM_NAME_CHARS;

/// At most `limit` public and staff-only rooms after the place `after`: by name, or found by `query`.
///
/// Staff-only rooms are shown to everybody, so that people know where to ask, and open to staff.
///
/// # Errors
/// [`Refusal::Invalid`] for a query or a place that is too long, or storage that does not answer.
pub async fn list_public_rooms(
    app: &App,
    by: &By,
    query: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Listed<RoomView>, Error> {
    within_rate(app, by, RateClass::Search).await?;
    check(query, after)?;
    let page = app.store.public_rooms(by.actor.user_id, query, after, limit).await?;
    Ok(seen(by, page))
}

/// What is too long to be a query or a place in a list is neither.
pub(crate) fn check(query: Option<&str>, after: Option<&str>) -> Result<(), Refusal> {
    if query.is_some_and(|query| query.chars().count() > MAX_QUERY_CHARS) {
        let reason = format!("must be at most {MAX_QUERY_CHARS} characters");
        return Err(Refusal::Invalid { pointer: "/q", reason });
    }
    if after.is_some_and(|place| place.is_empty() || place.len() > MAX_PLACE_BYTES) {
        let reason = "must be the `next` of a page of this list".to_owned();
        return Err(Refusal::Invalid { pointer: "/cursor", reason });
    }
    Ok(())
}

/// A page as the caller may see it.
pub(crate) fn seen(by: &By, page: Listed<RoomView>) -> Listed<RoomView> {
    let views = page.entries.into_iter();
    let entries = views.map(|view| RoomView::seen_by(by.actor, view.room, view.standing)).collect();
    Listed { entries, next: page.next }
}
