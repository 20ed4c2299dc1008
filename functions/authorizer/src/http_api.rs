//! The HTTP API's question: a simple answer.
//!
//! A bad token is let through, without a user and with the reason: a refusal here would be a bare
//! 403 that clients cannot tell from `forbidden`. It fails closed, because whatever takes a signed-in
//! user takes the `user_id`, and answers 401 where there is none.
//!
//! Whoever is banned is refused the same way. The gateway remembers an answer for five minutes, so
//! that is how long a token that was used before may still be good over HTTP.

use auth::Unauthenticated;
use domain::Refusal;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{App, Failure, bearer, context, unavailable};

pub(crate) async fn answer(app: &App, event: &Value, now: Timestamp) -> Result<Value, Failure> {
    // No token is as bad as a wrong one.
    let claims = app.identity.let_in(bearer(event).unwrap_or_default(), now).await;
    let context = match claims {
        Ok(claims) => context(&claims),
        Err(auth::Error::Unauthenticated(Unauthenticated::ExpiredToken)) => {
            json!({ "refused": "expired" })
        }
        Err(auth::Error::Refused(Refusal::AccountBanned)) => json!({ "refused": "banned" }),
        Err(auth::Error::Unauthenticated(_)) => json!({ "refused": "invalid" }),
        Err(error) => return Err(unavailable(&error)),
    };
    Ok(json!({ "isAuthorized": true, "context": context }))
}
