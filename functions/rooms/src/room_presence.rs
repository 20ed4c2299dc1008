//! `GET /v1/rooms/{room_id}/presence`: which members are connected.

use axum::extract::State;
use chat::App;
use protocol::{Presence, PresenceList};
use rest::{ApiError, Caller, Json, RoomPath};

pub(crate) async fn room_presence(
    State(app): State<App>,
    caller: Caller,
    RoomPath(room_id): RoomPath,
) -> Result<Json<PresenceList>, ApiError> {
    let members = chat::room_presence(&app, &caller.by(), room_id).await?;
    let data = members.into_iter().map(|(user_id, online)| Presence {
        user_id: user_id.to_string(),
        online,
        last_seen_at: None,
    });
    Ok(Json(PresenceList { data: data.collect() }))
}
