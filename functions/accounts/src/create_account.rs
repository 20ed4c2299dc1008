//! `POST /v1/accounts`: make an account and sign in.

use axum::extract::State;
use axum::response::Response;
use domain::RateClass;
use protocol::CreateAccount;
use rest::{Address, ApiError, Json};

use crate::{App, session};

pub(crate) async fn create_account(
    State(app): State<App>,
    Address(address): Address,
    Json(request): Json<CreateAccount>,
) -> Result<Response, ApiError> {
    let CreateAccount { username, password, name } = request;
    let (rate, now) = (app.chat.settings.limits.sign_up, rest::now());
    app.identity.count_attempt(RateClass::SignUp, rate, &[&address], now).await?;
    let signed_in = app.identity.sign_up(&username, &password, &name, now).await?;
    Ok(rest::created("/v1/users/me".to_owned(), session(signed_in)))
}
