//! `GET /v1/users/me`: one's own profile.

use axum::extract::State;
use protocol::User;
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn retrieve_me(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<User>, ApiError> {
    Ok(Json(app.identity.user(caller.user_id).await?.into()))
}
