//! `POST /v1/rooms/{room_id}/leave`: leave a room.

use axum::extract::State;
use chat::App;
use http::StatusCode;
use rest::{ApiError, Caller, RoomPath};

pub(crate) async fn leave_room(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
) -> Result<StatusCode, ApiError> {
    chat::leave_room(&app, &caller.by(), room_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
