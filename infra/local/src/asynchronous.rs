//! Invocations that nobody waits for, as S3's: tried again if they fail, and kept where the template
//! says if they have failed for good.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::runtime::{Functions, Outcome};
use crate::sqs::Queues;

/// Lambda waits for one minute, and then for two. Nobody waits so long at a desk.
const RETRY_AFTER: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Invokes functions and asks for no answer. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Asynchronous {
    functions: Functions,
    queues: Queues,
}

impl Asynchronous {
    pub(crate) fn new(functions: Functions, queues: Queues) -> Self {
        Self { functions, queues }
    }

    /// Takes the event; what becomes of it is told to nobody but the queue for failures.
    pub(crate) fn invoke(&self, function: String, event: Value) {
        let this = self.clone();
        tokio::spawn(async move { this.run(&function, &event).await });
    }

    async fn run(&self, function: &str, event: &Value) {
        let definition = self.functions.definition(function);
        let retries = definition.map_or(0, |found| found.event_invoke.retries);
        let mut waits = RETRY_AFTER.into_iter().take(retries);
        let failed = loop {
            let failed = match self.functions.invoke(function, event).await {
                Outcome::Answered(_) => return,
                failed => failed,
            };
            tracing::warn!("{function} did not take an event: {failed:?}");
            match waits.next() {
                Some(wait) => tokio::time::sleep_until(Instant::now() + wait).await,
                None => break failed,
            }
        };
        let on_failure = definition.and_then(|found| found.event_invoke.on_failure.as_deref());
        match on_failure {
            Some(queue) => {
                tracing::error!("{function} failed for good: its event went to {queue}");
                let arn = definition.map_or(function, |found| &found.arn);
                self.queues.send(queue, record(arn, retries + 1, event, failed).to_string());
            }
            None => tracing::error!("{function} failed for good: its event is lost"),
        }
    }
}

/// As Lambda words it.
fn record(arn: &str, tries: usize, event: &Value, failed: Outcome) -> Value {
    let error = match failed {
        Outcome::Failed(error) => error,
        other => json!({ "errorMessage": format!("{other:?}") }),
    };
    json!({
        "version": "1.0",
        "timestamp": crate::ids::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "requestContext": {
            "requestId": Uuid::now_v7().to_string(),
            "functionArn": format!("{arn}:$LATEST"),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": tries,
        },
        "requestPayload": event,
        "responseContext": {
            "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled",
        },
        "responsePayload": error,
    })
}
