//! The calls: each checks what SQS checks, and asks the queue.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::error::SqsError;
use super::requests::{
    ChangeMessageVisibility, DeleteMessage, DeleteMessageBatch, GetQueueAttributes, ReceiveMessage,
    SendMessage, SendMessageBatch,
};
use crate::sqs::queue::{ChangeVisibility, Delivery, Take};
use crate::sqs::{Queues, Shared, record};

/// Of a message, and of a batch together.
const MAX_BYTES: usize = 1024 * 1024;

const MAX_ENTRIES: usize = 10;

fn queue<'a>(queues: &'a Queues, url: &str) -> Result<&'a Shared, SqsError> {
    let name = url.rsplit('/').next().unwrap_or_default();
    let found = queues.0.values().find(|shared| shared.lock().name() == name);
    found.ok_or(SqsError::NoQueue)
}

pub(super) fn send_message(queues: &Queues, request: SendMessage) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    check_body(&request.message_body)?;
    Ok(send(shared, request.message_body))
}

pub(super) fn send_message_batch(
    queues: &Queues,
    request: SendMessageBatch,
) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    check_ids(request.entries.iter().map(|entry| entry.id.as_str()))?;
    if request.entries.iter().map(|entry| entry.message_body.len()).sum::<usize>() > MAX_BYTES {
        return Err(SqsError::BatchTooLong);
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request.entries {
        match check_body(&entry.message_body) {
            Ok(()) => {
                let mut sent = send(shared, entry.message_body);
                sent["Id"] = json!(entry.id);
                successful.push(sent);
            }
            Err(error) => failed.push(refused(&entry.id, &error)),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// An entry of a batch that is not taken; the others are.
fn refused(id: &str, error: &SqsError) -> Value {
    json!({ "Id": id, "SenderFault": true, "Code": error.name(), "Message": error.message() })
}

fn send(shared: &Shared, body: String) -> Value {
    let md5 = record::md5(&body);
    let id = shared.lock().send(body, crate::ids::now());
    shared.arrived.notify_waiters();
    json!({ "MessageId": id, "MD5OfMessageBody": md5 })
}

fn check_body(body: &str) -> Result<(), SqsError> {
    // What XML 1.0 can hold, which is what SQS once spoke.
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    if body.is_empty() {
        Err(SqsError::MissingParameter("MessageBody"))
    } else if body.len() > MAX_BYTES {
        let reason = format!("Reason: Message must be shorter than {MAX_BYTES} bytes.");
        Err(SqsError::InvalidParameter(format!("One or more parameters are invalid. {reason}")))
    } else if !body.chars().all(legal) {
        let reason = "Invalid characters were found in the message body.";
        Err(SqsError::InvalidParameter(reason.to_owned()))
    } else {
        Ok(())
    }
}

fn check_ids<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), SqsError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut seen = BTreeSet::new();
    for id in ids {
        if id.is_empty() || id.len() > 80 || !id.chars().all(legal) {
            return Err(SqsError::InvalidEntryId);
        }
        if !seen.insert(id) {
            return Err(SqsError::DoubleEntryId(id.to_owned()));
        }
    }
    match seen.len() {
        0 => Err(SqsError::EmptyBatch),
        1..=MAX_ENTRIES => Ok(()),
        _ => Err(SqsError::TooManyEntries),
    }
}

pub(super) async fn receive_message(
    queues: &Queues,
    request: ReceiveMessage,
) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    within("MaxNumberOfMessages", request.max_number_of_messages, 1, 10)?;
    within("WaitTimeSeconds", request.wait_time_seconds, 0, 20)?;
    within("VisibilityTimeout", request.visibility_timeout.unwrap_or(0), 0, 43_200)?;
    let take = Take {
        messages: usize::try_from(request.max_number_of_messages).unwrap_or(1),
        bytes: usize::MAX,
        visibility: request.visibility_timeout.map(Duration::from_secs),
    };
    let deadline = Instant::now() + Duration::from_secs(request.wait_time_seconds);
    let received = queues.receive_by(shared, take, deadline).await;
    let asked = &request.message_system_attribute_names;
    let messages = received.iter().map(|one| described(one, asked));
    // SQS says nothing at all of nothing.
    let messages: Vec<_> = messages.collect();
    Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
}

