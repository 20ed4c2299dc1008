//! What does not go at once: large audiences, cut into shards, and busy rooms, whose events wait for
//! one another. Both are posted from the other end of a queue.

mod backlog;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use domain::ConnectionId;
use environment::Lazy;
use futures_util::{StreamExt, stream};
use gateway::Frame;
use jiff::Timestamp;
use protocol::event_frames;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::Connection;

use crate::post::{Delivery, End};
use crate::{Pace, Push, Pushed};

/// Connections of one message in the queue. With their names it comes to some 80 KB, and one process
/// posts to them in a second.
const SHARD: usize = 1_000;

/// Requests to SQS under way at a time.
const IN_FLIGHT: usize = 8;

/// One message: events, and a part of those who are to have them.
#[derive(Debug, Serialize, Deserialize)]
struct Shard {
    events: Vec<Value>,
    listeners: Vec<Listener>,
}

/// A connection: its name, its user, and when it was opened, in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
struct Listener(String, String, i64);

/// A message as it comes from the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The ARN of the queue.
    pub queue: String,
    /// Names it for the queue's report.
    pub id: String,
    /// Names this receipt of it.
    pub receipt: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// What was put there.
    pub body: String,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// Everybody was asked.
    Done,
    /// It cannot be read, the gateway did not work, or time ran out: it should come again.
    Failed,
}

impl Shard {
    fn new(events: &[Value], audience: &[Connection]) -> Self {
        let listeners = audience.iter().map(|one| {
            let (id, user) = (one.id.to_string(), one.user_id.to_string());
            Listener(id, user, one.connected_at.as_millisecond())
        });
        Self { events: events.to_vec(), listeners: listeners.collect() }
    }
}

/// Where the queues are.
#[derive(Debug, Clone, Default)]
pub struct QueueUrls {
    /// Of the one that is worked at once.
    pub large: String,
    /// Of the one that is worked every second.
    pub busy: String,
}

