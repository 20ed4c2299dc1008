//! `GET /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}`: one reaction.

use axum::extract::State;
use chat::App;
use protocol::Reaction;
use rest::{ApiError, Caller, Json, ReactionPath};

use crate::on_the_wire;

pub(crate) async fn retrieve_reaction(
    State(app): State<App>,
    caller: Caller,
    ReactionPath { room_id, seq, user, reaction }: ReactionPath,
) -> Result<Json<Reaction>, ApiError> {
    let user_id = user.resolve(caller.user_id);
    let by = caller.by();
    let one = chat::retrieve_reaction(&app, &by, room_id, seq, user_id, &reaction).await?;
    Ok(Json(on_the_wire(one)))
}
