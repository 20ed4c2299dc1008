//! `POST /v1/accounts/refresh`: a new pair of tokens for the refresh token, which dies.
//!
//! Not safe to repeat: a refresh token that comes twice ends its session.

use axum::extract::State;
use protocol::{Refresh, Session};
use rest::{ApiError, Json};

use crate::{App, session};

pub(crate) async fn refresh(
    State(app): State<App>,
    Json(request): Json<Refresh>,
) -> Result<Json<Session>, ApiError> {
    let signed_in = app.identity.refresh(&request.refresh_token, rest::now()).await?;
    Ok(Json(session(signed_in)))
}
