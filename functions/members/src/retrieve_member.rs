//! `GET /v1/rooms/{room_id}/members/{user_id}`: one member; `me` is the caller.

use axum::extract::State;
use chat::App;
use protocol::Member;
use rest::{ApiError, Caller, Json, RoomMemberPath};

pub(crate) async fn retrieve_member(
    State(app): State<App>,
    caller: Caller,
    RoomMemberPath(room_id, member): RoomMemberPath,
) -> Result<Json<Member>, ApiError> {
    let user_id = member.resolve(caller.user_id);
    let member = chat::retrieve_member(&app, &caller.by(), room_id, user_id).await?;
    Ok(Json(Member::seen_by(member, Some(caller.user_id))))
}
