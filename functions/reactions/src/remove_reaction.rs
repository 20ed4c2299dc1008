//! `DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}`: take one back.

use axum::extract::State;
use chat::App;
use http::StatusCode;
use rest::{ApiError, Caller, ReactionPath};

pub(crate) async fn remove_reaction(
    State(app): State<App>,
    caller: Caller,
    ReactionPath { room_id, seq, user, reaction }: ReactionPath,
) -> Result<StatusCode, ApiError> {
    let user_id = user.resolve(caller.user_id);
    chat::remove_reaction(&app, &caller.by(), room_id, seq, user_id, &reaction).await?;
    Ok(StatusCode::NO_CONTENT)
}
