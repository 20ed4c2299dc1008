//! SQS: standard queues, the calls that functions make, and Lambda's poller.
//!
//! Messages live as long as the stack runs. What SQS only promises is kept to the letter where a
//! program could come to lean on more: a message is delivered again as soon as it may be.

mod api;
mod deliver;
mod queue;
mod record;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;

use self::queue::{Delivery, Queue, Take};
use crate::runtime::Functions;
use crate::template::{self, Mapping};

/// All queues of the stack, by ARN. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Queues(Arc<BTreeMap<String, Shared>>);

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// A message came, or became visible again.
    arrived: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    pub(crate) fn start(listener: TcpListener, queues: &[template::Queue]) -> Self {
        let queues = Self::new(queues);
        let router = api::router(queues.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        queues
    }

    fn new(queues: &[template::Queue]) -> Self {
        let shared = queues.iter().map(|queue| {
            let shared =
                Shared { queue: Mutex::new(Queue::new(queue.clone())), arrived: Notify::new() };
            (queue.arn.clone(), shared)
        });
        Self(Arc::new(shared.collect()))
    }

    /// Puts a message into a queue, as AWS itself does.
    pub(crate) fn send(&self, arn: &str, body: String) {
        if let Some(shared) = self.0.get(arn) {
            shared.lock().send(body, crate::ids::now());
            shared.arrived.notify_waiters();
        }
    }

    /// Invokes functions with what comes, as long as the stack runs.
    pub(crate) fn deliver(&self, mappings: Vec<Mapping>, functions: &Functions) {
        for mapping in mappings {
            let (queues, functions) = (self.clone(), functions.clone());
            let function = mapping.function.clone();
            let invoke = move |event: Value| {
                let (functions, function) = (functions.clone(), function.clone());
                async move { functions.invoke(&function, &event).await }
            };
            tokio::spawn(async move { deliver::run(&queues, &mapping, invoke).await });
        }
    }

    /// Takes messages; those that were received too often go to the dead-letter queue instead.
    fn receive(&self, shared: &Shared, take: Take, now: Timestamp) -> Vec<Delivery> {
        let (received, redrive) = {
            let mut queue = shared.lock();
            (queue.receive(take, now), queue.definition.redrive.clone())
        };
        if let Some(dead) = redrive.and_then(|redrive| self.0.get(&redrive.queue_arn))
            && !received.dead.is_empty()
        {
            tracing::warn!("{} messages went to {}", received.dead.len(), dead.lock().name());
            dead.lock().bury(received.dead, now);
            dead.arrived.notify_waiters();
        }
        received.messages
    }

    /// The same, waiting until there is one, or until then.
    async fn receive_by(&self, shared: &Shared, take: Take, deadline: Instant) -> Vec<Delivery> {
        loop {
            // Made before looking, so that what comes in between is not slept through.
            let arrived = shared.arrived.notified();
            let now = crate::ids::now();
            let messages = self.receive(shared, take, now);
            if !messages.is_empty() || Instant::now() >= deadline {
                return messages;
            }
            let visible = shared.lock().next_visible(now).map(|wait| Instant::now() + wait);
            let until = visible.map_or(deadline, |visible| visible.min(deadline));
            let _ = tokio::time::timeout_at(until, arrived).await;
        }
    }
}
