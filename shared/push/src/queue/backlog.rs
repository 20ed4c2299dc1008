//! What else waits in the queue of busy rooms.
//!
//! Lambda gives a function a few messages at a time, of whichever rooms. Where many rooms are busy at
//! once that is one or two of each, and little could be told together. So whoever is given several
//! takes what else there is.

use std::time::Duration;

use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use super::{IN_FLIGHT, Queued, Queues};

/// Messages of one request to SQS:
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>.
const REQUEST: usize = 10;

/// Messages that one invocation takes: as many as it has the time to post.
const MOST: usize = 500;

/// Their bytes: read, they take several times as much memory.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// For how long it begins to ask for more: a queue that answers late must not cost the time to post.
const ASKING: Duration = Duration::from_secs(3);

impl Queues {
    /// What else waits where this batch comes from, if that is the queue of busy rooms. A batch of
    /// less than one request brings was all there is.
    ///
    /// What is taken comes again, as what Lambda took would, unless it is deleted.
    pub(super) async fn take_rest(&self, batch: &[Queued]) -> Vec<Queued> {
        let Some(first) = batch.first().filter(|one| self.is_busy(&one.queue)) else {
            return Vec::new();
        };
        let (mut taken, mut bytes) = (Vec::new(), 0);
        let mut brought = batch.len();
        let until = Instant::now() + ASKING;
        while brought >= REQUEST
            && taken.len() < MOST
            && bytes < MOST_BYTES
            && Instant::now() < until
        {
            let messages = self.receive().await;
            brought = messages.len();
            let messages = messages.into_iter().map(|message| queued(&first.queue, message));
            taken.extend(messages.inspect(|message| bytes += message.body.len()));
        }
        taken
    }

    async fn receive(&self) -> Vec<Message> {
        let request = self.client.receive_message().queue_url(&self.urls.busy);
        let request = request
            .max_number_of_messages(REQUEST as i32)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        match request.send().await {
            Ok(answer) => answer.messages.unwrap_or_default(),
            Err(error) => {
                // Lambda will give them to somebody.
                tracing::warn!(error = %DisplayErrorContext(&error), "the rest of the queue waits");
                Vec::new()
            }
        }
    }

    /// Deletes what was taken and is done.
    pub(super) async fn delete(&self, done: &[&Queued]) {
        let requests = done.chunks(REQUEST).map(|part| self.delete_some(part));
        stream::iter(requests).buffer_unordered(IN_FLIGHT).collect::<()>().await;
    }

    async fn delete_some(&self, done: &[&Queued]) {
        let entries = done.iter().enumerate().filter_map(|(number, message)| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
            entry.receipt_handle(&message.receipt).build().ok()
        });
        let request = self.client.delete_message_batch().queue_url(&self.urls.busy);
        match request.set_entries(Some(entries.collect())).send().await {
            Ok(answer) if answer.failed.is_empty() => {}
            Ok(answer) => {
                tracing::warn!(messages = answer.failed.len(), "what is done will come again");
            }
            Err(error) => {
                let error = DisplayErrorContext(&error);
                tracing::warn!(messages = done.len(), %error, "what is done will come again");
            }
        }
    }
}

fn queued(queue: &str, message: Message) -> Queued {
    let count = MessageSystemAttributeName::ApproximateReceiveCount;
    let attributes = message.attributes.unwrap_or_default();
    Queued {
        queue: queue.to_owned(),
        id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        receive_count: attributes.get(&count).and_then(|count| count.parse().ok()).unwrap_or(1),
        body: message.body.unwrap_or_default(),
    }
}
