//! Cross-origin requests, answered by the gateway whatever the function says.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use super::Headers;
use crate::template::{Cors, HttpApi};

/// The answer to a preflight that no route is meant for.
pub(super) fn preflight(cors: &Cors, request: &Headers) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    apply(cors, request, response.headers_mut());
    if allowed_origin(cors, request).is_some() {
        let headers = response.headers_mut();
        set(headers, "access-control-allow-methods", &cors.methods.join(","));
        set(headers, "access-control-allow-headers", &cors.headers.join(","));
        let max_age = cors.max_age.map(|seconds| seconds.to_string()).unwrap_or_default();
        set(headers, "access-control-max-age", &max_age);
    }
    response
}

/// Replaces the function's own CORS headers by the configured ones.
pub(super) fn apply(cors: &Cors, request: &Headers, response: &mut Headers) {
    let is_cors = |name: &&HeaderName| name.as_str().starts_with("access-control-");
    let own: Vec<HeaderName> = response.keys().filter(is_cors).cloned().collect();
    for name in own {
        response.remove(name);
    }
    let Some(origin) = allowed_origin(cors, request) else { return };
    set(response, "access-control-allow-origin", &origin);
    set(response, "access-control-expose-headers", &cors.expose.join(","));
    if cors.credentials {
        set(response, "access-control-allow-credentials", "true");
    }
}

/// What `access-control-allow-origin` says; nothing for an origin that is not configured, nor for
/// a request without one.
fn allowed_origin(cors: &Cors, request: &Headers) -> Option<String> {
    let origin = request.get("origin")?.to_str().ok()?;
    cors.origins.iter().find_map(|allowed| match allowed.as_str() {
        "*" => Some("*".to_owned()),
        "https://*" if origin.starts_with("https://") => Some(origin.to_owned()),
        "http://*" if origin.starts_with("http://") => Some(origin.to_owned()),
        exact if exact == origin => Some(origin.to_owned()),
        _ => None,
    })
}

fn set(headers: &mut Headers, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !value.is_empty()
    {
        headers.insert(name, value);
    }
}

pub(super) fn warnings(api: &HttpApi) -> Vec<String> {
    if api.cors.is_none() {
        return Vec::new();
    }
    let catches =
        api.routes.iter().filter(|route| route.key.starts_with("ANY ") || route.key == "$default");
    let protected = catches.filter(|route| route.authorizer.is_some());
    protected
        .map(|route| {
            format!(
                "`{}` asks an authorizer for CORS preflights too, so browsers fail: add a route \
                 `OPTIONS /{{proxy+}}` without one",
                route.key
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors() -> Cors {
        Cors {
            origins: vec!["https://app.example".to_owned(), "http://*".to_owned()],
            methods: vec!["GET".to_owned(), "POST".to_owned()],
            headers: vec!["authorization".to_owned()],
            max_age: Some(600),
            ..Cors::default()
        }
    }

    fn from(origin: &'static str) -> Headers {
        Headers::from_iter([(HeaderName::from_static("origin"), HeaderValue::from_static(origin))])
    }

    #[test]
    fn an_allowed_origin_gets_what_is_configured_and_nothing_else() {
        let response = preflight(&cors(), &from("https://app.example"));
        assert_eq!(response.status(), 204);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], "https://app.example");
        assert_eq!(headers["access-control-allow-methods"], "GET,POST");
        assert_eq!(headers["access-control-allow-headers"], "authorization");
        assert_eq!(headers["access-control-max-age"], "600");
        assert_eq!(headers.len(), 4);
    }

    #[test]
    fn the_functions_own_headers_are_replaced() {
        let mut response = from("x");
        response.insert("access-control-allow-origin", HeaderValue::from_static("*"));
        apply(&cors(), &from("https://evil.example"), &mut response);
        assert!(!response.contains_key("access-control-allow-origin"));
        apply(&cors(), &from("http://localhost:5000"), &mut response);
        assert_eq!(response["access-control-allow-origin"], "http://localhost:5000");
        assert!(preflight(&cors(), &Headers::new()).headers().is_empty());
    }
}
