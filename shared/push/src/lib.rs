//! Telling connected clients: one frame for all of them, posted at once, or left to a queue where
//! they are many, or much happens.
//!
//! A push is a hint. What it misses the client finds in the room's log, so nothing here is retried
//! for long and nothing outlives the invocation. `push` decides nothing about who may know what.

mod budget;
mod close;
mod post;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::Builder;
use domain::{ConnectionId, Event, UserId};
use environment::Lazy;
use gateway::Frame;
use jiff::Timestamp;
use protocol::{EventFrame, event_frames};
use serde_json::{Value, json};
use storage::{Connection, Store};

use self::budget::Budget;
use self::post::{Delivery, End};
use self::queue::Queues;

pub use self::close::{Goodbye, StillOpen};
pub use self::queue::{QueueUrls, Queued, Worked};

/// Connections that the invocation itself posts to; more go to the queue. Fifty are posted to in the
/// time of one, and nobody waits.
pub const MAX_DIRECT: usize = 50;

/// A post that takes longer is to a client that does not read: it must not hold the others up.
const POST_LIMIT: Duration = Duration::from_secs(1);

/// What a fan-out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Connections that took the frame.
    pub delivered: usize,
    /// Connections that were gone, and are struck out now.
    pub gone: usize,
    /// Connections that could not take it: they will find it by sync.
    pub dropped: usize,
    /// Connections that the queue has now.
    pub queued: usize,
}

impl Pushed {
    /// Counts it, and says in the log what did not go as it should.
    fn tell(self) {
        let Self { delivered, gone, dropped, .. } = self;
        tracing::info!(target: "metrics", pushes = delivered, gone_connections = gone);
        if dropped > 0 {
            tracing::warn!(delivered, gone, dropped, "pushes were dropped");
        }
    }
}

/// That somebody came, or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub user_id: UserId,
    /// Whether they have an open connection now.
    pub online: bool,
}

/// How soon an audience is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    Quiet,
    /// Within a second, together with what else happens in it.
    Busy,
}

/// The way to connected clients. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct Push {
    /// Says goodbye, and closes.
    client: Lazy<Client>,
    /// Asks nobody twice and waits for nobody: who is asked again, and when, depends on what the
    /// others answer, see `post`.
    posts: gateway::Client,
    store: Store,
    queues: Queues,
    /// For the posts of a send.
    direct: Budget,
    /// For those of a queue.
    queued: Budget,
}

impl Push {
    /// Pushes through the management API at `url`, `https://{api}.execute-api.{region}.amazonaws.com/{stage}`,
    /// and leaves large audiences and busy rooms to these queues.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, url: &str, queues: QueueUrls, store: Store) -> Self {
        let config = Builder::from(sdk).endpoint_url(url);
        let client = Lazy::new(move || Client::from_conf(config.build()));
        let posts = gateway::Client::new(sdk, url, POST_LIMIT);
        let queues = Queues::new(sdk, queues);
        let direct = Budget::new(budget::OF_A_SENDER);
        let queued = Budget::new(budget::OF_A_QUEUE);
        Self { client, posts, store, queues, direct, queued }
    }

    /// Tells `users` these events on every connection but `except`.
    ///
    /// # Errors
    /// If the connections cannot be read; then nobody was told.
    pub async fn tell(
        &self,
        events: Vec<Event>,
        users: &[UserId],
        except: Option<&ConnectionId>,
        now: Timestamp,
    ) -> Result<Pushed, storage::Error> {
        let audience = self.store.connections(users, now).await?;
        let prepared = Prepared::new(events, audience, except, Pace::Quiet);
        Ok(self.tell_prepared(prepared, now).await)
    }

    /// Signs what is to be posted, for whoever has to wait before it is told.
    pub async fn sign(&self, prepared: &mut Prepared, now: Timestamp) {
        if let Plan::Direct(deliveries) = &mut prepared.0 {
            self.sign_first(deliveries, now).await;
        }
    }

    /// Tells `users` that somebody is connected now, or is no more.
    ///
    /// # Errors
    /// If the connections cannot be read; then nobody was told.
    pub async fn tell_presence(
        &self,
        Presence { user_id, online }: Presence,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Pushed, storage::Error> {
        let last_seen_at = (!online).then(|| now.into());
        let data = protocol::Presence { user_id: user_id.to_string(), online, last_seen_at };
        let audience = self.store.connections(users, now).await?;
        let frame = protocol::presence_frame(&data, now);
        let prepared = Prepared::of_frames(vec![frame], audience, Pace::Quiet);
        Ok(self.tell_prepared(prepared, now).await)
    }

    /// Tells what is prepared: puts it on its way, and waits for what becomes of it.
    pub async fn tell_prepared(&self, prepared: Prepared, now: Timestamp) -> Pushed {
        let pushed = match prepared.0 {
            Plan::Direct(deliveries) => {
                summary(&self.post_all(deliveries, &self.direct, now).await)
            }
            Plan::Queued { events, audience, pace } => {
                self.queues.put(&events, &audience, pace).await
            }
        };
        pushed.tell();
        pushed
    }
}

/// What somebody is told, up to its way to them.
#[derive(Debug)]
pub struct Prepared(Plan);

#[derive(Debug)]
enum Plan {
    Direct(Vec<Delivery>),
    Queued { events: Vec<Value>, audience: Vec<Connection>, pace: Pace },
}

impl Prepared {
    /// These events, in one frame if they fit, for all of these connections but `except`.
    #[must_use]
    pub fn new(
        events: Vec<Event>,
        audience: Vec<Connection>,
        except: Option<&ConnectionId>,
        pace: Pace,
    ) -> Self {
        let audience = audience.into_iter().filter(|one| Some(&one.id) != except);
        let events = events.into_iter().map(|event| json!(EventFrame::from(event)));
        Self::of_frames(events.collect(), audience.collect(), pace)
    }

    fn of_frames(events: Vec<Value>, audience: Vec<Connection>, pace: Pace) -> Self {
        if audience.len() > MAX_DIRECT || pace == Pace::Busy {
            return Self(Plan::Queued { events, audience, pace });
        }
        let frames: Arc<[Frame]> = event_frames(&events).into_iter().map(Frame::new).collect();
        let deliveries = audience.into_iter().map(|to| Delivery::new(to, Arc::clone(&frames)));
        Self(Plan::Direct(deliveries.collect()))
    }
}

fn summary(ends: &[End]) -> Pushed {
    ends.iter().fold(Pushed::default(), |mut sum, end| {
        match end {
            End::Delivered => sum.delivered += 1,
            End::Gone => sum.gone += 1,
            End::Dropped | End::Failed | End::Untried => sum.dropped += 1,
        }
        sum
    })
}
