//! `DELETE /v1/rooms/{room_id}/messages/{seq}`: leave a tombstone where a message was.

use axum::extract::State;
use chat::App;
use http::StatusCode;
use rest::{ApiError, Caller, RoomSeqPath};

pub(crate) async fn delete_message(
    State(app): State<App>,
    caller: Caller,
    RoomSeqPath(room_id, seq): RoomSeqPath,
) -> Result<StatusCode, ApiError> {
    chat::delete_message(&app, &caller.by(), room_id, seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
