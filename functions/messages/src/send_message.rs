//! `POST /v1/rooms/{room_id}/messages`: send a message.
//!
//! Safe to retry: the first `client_id` answers 201, a repeat answers 200 with the message that is
//! there and `"duplicate": true`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chat::{App, Send};
use protocol::{SendMessage, SentMessage};
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn send_message(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    Json(request): Json<SendMessage>,
) -> Result<Response, ApiError> {
    let SendMessage { client_id, text, media, reply_to_seq, first_attempt } = request;
    let media = media.into_iter().map(|media| media.media_id).collect();
    let send = Send { room_id, client_id, text, media, reply_to_seq, first_attempt };
    let chat::Sent { message, duplicate } = chat::send_message(&app, &caller.by(), send).await?;
    let location = format!("/v1/rooms/{room_id}/messages/{}", message.seq);
    let sent = SentMessage { message: message.into(), duplicate };
    Ok(if duplicate { Json(sent).into_response() } else { rest::created(location, sent) })
}
