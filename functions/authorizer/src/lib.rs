//! One token check for both APIs.
//!
//! | API | event has | credential | answer |
//! |---|---|---|---|
//! | HTTP | `routeArn` | `Authorization: Bearer` | simple, in `http_api` |
//! | WebSocket | `methodArn` | the same header, or `?ticket=` | an IAM policy, in `socket` |
//!
//! Events are read as they come, field by field: one that was refused as a whole would be printed
//! by the runtime, and the token with it. No part of an event is ever logged here.

#[cfg(test)]
mod fuzz;
mod http_api;
mod socket;

use auth::{Claims, Identity, NoIdentity};
use domain::Proof;
use environment::{fingerprint, invocation, invoke};
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::Span;

/// What a check needs. Made once in a process.
#[derive(Debug)]
pub struct App {
    identity: Identity,
    /// Origins of web pages that may open sockets; `*` is all of them.
    allowed_origins: Vec<String>,
}

impl App {
    /// From `ALLOWED_ORIGINS` (comma-separated; none if it is not set), and what
    /// [`Identity::from_env`] reads.
    ///
    /// # Errors
    /// As [`Identity::from_env`] has them.
    pub async fn from_env() -> Result<Self, NoIdentity> {
        let identity = Identity::from_env(&environment::sdk().await)?;
        let origins = environment::optional("ALLOWED_ORIGINS").unwrap_or_default();
        Ok(Self { identity, allowed_origins: origin_list(&origins) })
    }
}

fn origin_list(text: &str) -> Vec<String> {
    let origins = text.split(',').map(|origin| origin.trim().trim_end_matches('/'));
    origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect()
}

/// Why there is no answer; the gateway makes one of the text.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody is signed in by this. The WebSocket API answers 401 to exactly this text.
    #[error("Unauthorized")]
    Unauthorized,
    /// It cannot be told now who it is. Either API answers 500.
    #[error("identity is unavailable")]
    Unavailable,
}

impl From<Failure> for lambda_runtime::Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: "Failure".to_owned(), error_message: failure.to_string() }
    }
}

/// Answers the gateway's question about `event`.
///
/// # Errors
/// [`Failure`], as the gateway wants it.
#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
pub async fn answer(app: &App, event: &Value) -> Result<Value, Failure> {
    let context = &event["requestContext"];
    let text = |name: &str| context[name].as_str().unwrap_or("none");
    let invocation = invocation(text("requestId"), text("routeKey"));
    invoke(invocation, async {
        let answer = answer_at(app, event, Timestamp::now()).await;
        note(&answer);
        answer
    })
    .await
}

/// Says in the log who it is, or why it is nobody.
fn note(answer: &Result<Value, Failure>) {
    let span = Span::current();
    match answer {
        Ok(answer) => {
            let context = &answer["context"];
            span.record("user", context["user_id"].as_str().map(fingerprint));
            span.record("code", context["refused"].as_str());
        }
        Err(Failure::Unauthorized) => {
            span.record("code", "unauthenticated");
        }
        Err(Failure::Unavailable) => {
            span.record("code", "unavailable");
        }
    }
}

async fn answer_at(app: &App, event: &Value, now: Timestamp) -> Result<Value, Failure> {
    match event["methodArn"].as_str() {
        Some(arn) => socket::answer(app, event, arn, now).await,
        None => http_api::answer(app, event, now).await,
    }
}

/// The token of an `Authorization: Bearer` header. The HTTP API gives names in lower case, the
/// WebSocket API as the client wrote them; the scheme's case is up to the client (RFC 9110).
fn bearer(event: &Value) -> Option<&str> {
    let (scheme, token) = header(event, "authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn header<'a>(event: &'a Value, name: &str) -> Option<&'a str> {
    let mut headers = event["headers"].as_object()?.iter();
    headers.find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()
}

/// What the functions behind the gateway are told.
fn context(claims: &Claims) -> Value {
    let mut context = json!({
        "user_id": claims.user_id.to_string(),
        "username": claims.username,
        "name": claims.name,
        "is_staff": claims.is_staff,
        "expires_at": claims.expires_at.as_second(),
    });
    // One of the two; the WebSocket API takes no `null`.
    match claims.proof {
        Proof::Session(id) => context["session_id"] = json!(id.to_string()),
        Proof::Token { issued_at } => context["issued_at"] = json!(issued_at.as_second()),
    }
    context
}

/// Logs why it cannot be told who it is; the chain has neither token nor ticket.
fn unavailable(error: &auth::Error) -> Failure {
    tracing::error!(error = environment::chain(error), "an authorization failed");
    Failure::Unavailable
}

#[cfg(test)]
mod tests;
