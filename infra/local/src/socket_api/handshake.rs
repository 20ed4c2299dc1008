//! From a GET to an open socket: authorizer, `$connect`, and only then `101`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::client::ClientHead;
use super::connection::Connection;
use super::event::{Headers, Occasion, Session};
use super::{Gateway, authorizer, refusal, socket};
use crate::runtime::Outcome;

/// API Gateway's limit for the address of a socket.
const MAX_URL_CHARS: usize = 4096;

pub(super) async fn serve(
    gateway: Arc<Gateway>,
    head: ClientHead,
    mut request: Request,
) -> Response<Body> {
    let status = match shake(&gateway, &head, &mut request).await {
        Ok(response) => return response,
        Err(status) => status,
    };
    let message = match status {
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        StatusCode::UPGRADE_REQUIRED => "Upgrade Required",
        StatusCode::URI_TOO_LONG => "URI Too Long",
        status if status.is_server_error() => "Internal server error",
        _ => "Bad Request",
    };
    refusal(status, message)
}

async fn shake(
    gateway: &Arc<Gateway>,
    head: &ClientHead,
    request: &mut Request,
) -> Result<Response<Body>, StatusCode> {
    let key = websocket_key(request.headers()).ok_or(StatusCode::UPGRADE_REQUIRED)?;
    let uri = request.uri();
    if uri.to_string().len() > MAX_URL_CHARS {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    if path.strip_suffix('/').unwrap_or(path) != gateway.api.stage {
        return Err(StatusCode::FORBIDDEN);
    }
    let query = uri.query().unwrap_or_default().to_owned();
    let mut headers = head.headers(request.headers());
    add_forwarding(&mut headers, &gateway.domain);

    let agent = request.headers().get("user-agent");
    let agent = agent.and_then(|agent| agent.to_str().ok()).map(str::to_owned);
    let now = gateway.clock.time();
    let mut session = Session::new(&gateway.api, &gateway.domain, agent, now);
    if let Some(authorizer) = &gateway.api.authorizer {
        let occasion = Occasion::at(gateway.clock.time());
        let mut seen = headers.clone();
        seen.push(("content-length".to_owned(), vec!["0".to_owned()]));
        let answer =
            authorizer::ask(gateway, authorizer, &session, &occasion, &seen, &query).await?;
        session.authorizer = Some(answer);
    }
    let chosen = connect(gateway, &session, &headers, &query).await?;

    let offered = request.headers().get_all("sec-websocket-protocol").iter();
    let offered = offered.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    let chosen = chosen.filter(|chosen| offered.map(str::trim).any(|one| one == chosen.as_str()));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let own = response.headers_mut();
    own.insert("connection", HeaderValue::from_static("upgrade"));
    own.insert("upgrade", HeaderValue::from_static("websocket"));
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    own.insert("sec-websocket-accept", accept.map_err(|_| StatusCode::BAD_REQUEST)?);
    if let Some(Ok(chosen)) = chosen.map(|chosen| HeaderValue::from_str(&chosen)) {
        own.insert("sec-websocket-protocol", chosen);
    }
    open(gateway, session, hyper::upgrade::on(request));
    Ok(response)
}

/// Registers the connection before the client learns that it is open: what a function posts in
/// between waits in its queue.
fn open(gateway: &Arc<Gateway>, session: Session, upgrade: hyper::upgrade::OnUpgrade) {
    let id = session.connection_id.clone();
    let (connection, outgoing) = Connection::new(session, gateway.clock.clone());
    let connection = Arc::new(connection);
    gateway.connections().insert(id, Arc::clone(&connection));
    let gateway = Arc::clone(gateway);
    let alive = gateway.alive();
    tokio::spawn(async move {
        let _alive = alive;
        let ending = match upgrade.await {
            Ok(upgraded) => {
                let io = TokioIo::new(upgraded);
                let config = Some(socket::config());
                let stream = WebSocketStream::from_raw_socket(io, Role::Server, config).await;
                socket::run(&gateway, &connection, stream, outgoing).await
            }
            // The client gave up during `$connect`; the function has been told otherwise.
            Err(_) => socket::Ending::lost(),
        };
        socket::finish(&gateway, &connection, &ending).await;
    });
}

/// Runs `$connect`, and returns the subprotocol it names.
async fn connect(
    gateway: &Gateway,
    session: &Session,
    headers: &Headers,
    query: &str,
) -> Result<Option<String>, StatusCode> {
    let Some(route) = gateway.api.routes.get("$connect") else { return Ok(None) };
    let event = session.connect(&Occasion::at(gateway.clock.time()), headers, query);
    let invocation = gateway.functions.invoke(&route.function, &event);
    let Ok(Outcome::Answered(answer)) = tokio::time::timeout(route.timeout, invocation).await
    else {
        return Err(StatusCode::BAD_GATEWAY);
    };
    accepted(&answer)
}

fn accepted(answer: &[u8]) -> Result<Option<String>, StatusCode> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| StatusCode::BAD_GATEWAY)?;
    let status = answer.get("statusCode").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    match status {
        Some(status) if status.is_success() => Ok(subprotocol(&answer)),
        // Statuses below 200 would not end the request.
        Some(status) if !status.is_informational() => Err(status),
        _ => Err(StatusCode::BAD_GATEWAY),
    }
}

fn subprotocol(answer: &Value) -> Option<String> {
    let named = |map: &str| {
        let headers = answer.get(map)?.as_object()?;
        let name =
            |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("sec-websocket-protocol");
        headers.iter().find(name).map(|(_, value)| value)
    };
    let first = || named("multiValueHeaders")?.get(0)?.as_str();
    let single = || named("headers")?.as_str();
    single().or_else(first).map(str::to_owned)
}

fn websocket_key(headers: &HeaderMap) -> Option<String> {
    let has = |name: &str, token: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|v| v.trim().eq_ignore_ascii_case(token))
    };
    let right = has("connection", "upgrade")
        && has("upgrade", "websocket")
        && has("sec-websocket-version", "13");
    let key = headers.get("sec-websocket-key").filter(|_| right)?;
    key.to_str().ok().map(str::to_owned)
}

fn add_forwarding(headers: &mut Vec<(String, Vec<String>)>, domain: &str) {
    let port = domain.rsplit_once(':').map_or("80", |(_, port)| port);
    for (name, value) in [
        ("X-Amzn-Trace-Id", crate::ids::trace_root()),
        ("X-Forwarded-For", "127.0.0.1".to_owned()),
        ("X-Forwarded-Port", port.to_owned()),
        ("X-Forwarded-Proto", "http".to_owned()),
    ] {
        headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        headers.push((name.to_owned(), vec![value]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_of_connect_decides() {
        let fixture = include_bytes!("../../fixtures/ws-connect-response-subprotocol.json");
        assert_eq!(accepted(fixture), Ok(Some("harbor.v1".to_owned())));
        let gateway_error = Err(StatusCode::BAD_GATEWAY);
        for (answer, expected) in [
            (r#"{"statusCode":204}"#, Ok(None)),
            (
                r#"{"statusCode":200,"multiValueHeaders":{"sec-websocket-protocol":["a"]}}"#,
                Ok(Some("a".to_owned())),
            ),
            (r#"{"statusCode":403}"#, Err(StatusCode::FORBIDDEN)),
            (r#"{"statusCode":"200"}"#, gateway_error.clone()),
            ("{}", gateway_error.clone()),
            ("null", gateway_error),
        ] {
            assert_eq!(accepted(answer.as_bytes()), expected, "{answer}");
        }
    }
}
