//! Requests as the gateway hands them over, and answers as a client reads them: for tests only.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use http::{HeaderMap, StatusCode};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A request with the authorizer's `context` and a JSON body.
///
/// # Panics
/// If `method` or `uri` is none.
#[expect(clippy::expect_used, reason = "a test that is written wrongly fails")]
#[must_use]
pub fn request(method: &str, uri: &str, context: Option<&Value>, body: Option<&Value>) -> Request {
    let mut gateway = json!({
        "requestId": "r-1", "http": { "method": method, "path": uri }, "timeEpoch": 0
    });
    if let Some(context) = context {
        gateway["authorizer"] = json!({ "lambda": context });
    }
    let gateway = serde_json::from_value(gateway).expect("a request context");
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/json")
        .extension(RequestContext::ApiGatewayV2(gateway));
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    request.body(body).expect("a method and a URI")
}

/// What the authorizer says about somebody who is signed in for the next hour.
#[must_use]
pub fn context(user_id: domain::UserId, username: &str, is_staff: bool) -> Value {
    json!({
        "user_id": user_id.to_string(),
        "username": username,
        "name": username,
        "is_staff": is_staff,
        "session_id": user_id.to_string(),
        "expires_at": crate::now().as_second() + 3_600,
    })
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; `null` if it is empty or no JSON.
    pub body: Value,
}

impl Answer {
    /// Status and `code`: what a refusal is told apart by.
    #[must_use]
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["code"].as_str().unwrap_or_default())
    }
}

/// Sends `request` through `router` as it is deployed.
///
/// # Panics
/// Never: the router answers everything.
#[expect(clippy::expect_used, reason = "the router's error type has no values")]
pub async fn send(router: &Router, request: Request) -> Answer {
    let answer = crate::app(router.clone()).oneshot(request).await.expect("an answer");
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body in memory");
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    Answer { status: parts.status, headers: parts.headers, body }
}
