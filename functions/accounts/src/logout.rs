//! `POST /v1/accounts/logout`: end the session of a refresh token, and close its sockets.

use auth::Ended;
use axum::extract::State;
use http::StatusCode;
use protocol::Logout;
use rest::{ApiError, Json};

use crate::App;

pub(crate) async fn logout(
    State(app): State<App>,
    Json(request): Json<Logout>,
) -> Result<StatusCode, ApiError> {
    if let Some(Ended { user_id, session_id }) = app.identity.logout(&request.refresh_token).await?
    {
        chat::close_session(&app.chat, user_id, session_id, rest::now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
