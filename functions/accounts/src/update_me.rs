//! `PATCH /v1/users/me`: change one's own profile. Safe to repeat.

use auth::UserChange;
use axum::extract::State;
use protocol::{UpdateUser, User};
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn update_me(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<UpdateUser>,
) -> Result<Json<User>, ApiError> {
    let UpdateUser { name, avatar_media_id } = request;
    let change = UserChange { name, avatar_media_id };
    Ok(Json(app.identity.update_user(caller.user_id, &change).await?.into()))
}
