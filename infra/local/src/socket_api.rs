//! The WebSocket API and its `@connections` management API, as API Gateway does them.
//!
//! A client is known only once `$connect` has finished; until then nobody can post to it, and
//! afterwards functions see it through events and never through the socket itself.

mod authorizer;
mod client;
mod connection;
mod event;
mod handshake;
mod management;
mod message;
mod selection;
mod socket;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Response, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use self::client::{ClientHead, HeadListener};
use self::connection::Connection;
use self::selection::Selection;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::runtime::Functions;
use crate::template::SocketApi;

/// How long a connection may live, and how long it may be silent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) lifetime: Duration,
}

/// What the API works with.
pub(crate) struct Behind {
    pub(crate) functions: Functions,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    /// None unless somebody asks for them.
    pub(crate) faults: Option<Arc<Faults>>,
}

struct Gateway {
    api: SocketApi,
    selection: Selection,
    functions: Functions,
    /// Host and port, as events name it.
    domain: String,
    limits: Limits,
    clock: Clock,
    faults: Option<Arc<Faults>>,
    connections: Mutex<HashMap<String, Arc<Connection>>>,
    /// Turns true when the stack stops.
    stopping: watch::Sender<bool>,
    /// A clone lives in every connection's task, so that stopping can wait for the last.
    alive: Mutex<Option<mpsc::Sender<()>>>,
}

/// A handle to stop the API.
pub(crate) struct Server {
    gateway: Arc<Gateway>,
    last_gone: mpsc::Receiver<()>,
}

/// Serves the API until it is stopped.
pub(crate) fn start(
    listener: TcpListener,
    domain: String,
    api: SocketApi,
    Behind { functions, limits, clock, faults }: Behind,
) -> Server {
    let (alive, last_gone) = mpsc::channel(1);
    let gateway = Arc::new(Gateway {
        selection: Selection::new(&api.selection),
        api,
        functions,
        domain,
        limits,
        clock,
        faults,
        connections: Mutex::default(),
        stopping: watch::Sender::new(false),
        alive: Mutex::new(Some(alive)),
    });
    let router = Router::new().fallback(serve).with_state(Arc::clone(&gateway));
    let service = router.into_make_service_with_connect_info::<ClientHead>();
    tokio::spawn(async move { axum::serve(HeadListener(listener), service).await });
    Server { gateway, last_gone }
}

impl Server {
    /// Closes every socket and lets the `$disconnect` functions run, as they would on AWS; what
    /// they clean up is then not found stale by the next run.
    pub(crate) async fn stop(mut self) {
        const GRACE: Duration = Duration::from_secs(3);
        self.gateway.alive.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.gateway.stopping.send_replace(true);
        let _ = tokio::time::timeout(GRACE, self.last_gone.recv()).await;
    }
}

impl Gateway {
    fn connections(&self) -> MutexGuard<'_, HashMap<String, Arc<Connection>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connection(&self, id: &str) -> Option<Arc<Connection>> {
        self.connections().get(id).cloned()
    }

    fn alive(&self) -> Option<mpsc::Sender<()>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(head): ConnectInfo<ClientHead>,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    if let Some((stage, id)) = management::target(&path) {
        return management::serve(&gateway, &stage, &id, request).await;
    }
    // A task of its own: a client that gives up does not stop `$connect`.
    let shake = tokio::spawn(handshake::serve(gateway, head, request));
    let answer = shake
        .await
        .unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"));
    tracing::debug!("socket {path} {}", answer.status().as_u16());
    answer
}

/// An error in place of a handshake.
fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}
