//! `POST /v1/rooms/{room_id}/read`: the caller has read up to here. Never moves back.

use axum::extract::State;
use chat::App;
use protocol::{ReadMark, ReadRoom};
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn read_room(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    Json(ReadRoom { seq }): Json<ReadRoom>,
) -> Result<Json<ReadMark>, ApiError> {
    let chat::ReadMark { last_read_seq, unread_count } =
        chat::read_room(&app, &caller.by(), room_id, seq).await?;
    Ok(Json(ReadMark { room_id: room_id.to_string(), last_read_seq, unread_count }))
}
