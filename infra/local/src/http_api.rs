//! The HTTP API: routes, authorizer, CORS and payload format 2.0, as API Gateway does them.
//!
//! Functions are reached only through [`Functions`]; nothing here knows that they are processes.

mod authorizer;
mod cors;
mod event;
mod response;
mod route;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use tokio::net::TcpListener;

use self::authorizer::{Authorizers, Verdict};
use self::event::Request;
use self::route::Routes;
use crate::runtime::{Functions, Outcome};
use crate::template::HttpApi;

/// API Gateway's limit for a request's body.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// API Gateway's limit for the request line and all headers.
const MAX_HEAD_BYTES: usize = 10_240;

struct Gateway {
    api: HttpApi,
    routes: Routes,
    authorizers: Authorizers,
    functions: Functions,
    /// Host and port, as events name it.
    domain: String,
}

/// Serves the API until the process ends.
pub(crate) fn start(listener: TcpListener, domain: String, api: HttpApi, functions: Functions) {
    let routes = Routes::new(&api.routes);
    for warning in routes.ties().into_iter().chain(cors::warnings(&api)) {
        tracing::warn!("{warning}");
    }
    let authorizers = Authorizers::new(&api, functions.clone());
    let gateway = Arc::new(Gateway { api, routes, authorizers, functions, domain });
    let router = Router::new().fallback(serve).with_state(gateway);
    tokio::spawn(async move { axum::serve(listener, router).await });
}

async fn serve(
    State(gateway): State<Arc<Gateway>>,
    request: axum::extract::Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    // A task of its own: on AWS a client that hangs up does not stop the function.
    let task = tokio::spawn(async move {
        let mut answer = gateway.answer(parts, body).await;
        response::seal(&mut answer);
        answer
    });
    let answer = task.await.unwrap_or_else(|_| response::internal_server_error());
    tracing::debug!("{method} {path} {}", answer.status().as_u16());
    answer
}

impl Gateway {
    async fn answer(&self, parts: Parts, body: Body) -> Response<Body> {
        if let Some(answer) = self.preflight(&parts) {
            return answer;
        }
        let mut answer = self.route(&parts, body).await;
        if let Some(cors) = &self.api.cors {
            cors::apply(cors, &parts.headers, answer.headers_mut());
        }
        answer
    }

    /// An authorizer on a route that catches OPTIONS also catches preflights, so browsers fail.
    fn preflight(&self, parts: &Parts) -> Option<Response<Body>> {
        let cors = self.api.cors.as_ref().filter(|_| is_preflight(parts))?;
        let matched = self.routes.select("OPTIONS", self.path_in_stage(parts.uri.path())?);
        let caught = matched.is_some_and(|found| {
            found.route.authorizer.is_some() || found.route.key.starts_with("OPTIONS ")
        });
        (!caught).then(|| cors::preflight(cors, &parts.headers))
    }

    async fn route(&self, parts: &Parts, body: Body) -> Response<Body> {
        if head_size(parts) > MAX_HEAD_BYTES {
            let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
            return response::error(status, "Request Header Fields Too Large");
        }
        let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
            return response::error(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let path = self.path_in_stage(parts.uri.path());
        let matched = path.and_then(|path| self.routes.select(parts.method.as_str(), path));
        let Some(matched) = matched else {
            return response::error(StatusCode::NOT_FOUND, "Not Found");
        };
        let mut request = Request::new(&self.api, &self.domain, parts, &body, &matched);
        if let Some(name) = &matched.route.authorizer {
            match self.authorizers.ask(name, &request).await {
                Verdict::Allowed(context) => request.authorizer = Some(context),
                Verdict::Unidentified => {
                    return response::error(StatusCode::UNAUTHORIZED, "Unauthorized");
                }
                Verdict::Denied => return response::error(StatusCode::FORBIDDEN, "Forbidden"),
                Verdict::Broken => return response::internal_server_error(),
            }
        }
        self.integrate(&matched.route.function, matched.route.timeout, &request).await
    }

    async fn integrate(
        &self,
        function: &str,
        timeout: std::time::Duration,
        request: &Request,
    ) -> Response<Body> {
        let event = request.event();
        let functions = self.functions.clone();
        let function = function.to_owned();
        // A task of its own again: a function goes on after the gateway has stopped waiting.
        let invocation = tokio::spawn(async move { functions.invoke(&function, &event).await });
        match tokio::time::timeout(timeout, invocation).await {
            Err(_) => response::error(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Ok(Ok(Outcome::Answered(body))) => response::map(&body),
            Ok(Ok(Outcome::TooLarge)) => {
                response::error(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            }
            Ok(Ok(Outcome::Throttled)) => {
                response::error(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Ok(Ok(Outcome::Failed(_)) | Err(_)) => response::internal_server_error(),
        }
    }

    /// The path as routes see it: without the stage, unless the stage is `$default`.
    fn path_in_stage<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.api.stage == "$default" {
            return Some(path);
        }
        let rest = path.strip_prefix('/')?.strip_prefix(self.api.stage.as_str())?;
        match rest {
            "" => Some("/"),
            rest if rest.starts_with('/') => Some(rest),
            _ => None,
        }
    }
}

fn head_size(parts: &Parts) -> usize {
    let line = parts.method.as_str().len() + parts.uri.to_string().len() + " HTTP/1.1\r\n".len();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        name.as_str().len() + value.len() + ": \r\n".len()
    };
    line + parts.headers.iter().map(header).sum::<usize>()
}

fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key("origin")
        && parts.headers.contains_key("access-control-request-method")
}

/// Headers as text; HTTP allows other bytes, JSON does not.
fn text(value: &http::HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

type Headers = HeaderMap;
type Payload = Bytes;
