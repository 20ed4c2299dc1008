//! `POST /v1/users/me/password`: another password, and every other session ends. Safe to repeat.
//!
//! Whoever found a phone unlocked could guess here: an attempt counts as one to sign in.

use axum::extract::State;
use http::StatusCode;
use protocol::ChangePassword;
use rest::{Address, ApiError, Caller, Json};

use crate::App;

pub(crate) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Address(address): Address,
    Json(request): Json<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    let ChangePassword { current_password, new_password } = request;
    let (now, who) = (rest::now(), (caller.user_id, caller.proof));
    let limits = &app.chat.settings.limits;
    app.identity.count_login(limits, &address, &caller.username, now).await?;
    let passwords = [current_password.as_str(), &new_password];
    let kept = app.identity.change_password(who, passwords, now).await?;
    chat::close_other_sessions(&app.chat, caller.user_id, kept, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
