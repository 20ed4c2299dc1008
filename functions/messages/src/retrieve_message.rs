//! `GET /v1/rooms/{room_id}/messages/{seq}`: one message.

use axum::extract::State;
use chat::App;
use protocol::Message;
use rest::{ApiError, Caller, Json, RoomSeqPath};

pub(crate) async fn retrieve_message(
    State(app): State<App>,
    caller: Caller,
    RoomSeqPath(room_id, seq): RoomSeqPath,
) -> Result<Json<Message>, ApiError> {
    let message = chat::retrieve_message(&app, &caller.by(), room_id, seq).await?;
    Ok(Json(message.into()))
}
