//! Telling connected clients: who is connected, one frame for all of them, posted at once.
//!
//! A push is a hint. What it misses the client finds in the room's log, so nothing here is retried
//! for long and nothing outlives the invocation. `push` decides nothing about who may know what.

mod close;

use std::time::Duration;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::Builder;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::error::DisplayErrorContext;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::{ConnectionId, Event, UserId};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use protocol::EventFrame;
use storage::{Connection, HANDSHAKE, Store};

pub use close::{Goodbye, StillOpen};

/// Posts under way at a time: more only adds latency.
const IN_FLIGHT: usize = 64;

/// What a fan-out came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Connections that took the frame.
    pub delivered: usize,
    /// Connections that were gone, and are struck out now.
    pub gone: usize,
    /// Connections that could not take it: they will find it by sync.
    pub dropped: usize,
}

/// That somebody came, or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub user_id: UserId,
    /// Whether they have an open connection now.
    pub online: bool,
}

/// The way to connected clients. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct Push {
    client: Client,
    store: Store,
}

impl Push {
    /// Pushes through the management API at `url`: `https://{api}.execute-api.{region}.amazonaws.com/{stage}`.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, url: &str, store: Store) -> Self {
        // One quick try again, then the frame is dropped: a slow reader must not hold the sender.
        let retry = RetryConfig::standard()
            .with_max_attempts(2)
            .with_initial_backoff(Duration::from_millis(50));
        let config = Builder::from(sdk).endpoint_url(url).retry_config(retry).build();
        Self { client: Client::from_conf(config), store }
    }

    /// Tells `users` these events, in one frame, on every connection but `except`.
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
        self.fan_out(|| frame(events), users, except, now).await
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
        self.fan_out(|| protocol::presence_frame(&data, now).to_string(), users, None, now).await
    }

    async fn fan_out(
        &self,
        frame: impl FnOnce() -> String + Send,
        users: &[UserId],
        except: Option<&ConnectionId>,
        now: Timestamp,
    ) -> Result<Pushed, storage::Error> {
        let connections = self.store.connections(users, now).await?;
        let audience: Vec<_> =
            connections.into_iter().filter(|one| Some(&one.id) != except).collect();
        if audience.is_empty() {
            return Ok(Pushed::default());
        }
        let frame = Blob::new(frame());
        let posts =
            audience.into_iter().map(|connection| self.post(connection, frame.clone(), now));
        let outcomes: Vec<_> = stream::iter(posts).buffer_unordered(IN_FLIGHT).collect().await;
        let pushed = outcomes.into_iter().fold(Pushed::default(), |mut sum, outcome| {
            match outcome {
                Post::Delivered => sum.delivered += 1,
                Post::Gone => sum.gone += 1,
                Post::Dropped => sum.dropped += 1,
            }
            sum
        });
        tracing::info!(
            delivered = pushed.delivered,
            gone = pushed.gone,
            dropped = pushed.dropped,
            "pushed"
        );
        Ok(pushed)
    }

    async fn post(&self, connection: Connection, frame: Blob, now: Timestamp) -> Post {
        let Connection { user_id, id, connected_at, .. } = connection;
        let sent =
            self.client.post_to_connection().connection_id(id.as_str()).data(frame).send().await;
        let Err(error) = sent else { return Post::Delivered };
        if !error.as_service_error().is_some_and(PostToConnectionError::is_gone_exception) {
            tracing::warn!(error = %DisplayErrorContext(&error), "a push was dropped");
            return Post::Dropped;
        }
        let age = Duration::try_from(now.duration_since(connected_at)).unwrap_or_default();
        if age < HANDSHAKE {
            // Its handshake may not be done. If it lives, its first sync sees this event.
            return Post::Dropped;
        }
        match self.store.disconnect(user_id, &[id]).await {
            Ok(()) => Post::Gone,
            // Still in the registry, so the next push strikes it out.
            Err(_) => Post::Dropped,
        }
    }
}

enum Post {
    Delivered,
    Gone,
    Dropped,
}

/// One frame for these events.
fn frame(events: Vec<Event>) -> String {
    let mut frames: Vec<_> = events.into_iter().map(EventFrame::from).collect();
    let value = match frames.as_mut_slice() {
        [one] => serde_json::json!(one),
        many => protocol::batch_frame(many),
    };
    value.to_string()
}