impl QueueUrls {
    /// Those of the CloudFormation stack `name`, which calls a queue by its own name, the queue's, and
    /// something random. `None` if there are none.
    ///
    /// # Errors
    /// If SQS does not answer.
    pub async fn of_stack(
        sdk: &aws_config::SdkConfig,
        name: &str,
    ) -> Result<Option<Self>, storage::Error> {
        let request = Client::new(sdk).list_queues().queue_name_prefix(format!("{name}-"));
        let answer = request.send().await.map_err(|error| storage::Error::Unavailable {
            operation: "find the queues",
            source: Box::new(error),
        })?;
        let urls = answer.queue_urls.unwrap_or_default();
        let called = |part: &str| urls.iter().find(|url| url.contains(part)).cloned();
        let found =
            called(&format!("/{name}-FanOutQueue-")).zip(called(&format!("/{name}-BusyQueue-")));
        Ok(found.map(|(large, busy)| Self { large, busy }))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Queues {
    client: Lazy<Client>,
    urls: QueueUrls,
}

impl Queues {
    pub(crate) fn new(sdk: &aws_config::SdkConfig, urls: QueueUrls) -> Self {
        let sdk = sdk.clone();
        Self { client: Lazy::new(move || Client::new(&sdk)), urls }
    }

    /// Leaves these events for these connections to whoever works the queue.
    pub(crate) async fn put(
        &self,
        events: &[Value],
        audience: &[Connection],
        pace: Pace,
    ) -> Pushed {
        let url = match pace {
            Pace::Quiet => &self.urls.large,
            Pace::Busy => &self.urls.busy,
        };
        let shards: Vec<_> = audience.chunks(SHARD).map(|part| Shard::new(events, part)).collect();
        let sends = shards.into_iter().map(|shard| self.send(url, shard));
        let sent: Vec<_> = stream::iter(sends).buffer_unordered(IN_FLIGHT).collect().await;
        sent.into_iter().fold(Pushed::default(), |sum, part| Pushed {
            queued: sum.queued + part.queued,
            dropped: sum.dropped + part.dropped,
            ..sum
        })
    }

    async fn send(&self, url: &str, shard: Shard) -> Pushed {
        let listeners = shard.listeners.len();
        let body = serde_json::to_string(&shard).unwrap_or_default();
        match self.client.send_message().queue_url(url).message_body(body).send().await {
            Ok(_) => Pushed { queued: listeners, ..Pushed::default() },
            Err(error) => {
                tracing::error!(error = %DisplayErrorContext(&error), "a shard was dropped");
                Pushed { dropped: listeners, ..Pushed::default() }
            }
        }
    }

    /// Lets a message that failed come back sooner than the queue would by itself: a push is worth
    /// little after a minute.
    async fn soon(&self, message: &Queued) {
        let wait = 1 << message.receive_count.saturating_sub(1).min(6);
        let url = if self.is_busy(&message.queue) { &self.urls.busy } else { &self.urls.large };
        let change = self.client.change_message_visibility().queue_url(url);
        let change = change.receipt_handle(&message.receipt).visibility_timeout(wait);
        if let Err(error) = change.send().await {
            tracing::warn!(error = %DisplayErrorContext(&error), "a shard comes back late");
        }
    }

    /// Whether this is the ARN of the queue of busy rooms. An address ends with the queue's name, as an
    /// ARN does.
    fn is_busy(&self, queue: &str) -> bool {
        self.urls.busy.rsplit('/').next() == queue.rsplit(':').next()
    }
}

impl Push {
    /// Posts what was queued, and of busy rooms what else is. One result for each message of the batch,
    /// in their order.
    pub async fn work(&self, batch: &[Queued], now: Timestamp) -> Vec<Worked> {
        let taken = self.queues.take_rest(batch).await;
        let queued: Vec<_> = batch.iter().chain(&taken).collect();
        let mut worked = self.post_queued(&queued, now).await;
        let results = worked.split_off(batch.len());
        let done = taken.iter().zip(results).filter(|(_, worked)| *worked == Worked::Done);
        self.queues.delete(&done.map(|(message, _)| message).collect::<Vec<_>>()).await;
        worked
    }

    /// Posts the events for one connection together, in the order of their numbers.
    async fn post_queued(&self, queued: &[&Queued], now: Timestamp) -> Vec<Worked> {
        let shards: Vec<Option<Shard>> = queued.iter().map(|one| read(&one.body)).collect();
        let mut audience: BTreeMap<ConnectionId, (Connection, Vec<usize>)> = BTreeMap::new();
        for (number, shard) in shards.iter().enumerate() {
            for listener in shard.iter().flat_map(|shard| &shard.listeners) {
                let Some(connection) = listener.connection() else { continue };
                let entry = audience.entry(connection.id.clone());
                entry.or_insert_with(|| (connection, Vec::new())).1.push(number);
            }
        }
        let (audience, wanted): (Vec<_>, Vec<_>) = audience.into_values().unzip();
        // Most want the same.
        let mut frames: BTreeMap<&[usize], Arc<[Frame]>> = BTreeMap::new();
        let deliveries = audience.into_iter().zip(&wanted).map(|(to, wanted)| {
            let frames = frames.entry(wanted).or_insert_with(|| merged(&shards, wanted));
            Delivery::new(to, Arc::clone(frames))
        });
        let ends = self.post_all(deliveries.collect(), &self.queued, now).await;

        let mut tallies = vec![Tally::default(); shards.len()];
        for (end, wanted) in ends.iter().zip(&wanted) {
            wanted.iter().for_each(|&number| tallies[number].add(*end));
        }
        let worked = shards.iter().zip(tallies).map(|(shard, tally)| match shard {
            Some(_) => tally.verdict(),
            None => Worked::Failed,
        });
        let worked: Vec<_> = worked.collect();
        for (message, _) in queued.iter().zip(&worked).filter(|(_, one)| **one == Worked::Failed) {
            self.queues.soon(message).await;
        }
        crate::summary(&ends).tell();
        tracing::info!(
            messages = queued.len(),
            failed = worked.iter().filter(|one| **one == Worked::Failed).count(),
            "worked the queue"
        );
        worked
    }
}

fn read(body: &str) -> Option<Shard> {
    let shard = serde_json::from_str::<Shard>(body);
    if let Err(error) = &shard {
        // Where it is wrong, and not how: that would quote what is told.
        tracing::error!(column = error.column(), "a shard cannot be read");
    }
    shard.ok()
}

/// The frames that hold the events of these shards.
fn merged(shards: &[Option<Shard>], wanted: &[usize]) -> Arc<[Frame]> {
    let events = wanted.iter().filter_map(|&number| shards[number].as_ref());
    let mut events: Vec<_> = events.flat_map(|shard| shard.events.clone()).collect();
    // The queue does not keep the order. What has no number is of the moment, and comes last.
    events.sort_by_key(|event| event["seq"].as_u64().unwrap_or(u64::MAX));
    event_frames(&events).into_iter().map(Frame::new).collect()
}

impl Listener {
    fn connection(&self) -> Option<Connection> {
        let Self(id, user, connected_at) = self;
        Some(Connection {
            user_id: user.parse().ok()?,
            id: ConnectionId::new(id.as_str()),
            session_id: None,
            connected_at: Timestamp::from_millisecond(*connected_at).ok()?,
            // It was open when it was queued; the gateway knows whether it is.
            expires_at: Timestamp::MAX,
        })
    }
}

/// How it ended for the listeners of one message.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    asked: usize,
    failed: usize,
    untried: usize,
}

impl Tally {
    fn add(&mut self, end: End) {
        match end {
            End::Delivered | End::Gone | End::Dropped => self.asked += 1,
            End::Failed => self.failed += 1,
            End::Untried => self.untried += 1,
        }
    }

    /// A message comes again only if that may help most of its listeners: to those who were reached
    /// already it is a repeat. A few whom the gateway failed are left to their sync.
    fn verdict(self) -> Worked {
        let nobody = self.asked == 0 && self.failed > 0;
        if nobody || self.untried > 0 { Worked::Failed } else { Worked::Done }
    }
}
