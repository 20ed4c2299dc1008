//! One function by itself, run as Lambda runs it and by nothing else.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::root;

/// What the function returned for the event, or its error.
type Answer = Result<Value, Value>;

/// A function's process with a runtime API of its own. Dropped, it ends.
#[derive(Debug)]
pub struct Alone {
    process: Child,
    server: JoinHandle<std::io::Result<()>>,
    events: UnboundedSender<String>,
    answers: UnboundedReceiver<Answer>,
}

/// The event of `tests/events/` that `infra/DEPLOY.md` tells people to try on a function, if it has one.
///
/// # Panics
/// If it is no JSON.
#[must_use]
pub fn event_of(function: &str) -> Option<Value> {
    let file = root().join("tests/events").join(function).with_extension("json");
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).expect("an event is JSON"))
}

/// The runtime API.
struct Runtime {
    events: Mutex<UnboundedReceiver<String>>,
    polls: UnboundedSender<()>,
    answers: UnboundedSender<Answer>,
}

impl Alone {
    /// Starts a function's program with the variables in `environment`, a file of `NAME=value` lines, and
    /// waits until it asks for an event.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(program: &Path, environment: &Path) -> Self {
        let (events, given) = unbounded_channel();
        let (polls, mut polled) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let runtime = Runtime { events: Mutex::new(given), polls, answers: answered };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(done))
            .with_state(Arc::new(runtime));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let server = tokio::spawn(async move { axum::serve(listener, router).await });

        let variables = std::fs::read_to_string(environment).expect("the stack wrote it");
        let process = Command::new(program)
            .env_clear()
            .envs(variables.lines().filter_map(|line| line.split_once('=')))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "alone")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "alone")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "alone")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program is built");
        let alone = Self { process, server, events, answers };
        polled.recv().await.expect("the runtime lives as long as the function");
        alone
    }

    /// Hands it an event.
    ///
    /// # Panics
    /// If the runtime API has ended.
    pub async fn invoke(&mut self, event: &Value) -> Answer {
        self.events.send(event.to_string()).expect("the runtime lives as long as the function");
        self.answers.recv().await.expect("the runtime lives as long as the function")
    }

    /// The number of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill().and_then(|()| self.process.wait());
        self.server.abort();
    }
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    // Whoever waited for the first has gone by the second.
    let _ = runtime.polls.send(());
    let Some(event) = runtime.events.lock().await.recv().await else {
        return std::future::pending().await; // Nobody will give one.
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "0199e3a0-0000-7000-8000-000000000001"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:a"),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

async fn done(
    State(runtime): State<Arc<Runtime>>,
    Segment((_, outcome)): Segment<(String, String)>,
    body: String,
) -> StatusCode {
    let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
    let answer = if outcome == "response" { Ok(body) } else { Err(body) };
    // Whoever waited has gone: then nobody asks.
    let _ = runtime.answers.send(answer);
    StatusCode::ACCEPTED
}
