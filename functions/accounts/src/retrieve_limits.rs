//! `GET /v1/limits`: how much one may do here.

use axum::extract::State;
use protocol::RateLimits;
use rest::{Caller, Json};

use crate::App;

pub(crate) async fn retrieve_limits(State(app): State<App>, _caller: Caller) -> Json<RateLimits> {
    Json(RateLimits::from(&app.chat.settings.limits))
}
