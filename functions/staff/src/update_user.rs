//! `PATCH /v1/admin/users/{user_id}`: say whether a user is staff, or banned. Safe to
//! repeat.

use axum::extract::State;
use chat::{AccountUpdate, App};
use protocol::{AdminUpdateUser, User};
use rest::{ApiError, Caller, Json, UserPath};

pub(crate) async fn update_user(
    State(app): State<App>,
    caller: Caller,
    UserPath(user_id): UserPath,
    Json(AdminUpdateUser { is_staff, is_banned }): Json<AdminUpdateUser>,
) -> Result<Json<User>, ApiError> {
    let update = AccountUpdate { is_staff, is_banned };
    Ok(Json(chat::update_user(&app, &caller.by(), user_id, update).await?.into()))
}
