//! The queues of large audiences and of busy rooms, from their other end: each message is posted to
//! those that it names, together with what else came for them. What fails is named in the answer, and
//! comes again; what fails too often ends among the dead letters.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chat::{App, Queued};
use jiff::Timestamp;

/// Works on a batch, and says which of its messages failed.
pub async fn fan_out(app: &App, event: SqsEvent) -> SqsBatchResponse {
    let queued = event.records.into_iter().map(queued).collect();
    let mut response = SqsBatchResponse::default();
    for failed in chat::fan_out(app, queued, now()).await {
        response.add_failure(failed);
    }
    response
}

fn queued(message: SqsMessage) -> Queued {
    let count = message.attributes.get("ApproximateReceiveCount");
    Queued {
        queue: message.event_source_arn.unwrap_or_default(),
        id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        receive_count: count.and_then(|count| count.parse().ok()).unwrap_or(1),
        body: message.body.unwrap_or_default(),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}
