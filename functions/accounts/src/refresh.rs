//! `POST /v1/accounts/refresh`: a new pair of tokens for the refresh token, which dies.
//!
//! Not safe to repeat: a refresh token that comes twice ends its session, and closes its sockets.

use auth::Ended;
use axum::extract::State;
use protocol::{Refresh, Session};
use rest::{ApiError, Json};

use crate::{App, session};

pub(crate) async fn refresh(
    State(app): State<App>,
    Json(request): Json<Refresh>,
) -> Result<Json<Session>, ApiError> {
    let now = rest::now();
    let refreshed = app.identity.refresh(&request.refresh_token, now).await;
    if let Err(auth::Error::Replayed(Ended { user_id, session_id })) = refreshed {
        chat::close_session(&app.chat, user_id, session_id, now).await?;
    }
    Ok(Json(session(refreshed?)))
}
