//! Lambda's poller: takes batches from a queue, invokes a function with them, and deletes what it
//! has worked on. What it does not delete comes back when its visibility timeout is over.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::queue::{Delivery, Take};
use super::{Queues, Shared, record};
use crate::runtime::Outcome;
use crate::template::Mapping;

/// Lambda takes 6 MB in all, and JSON within JSON may grow to twice its size.
const MAX_BATCH_BYTES: usize = 3 * 1024 * 1024;

/// How long one look at an empty queue takes.
const POLL: Duration = Duration::from_secs(20);

pub(super) async fn run<F, I>(queues: &Queues, mapping: &Mapping, invoke: I)
where
    F: Future<Output = Outcome> + Send + 'static,
    I: Fn(Value) -> F,
{
    let permits = Arc::new(Semaphore::new(mapping.max_concurrency));
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        let Some(shared) = queues.0.get(&mapping.queue_arn) else { return };
        let batch = collect(queues, shared, mapping).await;
        if batch.is_empty() {
            continue;
        }
        let outcome = invoke(record::event(&batch, &mapping.queue_arn));
        let (queues, mapping) = (queues.clone(), mapping.clone());
        tokio::spawn(async move {
            let outcome = outcome.await;
            if let Some(shared) = queues.0.get(&mapping.queue_arn) {
                let done = done(&outcome, &batch, mapping.reports_failures);
                tracing::debug!("{}: {} of {}", mapping.function, done.len(), batch.len());
                let mut queue = shared.lock();
                done.into_iter().for_each(|receipt| queue.delete(receipt));
            }
            drop(permit);
        });
    }
}

/// One batch: what there is, or what there is at the end of the batching window.
async fn collect(queues: &Queues, shared: &Shared, mapping: &Mapping) -> Vec<Delivery> {
    let take = Take { messages: mapping.batch_size, bytes: MAX_BATCH_BYTES, visibility: None };
    let mut batch = queues.receive_by(shared, take, Instant::now() + POLL).await;
    let deadline = Instant::now() + mapping.window;
    while !batch.is_empty() && !mapping.window.is_zero() {
        let size: usize = batch.iter().map(|one| one.message.body.len()).sum();
        let messages = mapping.batch_size.saturating_sub(batch.len());
        let bytes = MAX_BATCH_BYTES.saturating_sub(size);
        if messages == 0 || bytes == 0 {
            break;
        }
        let more = queues.receive_by(shared, Take { messages, bytes, ..take }, deadline).await;
        if more.is_empty() {
            break;
        }
        batch.extend(more);
    }
    batch
}

/// The receipts of what the function has worked on.
fn done<'batch>(outcome: &Outcome, batch: &'batch [Delivery], reports: bool) -> Vec<&'batch str> {
    let Outcome::Answered(answer) = outcome else { return Vec::new() };
    let failed = if reports { failures(answer) } else { Some(BTreeSet::new()) };
    let ids: BTreeSet<_> = batch.iter().map(|one| one.message.id.to_string()).collect();
    match failed {
        Some(failed) if failed.is_subset(&ids) => {
            let worked = batch.iter().filter(|one| !failed.contains(&one.message.id.to_string()));
            worked.map(|one| one.receipt.as_str()).collect()
        }
        _ => {
            tracing::warn!("a batch of {} failed: its report is not understood", batch.len());
            Vec::new()
        }
    }
}

/// The messages that the function says have failed; `None` if what it says cannot be read.
fn failures(answer: &[u8]) -> Option<BTreeSet<String>> {
    let list = match serde_json::from_slice(answer).ok()? {
        Value::Null => Value::Null,
        Value::Object(mut answer) if !answer.is_empty() => answer.remove("batchItemFailures")?,
        Value::Object(_) => Value::Null,
        _ => return None,
    };
    match list {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| item.get("itemIdentifier")?.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
