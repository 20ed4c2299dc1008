//! `DELETE /v1/rooms/{room_id}/members/{user_id}`: remove somebody; `me` leaves.

use axum::extract::State;
use chat::App;
use http::StatusCode;
use rest::{ApiError, Caller, RoomMemberPath};

pub(crate) async fn remove_member(
    State(app): State<App>,
    caller: Caller,
    RoomMemberPath(room_id, member): RoomMemberPath,
) -> Result<StatusCode, ApiError> {
    chat::remove_member(&app, &caller.by(), room_id, member.resolve(caller.user_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