fn described(Delivery { receipt, message }: &Delivery, asked: &[String]) -> Value {
    let mut described = json!({
        "MessageId": message.id,
        "ReceiptHandle": receipt,
        "MD5OfBody": record::md5(&message.body),
        "Body": message.body,
    });
    let attributes = only(asked, record::attributes(message));
    if !attributes.is_empty() {
        described["Attributes"] = Value::Object(attributes);
    }
    described
}

/// Of some attributes those that were asked for.
fn only(asked: &[String], attributes: Value) -> Map<String, Value> {
    let Value::Object(attributes) = attributes else { return Map::new() };
    let wanted = |name: &str| asked.iter().any(|one| one == "All" || one == name);
    attributes.into_iter().filter(|(name, _)| wanted(name)).collect()
}

pub(super) fn delete_message(queues: &Queues, request: &DeleteMessage) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    check_receipt(&request.receipt_handle)?;
    shared.lock().delete(&request.receipt_handle);
    Ok(json!({}))
}

pub(super) fn delete_message_batch(
    queues: &Queues,
    request: DeleteMessageBatch,
) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    check_ids(request.entries.iter().map(|entry| entry.id.as_str()))?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request.entries {
        match check_receipt(&entry.receipt_handle) {
            Ok(()) => {
                shared.lock().delete(&entry.receipt_handle);
                successful.push(json!({ "Id": entry.id }));
            }
            Err(error) => failed.push(refused(&entry.id, &error)),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn check_receipt(receipt: &str) -> Result<(), SqsError> {
    let good = receipt.starts_with("AQEB");
    if good { Ok(()) } else { Err(SqsError::InvalidReceipt(receipt.to_owned())) }
}

pub(super) fn change_message_visibility(
    queues: &Queues,
    request: &ChangeMessageVisibility,
) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    within("VisibilityTimeout", request.visibility_timeout, 0, 43_200)?;
    let visibility = Duration::from_secs(request.visibility_timeout);
    let receipt = &request.receipt_handle;
    let changed = shared.lock().change_visibility(receipt, visibility, crate::ids::now());
    match changed {
        ChangeVisibility::Changed => {
            shared.arrived.notify_waiters();
            Ok(json!({}))
        }
        ChangeVisibility::NotInFlight => Err(SqsError::NotInFlight),
        ChangeVisibility::UnknownReceipt => Err(SqsError::InvalidReceipt(receipt.clone())),
    }
}

pub(super) fn get_queue_attributes(
    queues: &Queues,
    request: &GetQueueAttributes,
) -> Result<Value, SqsError> {
    let shared = queue(queues, &request.queue_url)?;
    let queue = shared.lock();
    let depth = queue.depth(crate::ids::now());
    let mut attributes = json!({
        "ApproximateNumberOfMessages": depth.visible.to_string(),
        "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
        "MessageRetentionPeriod": queue.definition.retention.as_secs().to_string(),
        "QueueArn": queue.definition.arn,
        "VisibilityTimeout": queue.definition.visibility.as_secs().to_string(),
    });
    if let Some(redrive) = &queue.definition.redrive {
        let policy = json!({
            "deadLetterTargetArn": redrive.queue_arn,
            "maxReceiveCount": redrive.max_receive_count,
        });
        attributes["RedrivePolicy"] = json!(policy.to_string());
    }
    Ok(json!({ "Attributes": only(&request.attribute_names, attributes) }))
}

fn within(name: &str, value: u64, least: u64, most: u64) -> Result<(), SqsError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let reason = format!(
        "Value {value} for parameter {name} is invalid. Reason: Must be between {least} and \
         {most}, if provided."
    );
    Err(SqsError::InvalidParameter(reason))
}
