//! `POST /v1/rooms`: make a room.
//!
//! For private messages a repeat by either side answers 200 with the room that is there.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chat::{App, NewRoom};
use domain::Refusal;
use protocol::{CreateRoom, Room};
use rest::{ApiError, Caller, Json};

pub(crate) async fn create_room(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<CreateRoom>,
) -> Result<Response, ApiError> {
    let members: Result<_, Refusal> =
        request.members.iter().map(protocol::NewMember::invited).collect();
    let new = NewRoom {
        room_type: request.room_type.into(),
        details: request.details()?,
        members: members?,
    };
    let created = chat::create_room(&app, &caller.by(), new).await?;
    let room = Room::from(created.view);
    Ok(if created.is_new {
        rest::created(format!("/v1/rooms/{}", room.id), room)
    } else {
        Json(room).into_response()
    })
}
