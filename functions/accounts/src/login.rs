//! `POST /v1/accounts/login`: sign in with a password.

use axum::extract::State;
use protocol::{Login, Session};
use rest::{Address, ApiError, Json};

use crate::{App, session};

pub(crate) async fn login(
    State(app): State<App>,
    Address(address): Address,
    Json(request): Json<Login>,
) -> Result<Json<Session>, ApiError> {
    let Login { username, password } = request;
    let (limits, now) = (&app.chat.settings.limits, rest::now());
    app.identity.count_login(limits, &address, &username, now).await?;
    let signed_in = app.identity.login(&username, &password, now).await?;
    app.identity.remember_address(&address, &username, now).await?;
    Ok(Json(session(signed_in)))
}
