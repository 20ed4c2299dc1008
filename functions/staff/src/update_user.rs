//! `PATCH /v1/admin/users/{user_id}`: make staff of a user, or staff no more. Safe to repeat.

use axum::extract::State;
use chat::App;
use protocol::{AdminUpdateUser, User};
use rest::{ApiError, Caller, Json, UserPath};

pub(crate) async fn update_user(
    State(app): State<App>,
    caller: Caller,
    UserPath(user_id): UserPath,
    Json(AdminUpdateUser { is_staff }): Json<AdminUpdateUser>,
) -> Result<Json<User>, ApiError> {
    Ok(Json(chat::update_user(&app, &caller.by(), user_id, is_staff).await?.into()))
}
