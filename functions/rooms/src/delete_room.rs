//! `DELETE /v1/rooms/{room_id}`: delete a room with all that is in it.

use axum::extract::State;
use chat::App;
use http::StatusCode;
use rest::{ApiError, Caller, RoomPath};

pub(crate) async fn delete_room(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
) -> Result<StatusCode, ApiError> {
    chat::delete_room(&app, &caller.by(), room_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
