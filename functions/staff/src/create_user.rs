//! `POST /v1/admin/users`: make a user, also where sign-up is switched off.

use auth::NewUser;
use axum::extract::State;
use axum::response::Response;
use chat::App;
use protocol::{AdminCreateUser, User};
use rest::{ApiError, Caller, Json};

pub(crate) async fn create_user(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<AdminCreateUser>,
) -> Result<Response, ApiError> {
    let by = caller.by();
    // Whether they may is `chat`'s to say, and passwords are `auth`'s: neither knows the other.
    chat::administer(&app, &by).await?;
    let AdminCreateUser { username, password, name, is_staff } = &request;
    let new = NewUser { username, password, name, is_staff: *is_staff };
    let user = User::from(auth::create_user(&app.store, new, by.now).await?);
    Ok(rest::created(format!("/v1/admin/users/{}", user.id), user))
}
