//! `@connections`: how functions reach a client.
//!
//! The header `x-amzn-errortype` decides which error an SDK sees, not the body and not the status.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Gateway;
use super::connection::MAX_MESSAGE_BYTES;
use crate::encoding;

/// The stage and the connection id of a management address.
pub(super) fn target(path: &str) -> Option<(String, String)> {
    let mut parts = path.strip_prefix('/')?.splitn(3, '/');
    let (stage, marker, id) = (parts.next()?, parts.next()?, parts.next()?);
    (encoding::decode(marker) == "@connections")
        .then(|| (encoding::decode(stage), encoding::decode(id)))
}

pub(super) async fn serve(
    gateway: &Gateway,
    stage: &str,
    id: &str,
    request: Request,
) -> Response<Body> {
    let method = request.method().clone();
    let answer = answer(gateway, stage, id, request).await;
    tracing::debug!("{method} @connections/{id} {}", answer.status().as_u16());
    answer
}

async fn answer(gateway: &Gateway, stage: &str, id: &str, request: Request) -> Response<Body> {
    // A wrong stage is no 404: AWS looks up the permission before anything else.
    if stage != gateway.api.stage || !is_signed(request.headers()) {
        return error(StatusCode::FORBIDDEN, "ForbiddenException", Some("Forbidden"));
    }
    if !crate::ids::is_gateway_id(id) {
        let message = format!("Invalid connectionId: {id}");
        return error(StatusCode::BAD_REQUEST, "BadRequestException", Some(&message));
    }
    // Also while `$connect` runs: the connection is established only after it.
    let Some(connection) = gateway.connection(id) else {
        return error(StatusCode::GONE, "GoneException", None);
    };
    match *request.method() {
        Method::POST => {
            let Ok(body) = to_bytes(request.into_body(), MAX_MESSAGE_BYTES).await else {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                let message = "Message too long";
                return error(status, "PayloadTooLargeException", Some(message));
            };
            let Ok(text) = std::str::from_utf8(&body) else {
                let message = "The message is not UTF-8";
                return error(StatusCode::BAD_REQUEST, "BadRequestException", Some(message));
            };
            match connection.post(text) {
                Ok(()) => Response::new(Body::empty()),
                Err(_) => error(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", None),
            }
        }
        Method::GET => {
            let session = &connection.session;
            let active = Timestamp::from_millisecond(connection.last_active_ms());
            let agent = session.user_agent.as_deref();
            json_answer(&description(
                session.connected_at,
                active.unwrap_or(session.connected_at),
                &session.source_ip,
                agent,
            ))
        }
        Method::DELETE => {
            connection.close();
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        _ => error(StatusCode::FORBIDDEN, "ForbiddenException", Some("Forbidden")),
    }
}

fn description(since: Timestamp, active: Timestamp, ip: &str, agent: Option<&str>) -> Value {
    let second = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut identity = json!({ "sourceIp": ip });
    if let Some(agent) = agent {
        identity["userAgent"] = json!(agent);
    }
    json!({ "connectedAt": second(since), "identity": identity, "lastActiveAt": second(active) })
}

/// Looks for a signature for the right service; whether it is valid only AWS can tell.
fn is_signed(headers: &HeaderMap) -> bool {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    header.is_some_and(|header| {
        header.starts_with("AWS4-HMAC-SHA256") && header.contains("/execute-api/aws4_request")
    })
}

fn json_answer(body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn error(status: StatusCode, kind: &'static str, message: Option<&str>) -> Response<Body> {
    let mut response = match message {
        Some(message) => json_answer(&json!({ "message": message })),
        None => Response::new(Body::empty()),
    };
    *response.status_mut() = status;
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_decoded() {
        let expected = Some(("live".to_owned(), "Qx7bLd3-oAMCFTg=".to_owned()));
        assert_eq!(target("/live/@connections/Qx7bLd3-oAMCFTg%3D"), expected);
        assert_eq!(target("/live/%40connections/Qx7bLd3-oAMCFTg="), expected);
        assert_eq!(target("/live"), None);
    }

    #[test]
    fn a_description_is_what_aws_sends() {
        let fixture = include_str!("../../fixtures/connections-get-response.json");
        let fixture: Value = serde_json::from_str(fixture).unwrap();
        let time = |name: &str| fixture[name].as_str().unwrap().parse().unwrap();
        let agent = Some("harbor-cli/0.4 (linux)");
        let described =
            description(time("connectedAt"), time("lastActiveAt"), "198.51.100.24", agent);
        assert_eq!(described, fixture);
    }
}
