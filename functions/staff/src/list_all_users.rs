//! `GET /v1/admin/users`: every user there is, the newest first; with `q` those found by name.

use axum::extract::State;
use chat::App;
use protocol::{Page, User};
use rest::{ApiError, Caller, Cursor, Json, Limit, Query};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ListAllUsers {
    q: Option<String>,
    limit: Limit,
    cursor: Option<Cursor>,
}

pub(crate) async fn list_all_users(
    State(app): State<App>,
    caller: Caller,
    Query(ListAllUsers { q, limit, cursor }): Query<ListAllUsers>,
) -> Result<Json<Page<User>>, ApiError> {
    let after = cursor.as_ref().map(|Cursor(place)| place.as_str());
    let limit = limit.get() as usize;
    let page = chat::list_all_users(&app, &caller.by(), q.as_deref(), after, limit).await?;
    let next = page.next.as_deref().map(Cursor::print);
    Ok(Json(Page::new(page.entries.into_iter().map(User::from).collect(), next)))
}
