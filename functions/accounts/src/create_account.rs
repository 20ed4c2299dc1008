//! `POST /v1/accounts`: make an account and sign in.

use axum::extract::State;
use axum::response::Response;
use protocol::CreateAccount;
use rest::{ApiError, Json};

use crate::{App, session};

pub(crate) async fn create_account(
    State(app): State<App>,
    Json(request): Json<CreateAccount>,
) -> Result<Response, ApiError> {
    let CreateAccount { username, password, name } = request;
    let signed_in = app.identity.sign_up(&username, &password, &name, rest::now()).await?;
    Ok(rest::created("/v1/users/me".to_owned(), session(signed_in)))
}
