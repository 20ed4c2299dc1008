//! The WebSocket edge: events of API Gateway in, acks and error frames out.
//!
//! A frame that cannot be answered well is answered with an error frame; the socket stays open.
//! Nothing here decides about chat.

#[cfg(test)]
mod fuzz;
mod incoming;
mod reply;

use std::future::Future;

use environment::{fingerprint, invocation, invoke};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tracing::Span;

pub use incoming::Incoming;
/// Why a process cannot go on.
pub use lambda_runtime::Error;
pub use reply::{Answer, SocketError, accept, data, done, name, read};

/// Serves one WebSocket route as a Lambda function, until the process ends.
///
/// # Errors
/// If Lambda's runtime API does not answer.
pub async fn run<F, R>(handle: F) -> Result<(), Error>
where
    F: Fn(Incoming) -> R,
    R: Future<Output = Value>,
{
    environment::install_log();
    let handle = &handle;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        let context = &event.payload["requestContext"];
        let text = |name: &str| context[name].as_str().unwrap_or("none");
        let invocation = invocation(text("requestId"), text("routeKey"));
        let work = async {
            let incoming = Incoming::read(event.payload, now())?;
            let span = Span::current();
            span.record("user", fingerprint(&incoming.user_id.to_string()));
            let answer = handle(incoming).await;
            span.record("status", answer["statusCode"].as_u64());
            Ok::<_, Error>(answer)
        };
        invoke(invocation, work).await
    }))
    .await
}

/// The time, asked for once in an event and handed on from there.
#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
