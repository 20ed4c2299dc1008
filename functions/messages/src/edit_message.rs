//! `PATCH /v1/rooms/{room_id}/messages/{seq}`: give a message another text.

use axum::extract::State;
use chat::App;
use protocol::{EditMessage, Message};
use rest::{ApiError, Caller, Json, RoomSeqPath};

pub(crate) async fn edit_message(
    State(app): State<App>,
    caller: Caller,
    RoomSeqPath(room_id, seq): RoomSeqPath,
    Json(EditMessage { text }): Json<EditMessage>,
) -> Result<Json<Message>, ApiError> {
    let message = chat::edit_message(&app, &caller.by(), room_id, seq, &text).await?;
    Ok(Json(message.into()))
}
