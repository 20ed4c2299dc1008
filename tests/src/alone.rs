//! One function by itself, run as Lambda runs it and by nothing else.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// What the function returned for the event, or its error.
type Answer = Result<Value, Value>;

/// The runtime API, with one event to give.
struct Runtime {
    event: Mutex<Option<String>>,
    answers: mpsc::UnboundedSender<Answer>,
}

/// Starts a function's program with the variables in `environment`, a file of `NAME=value` lines, hands
/// it one event, and stops it.
///
/// # Panics
/// If it does not start.
pub async fn invoke_alone(program: &Path, environment: &Path, event: &Value) -> Answer {
    let (sender, mut answers) = mpsc::unbounded_channel();
    let event = Mutex::new(Some(event.to_string()));
    let runtime = Arc::new(Runtime { event, answers: sender });
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(done))
        .with_state(runtime);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let variables = std::fs::read_to_string(environment).expect("the stack wrote it");
    let mut function = Command::new(program)
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
    let answer = answers.recv().await.expect("the runtime lives as long as the function");
    function.kill().and_then(|()| function.wait()).expect("it can be stopped");
    server.abort();
    answer
}

async fn next(State(runtime): State<Arc<Runtime>>) -> Response {
    let Some(event) = runtime.event.lock().await.take() else {
        return std::future::pending().await; // There is no second one.
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
