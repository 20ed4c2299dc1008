//! The WebSocket API's question, asked once for each handshake: a policy, or `Unauthorized`.

use auth::{Claims, Redeemed};
use domain::Refusal;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{App, Failure, bearer, context, header, unavailable};

pub(crate) async fn answer(
    app: &App,
    event: &Value,
    arn: &str,
    now: Timestamp,
) -> Result<Value, Failure> {
    let Redeemed { claims, origin: ticket_origin } = credential(app, event, now).await?;
    let user_id = claims.user_id.to_string();
    Ok(if is_welcome(app, header(event, "origin"), ticket_origin.as_deref()) {
        allow(&user_id, arn, &claims)
    } else {
        tracing::warn!("refused a socket to a web page whose origin is not allowed");
        deny(&user_id, arn)
    })
}

/// Whom the header or the ticket lets in. The header goes first: only native apps can send it.
async fn credential(app: &App, event: &Value, now: Timestamp) -> Result<Redeemed, Failure> {
    let found = match (bearer(event), event["queryStringParameters"]["ticket"].as_str()) {
        (Some(token), _) => {
            let claims = app.identity.authenticate(token, now).await;
            claims.map(|claims| Redeemed { claims, origin: None })
        }
        (None, Some(ticket)) => app.identity.redeem_ticket(ticket, now).await,
        (None, None) => return Err(Failure::Unauthorized),
    };
    found.map_err(|error| match error {
        auth::Error::Unauthenticated(_) | auth::Error::Refused(Refusal::AccountBanned) => {
            Failure::Unauthorized
        }
        error => unavailable(&error),
    })
}

/// Whether a page of this origin may open a socket. Browsers do not keep pages from opening sockets
/// to other sites, they only say which page it is; native apps say nothing.
fn is_welcome(app: &App, origin: Option<&str>, ticket_origin: Option<&str>) -> bool {
    let Some(origin) = origin else {
        return true;
    };
    // Every sandboxed page and local file is `null`: that one is like another says nothing.
    let is_ticket_page = origin != "null" && ticket_origin == Some(origin);
    let is_listed = |one: &String| one == "*" || one.eq_ignore_ascii_case(origin);
    is_ticket_page || app.allowed_origins.iter().any(is_listed)
}

fn allow(user_id: &str, arn: &str, claims: &Claims) -> Value {
    let mut answer = policy("Allow", user_id, arn);
    answer["context"] = context(claims);
    answer
}

fn deny(user_id: &str, arn: &str) -> Value {
    policy("Deny", user_id, arn)
}

fn policy(effect: &str, user_id: &str, arn: &str) -> Value {
    json!({
        "principalId": user_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": arn }],
        },
    })
}
