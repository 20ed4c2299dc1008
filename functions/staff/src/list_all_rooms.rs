//! `GET /v1/admin/rooms`: every room there is, the newest first.

use axum::extract::State;
use chat::App;
use protocol::{Page, Room};
use rest::{ApiError, Caller, Cursor, Json, Limit, Query};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ListAllRooms {
    q: Option<String>,
    limit: Limit,
    cursor: Option<Cursor>,
}

pub(crate) async fn list_all_rooms(
    State(app): State<App>,
    caller: Caller,
    Query(ListAllRooms { q, limit, cursor }): Query<ListAllRooms>,
) -> Result<Json<Page<Room>>, ApiError> {
    let after = cursor.as_ref().map(|Cursor(place)| place.as_str());
    let limit = limit.get() as usize;
    let page = chat::list_all_rooms(&app, &caller.by(), q.as_deref(), after, limit).await?;
    let next = page.next.as_deref().map(Cursor::print);
    Ok(Json(Page::new(page.entries.into_iter().map(Room::from).collect(), next)))
}
