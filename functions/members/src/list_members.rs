//! `GET /v1/rooms/{room_id}/members`: who is in a room.

use axum::extract::State;
use chat::App;
use protocol::{Member, Page};
use rest::{ApiError, Caller, Json, Limit, Query, RoomPath};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListMembers {
    limit: Limit,
    cursor: Option<String>,
}

pub(crate) async fn list_members(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    Query(ListMembers { limit, cursor }): Query<ListMembers>,
) -> Result<Json<Page<Member>>, ApiError> {
    let after =
        cursor.map(|cursor| cursor.parse()).transpose().map_err(|_| rest::unknown_cursor())?;
    let page = chat::list_members(&app, &caller.by(), room_id, after, limit.get() as usize).await?;
    let viewer = Some(caller.user_id);
    let members = page.members.into_iter().map(|member| Member::seen_by(member, viewer)).collect();
    Ok(Json(Page::new(members, page.next.map(|user_id| user_id.to_string()))))
}
