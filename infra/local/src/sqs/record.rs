//! The event with which Lambda invokes a function that works a queue.

use serde_json::{Value, json};

use super::queue::{Delivery, Message};
use crate::template::REGION;

/// Whoever sends here: there is one account, and nobody in it.
const SENDER: &str = "AROALOCAL:banter";

pub(super) fn event(batch: &[Delivery], queue_arn: &str) -> Value {
    let records: Vec<_> = batch
        .iter()
        .map(|Delivery { receipt, message }| {
            json!({
                "messageId": message.id,
                "receiptHandle": receipt,
                "body": message.body,
                "attributes": attributes(message),
                "messageAttributes": {},
                "md5OfBody": md5(&message.body),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn,
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

/// What SQS itself says of a message, all of it text.
pub(super) fn attributes(message: &Message) -> Value {
    let first = message.first_received_at.unwrap_or(message.sent_at);
    json!({
        "ApproximateReceiveCount": message.receive_count.to_string(),
        "SentTimestamp": message.sent_at.as_millisecond().to_string(),
        "SenderId": SENDER,
        "ApproximateFirstReceiveTimestamp": first.as_millisecond().to_string(),
    })
}

pub(super) fn md5(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::super::queue::{Queue, Take};
    use super::*;
    use crate::template;

    #[test]
    fn the_event_is_the_one_that_aws_sends() {
        let fixture = include_str!("../../fixtures/sqs-batch.json");
        let mut fixture: Value = serde_json::from_str(fixture).unwrap();
        let expected = &mut fixture["Records"][0];
        let arn = expected["eventSourceARN"].as_str().unwrap().to_owned();
        let mut queue = Queue::new(template::Queue {
            name: "harbor-jobs".to_owned(),
            arn: arn.clone(),
            line: 1,
            visibility: Duration::from_secs(30),
            retention: Duration::from_secs(600),
            redrive: None,
        });
        let time = |name: &str| {
            let text = expected["attributes"][name].as_str().unwrap();
            Timestamp::from_millisecond(text.parse().unwrap()).unwrap()
        };
        let (sent, received) = (time("SentTimestamp"), time("ApproximateFirstReceiveTimestamp"));
        let id = queue.send(expected["body"].as_str().unwrap().to_owned(), sent);
        let take = Take { messages: 10, bytes: usize::MAX, visibility: None };
        let batch = queue.receive(take, received).messages;
        // These differ every time.
        expected["messageId"] = json!(id);
        expected["receiptHandle"] = json!(batch[0].receipt);
        expected["attributes"]["SenderId"] = json!(SENDER);
        assert_eq!(event(&batch, &arn), fixture);
    }
}
