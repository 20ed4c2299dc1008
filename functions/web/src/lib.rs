//! The browser client: files that are part of the binary, and nothing else.
//!
//! `GET /` the page · `GET /{path}` its modules and styles · `GET /health`
//!
//! No file may come from another origin, and no markup or style may be written by a script: the
//! policy below turns a mistake of the page into a file that does not load.

mod files;

use axum::extract::Path;
use axum::http::header::InvalidHeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use rest::ApiError;
use serde_json::{Value, json};

use crate::files::File;

/// What pages may load, where media come from `media`: an origin, or nothing.
///
/// `ws:` and `wss:` are open because the socket API has a host of its own, which only the answer
/// to a ticket names.
fn policy(media: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; \
         img-src 'self' data: blob: {media}; media-src 'self' blob: {media}; \
         connect-src 'self' ws: wss: {media}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

/// Headers of every answer here, beside the policy.
const HEADERS: [(HeaderName, &str); 2] =
    [(X_CONTENT_TYPE_OPTIONS, "nosniff"), (REFERRER_POLICY, "same-origin")];

/// The routes. Media come from `media`: an origin, or nothing.
///
/// # Errors
/// If `media` cannot stand in a header.
pub fn router(media: &str) -> Result<Router, InvalidHeaderValue> {
    let policy = HeaderValue::from_str(&policy(media))?;
    Ok(Router::new()
        .route("/", get(index))
        .route("/health", get(health))
        .route("/{*path}", get(asset))
        .layer(middleware::map_response(move |response| secure(policy.clone(), response))))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn index(headers: HeaderMap) -> Result<Response, ApiError> {
    serve("index.html", &headers)
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    serve(&path, &headers)
}

fn serve(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let file = files::find(path).ok_or(ApiError::NotFound)?;
    // Names carry no version, so a browser asks each time; the tag makes the answer small.
    let caching = [(CACHE_CONTROL, "no-cache"), (ETAG, &file.etag)];
    if is_known(file, headers) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    Ok((caching, [(CONTENT_TYPE, file.content_type)], file.bytes).into_response())
}

/// Whether `If-None-Match` names the file as it is now; weak tags match as well (RFC 9110, 13.1.2).
fn is_known(file: &File, headers: &HeaderMap) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == file.etag || tag == "*")
}

async fn secure(policy: HeaderValue, mut response: Response) -> Response {
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
