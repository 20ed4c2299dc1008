//! `GET /v1/rooms/{room_id}`: one room.

use axum::extract::State;
use chat::App;
use protocol::Room;
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn retrieve_room(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
) -> Result<Json<Room>, ApiError> {
    let view = chat::retrieve_room(&app, &caller.by(), room_id).await?;
    Ok(Json(view.into()))
}
