//! `POST /v1/connections/tickets`: a ticket that lets one socket in, once, within 30 s.
//!
//! A browser cannot send a header when it opens a socket, so the ticket is in the address: good
//! once and briefly, because addresses end up in logs.

use axum::extract::State;
use domain::RateClass;
use http::header::ORIGIN;
use http::{HeaderMap, StatusCode};
use protocol::Ticket;
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn create_ticket(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Ticket>), ApiError> {
    chat::within_rate(&app.chat, &caller.by(), RateClass::Connect).await?;
    // The page that asks may open the socket too: so the client that Banter serves itself works
    // wherever it is deployed, without an entry among the allowed origins.
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()).map(str::to_owned);
    let issued = app.identity.issue_ticket(caller.claims(), origin, rest::now()).await?;
    let url = format!("{}?ticket={}", app.socket_url, issued.ticket);
    let expires_in = issued.expires_in.as_secs();
    Ok((StatusCode::CREATED, Json(Ticket { ticket: issued.ticket, url, expires_in })))
}
