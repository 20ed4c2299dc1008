//! What is around every router: problems are rendered, requests logged, headers set.

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use domain::Limited;
use environment::{chain, fingerprint, invocation, invoke};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue};
use lambda_http::request::RequestContext;
use protocol::{ErrorCode, Problem};
use tracing::Span;

use crate::ApiError;
use crate::caller::authorizer_field;
use crate::error::Raised;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// IETF draft-ietf-httpapi-ratelimit-headers.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// `router` with the edge around it, as it is deployed.
pub fn app(router: Router) -> Router {
    router
        .fallback(async || ApiError::NotFound)
        // The gateway has no 405 either: a route is a method and a path.
        .method_not_allowed_fallback(async || ApiError::NotFound)
        .layer(middleware::from_fn(around))
}

async fn around(request: Request, next: Next) -> Response {
    // The pattern, not the path: that would name rooms and users.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let request_id = request_id(&request);
    let invocation = invocation(&request_id, &format!("{} {route}", request.method()));
    if let Some(user) = authorizer_field(request.extensions(), "user_id") {
        invocation.record("user", fingerprint(&user));
    }
    invoke(invocation, answered(request, next, request_id)).await
}

async fn answered(request: Request, next: Next, request_id: String) -> Response {
    let response = next.run(request).await;

    let raised = response.extensions().get::<Raised>().cloned();
    let mut response = match &raised {
        Some(Raised(error)) => rendered(error, &request_id),
        None => response,
    };
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
    if let Ok(id) = HeaderValue::try_from(&request_id) {
        headers.insert(X_REQUEST_ID, id);
    }

    let status = response.status().as_u16();
    Span::current().record("status", status);
    if let Some(Raised(error)) = raised {
        Span::current().record("code", tracing::field::display(error.code()));
        if status >= 500 {
            tracing::error!(error = chain(&*error), "a request failed");
        }
    }
    response
}

/// The gateway's id of this request; it is in the gateway's own log too.
fn request_id(request: &Request) -> String {
    let id = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    id.unwrap_or_else(|| "none".to_owned())
}

fn rendered(error: &ApiError, request_id: &str) -> Response {
    let problem: Problem = error.problem(request_id.to_owned());
    let status = http::StatusCode::from_u16(problem.status)
        .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(&problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if let Some(after) = error.retry_after() {
        // Whole seconds, rounded up: RFC 9110 knows no others.
        let seconds = after.as_millis().div_ceil(1_000);
        if let Ok(seconds) = HeaderValue::try_from(seconds.to_string()) {
            headers.insert(RETRY_AFTER, seconds);
        }
    }
    if let Some(Limited { class, rate, retry_after }) = error.limited() {
        let (class, seconds) = (class.name(), retry_after.as_millis().div_ceil(1_000));
        let limit = format!("\"{class}\";r=0;t={seconds}");
        let policy = format!("\"{class}\";q={};w={}", rate.quota(), rate.window().as_secs());
        for (name, value) in [(RATE_LIMIT, limit), (RATE_LIMIT_POLICY, policy)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
    }
    if problem.code == ErrorCode::Unauthenticated {
        // RFC 9110 section 11.6.1: a 401 names the scheme.
        headers.insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
