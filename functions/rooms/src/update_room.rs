//! `PATCH /v1/rooms/{room_id}`: change a room's details.
//!
//! With `If-Match: <version>` only if nobody changed them since.

use axum::extract::State;
use chat::App;
use http::HeaderMap;
use http::header::IF_MATCH;
use protocol::{BodyError, Room, UpdateRoom};
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn update_room(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
    headers: HeaderMap,
    Json(request): Json<UpdateRoom>,
) -> Result<Json<Room>, ApiError> {
    let if_version = if_version(&headers)?;
    let view =
        chat::update_room(&app, &caller.by(), room_id, request.change()?, if_version).await?;
    Ok(Json(view.into()))
}

/// The version of an `If-Match` header, quoted or not; `*` asks for none.
fn if_version(headers: &HeaderMap) -> Result<Option<u64>, BodyError> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
    match text {
        "*" => Ok(None),
        version => version
            .parse()
            .map(Some)
            .map_err(|_| BodyError::whole("If-Match takes the room's `version`.")),
    }
}
