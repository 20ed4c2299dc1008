//! `POST /v1/accounts/login`: sign in with a password.

use axum::extract::State;
use domain::RateClass;
use protocol::{Login, Session};
use rest::{Address, ApiError, Json};

use crate::{App, session};

pub(crate) async fn login(
    State(app): State<App>,
    Address(address): Address,
    Json(request): Json<Login>,
) -> Result<Json<Session>, ApiError> {
    let Login { username, password } = request;
    let (rate, now) = (app.chat.settings.limits.login, rest::now());
    app.identity.count_attempt(RateClass::Login, rate, &[&address, &username], now).await?;
    let signed_in = app.identity.login(&username, &password, now).await?;
    Ok(Json(session(signed_in)))
}
