//! `POST /v1/rooms/{room_id}/messages/{seq}/reactions`: react to a message.
//!
//! Safe to retry: the first answers 201, a repeat 200 with the reaction that is there.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chat::{AddedReaction, App};
use protocol::{AddReaction, Reaction};
use rest::{ApiError, Caller, Json, RoomSeqPath, path_segment};

pub(crate) async fn add_reaction(
    State(app): State<App>,
    caller: Caller,
    RoomSeqPath(room_id, seq): RoomSeqPath,
    Json(AddReaction { reaction }): Json<AddReaction>,
) -> Result<Response, ApiError> {
    let AddedReaction { author, own, events } =
        chat::add_reaction(&app, &caller.by(), room_id, seq, &reaction).await?;
    let segment = path_segment(own.reaction.as_str());
    let reaction = Reaction::of(room_id, seq, author, &own);
    if events.is_empty() {
        return Ok(Json(reaction).into_response());
    }
    let user_id = caller.user_id;
    let location = format!("/v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{segment}");
    Ok(rest::created(location, reaction))
}
