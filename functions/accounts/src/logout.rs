//! `POST /v1/accounts/logout`: end the session of a refresh token.

use axum::extract::State;
use http::StatusCode;
use protocol::Logout;
use rest::{ApiError, Json};

use crate::App;

pub(crate) async fn logout(
    State(app): State<App>,
    Json(request): Json<Logout>,
) -> Result<StatusCode, ApiError> {
    app.identity.logout(&request.refresh_token).await?;
    Ok(StatusCode::NO_CONTENT)
}
