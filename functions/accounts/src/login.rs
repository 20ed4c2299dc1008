//! `POST /v1/accounts/login`: sign in with a password.

use axum::extract::State;
use protocol::{Login, Session};
use rest::{ApiError, Json};

use crate::{App, session};

pub(crate) async fn login(
    State(app): State<App>,
    Json(request): Json<Login>,
) -> Result<Json<Session>, ApiError> {
    let Login { username, password } = request;
    let signed_in = app.identity.login(&username, &password, rest::now()).await?;
    Ok(Json(session(signed_in)))
}
