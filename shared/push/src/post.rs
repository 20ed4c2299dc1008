//! Posting to many connections: so many at a time, so many a second, each for itself.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_apigatewaymanagement::error::DisplayErrorContext;
use futures_util::stream::{FuturesUnordered, StreamExt};
use gateway::{Frame, PostError, Signed};
use jiff::Timestamp;
use storage::{Connection, HANDSHAKE};
use tokio::time::Instant;

use crate::Push;
use crate::budget::Budget;

/// Posts under way at a time: more only adds latency.
const IN_FLIGHT: usize = 64;

/// How often one connection is asked, with the others in between.
const MAX_TRIES: u8 = 3;

/// Between two tries of one connection.
const PAUSE: Duration = Duration::from_millis(50);

/// An invocation has to end: what is not tried by then is told of as such.
const POSTING_LIMIT: Duration = Duration::from_secs(20);

/// What one connection is to get.
#[derive(Debug)]
pub(crate) struct Delivery {
    to: Connection,
    frames: Arc<[Frame]>,
    /// The first try of the first frame, where there was time to sign it.
    signed: Option<Signed>,
    /// The first frame that it has not got yet.
    next: usize,
    tries: u8,
}

impl Delivery {
    pub(crate) fn new(to: Connection, frames: Arc<[Frame]>) -> Self {
        Self { to, frames, signed: None, next: 0, tries: 0 }
    }
}

/// How it ended for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It took everything.
    Delivered,
    /// It was gone, and is struck out now.
    Gone,
    /// It does not take what it is sent, and will find it by sync.
    Dropped,
    /// The gateway did not do its work.
    Failed,
    /// There was no time left.
    Untried,
}

/// What the gateway said to one frame.
enum Said {
    Taken,
    Gone,
    TooMuch,
    Nothing,
    Failure,
}

impl Push {
    /// Signs the first post to each of them, up to one that cannot be: there is nobody to sign the
    /// others either, and that is waited for, and told of, when they are posted.
    pub(crate) async fn sign_first(&self, deliveries: &mut [Delivery], now: Timestamp) {
        for delivery in deliveries {
            let Some(frame) = delivery.frames.first() else { continue };
            let Ok(signed) = self.posts.sign(&delivery.to.id, frame, now).await else { return };
            delivery.signed = Some(signed);
        }
    }

    /// Posts to all of them; one end for each, in their order.
    pub(crate) async fn post_all(
        &self,
        deliveries: Vec<Delivery>,
        budget: &Budget,
        now: Timestamp,
    ) -> Vec<End> {
        let deadline = Instant::now() + POSTING_LIMIT;
        let mut ends = vec![End::Untried; deliveries.len()];
        let mut waiting: VecDeque<_> = deliveries.into_iter().enumerate().collect();
        let mut under_way = FuturesUnordered::new();
        loop {
            let mut pause = None;
            while under_way.len() < IN_FLIGHT && Instant::now() < deadline {
                let Some((place, delivery)) = waiting.pop_front() else { break };
                if let Err(again) = budget.take() {
                    waiting.push_front((place, delivery));
                    pause = Some(again);
                    break;
                }
                under_way.push(async move {
                    let (delivery, end) = self.post(delivery, budget, now).await;
                    (place, delivery, end)
                });
            }
            let done = match pause {
                Some(again) => tokio::time::timeout_at(again, under_way.next()).await,
                None => Ok(under_way.next().await),
            };
            match done {
                Ok(Some((place, _, Some(end)))) => ends[place] = end,
                Ok(Some((place, delivery, None))) => waiting.push_back((place, delivery)),
                // With nothing under way there is either a pause to wait for, or nothing more to do.
                Ok(None) => match pause {
                    Some(again) => tokio::time::sleep_until(again).await,
                    None => return ends,
                },
                Err(_) => {}
            }
        }
    }

    /// Posts the frames that are left, until one is not taken. `None`: ask again later.
    async fn post(
        &self,
        mut delivery: Delivery,
        budget: &Budget,
        now: Timestamp,
    ) -> (Delivery, Option<End>) {
        delivery.tries += 1;
        if delivery.tries > 1 {
            tokio::time::sleep_until(Instant::now() + PAUSE).await;
        }
        let again = delivery.tries < MAX_TRIES;
        let mut signed = delivery.signed.take();
        while let Some(frame) = delivery.frames.get(delivery.next) {
            let end = match self.post_frame(&delivery, frame, signed.take(), budget, now).await {
                Said::Taken => {
                    delivery.next += 1;
                    continue;
                }
                Said::Gone => Some(self.gone(&delivery.to, now).await),
                Said::TooMuch | Said::Failure if again => None,
                Said::Failure => Some(End::Failed),
                Said::TooMuch | Said::Nothing => Some(End::Dropped),
            };
            return (delivery, end);
        }
        (delivery, Some(End::Delivered))
    }

    async fn post_frame(
        &self,
        delivery: &Delivery,
        frame: &Frame,
        signed: Option<Signed>,
        budget: &Budget,
        now: Timestamp,
    ) -> Said {
        let posted = match signed {
            Some(signed) => self.posts.send(signed, now).await,
            None => self.posts.post(&delivery.to.id, frame, now).await,
        };
        let Err(error) = posted else {
            budget.answered();
            return Said::Taken;
        };
        let said = match &error {
            PostError::Gone => Said::Gone,
            PostError::TooMuch => Said::TooMuch,
            // It holds this post up and no other, for as long as a post may take.
            PostError::TimedOut => Said::Nothing,
            PostError::Refused { .. }
            | PostError::Unreachable(_)
            | PostError::Unsigned(_)
            | PostError::Unsent(_) => Said::Failure,
        };
        match said {
            Said::Taken | Said::Gone => budget.answered(),
            // The second time it says nothing of the others.
            Said::TooMuch if delivery.tries == 1 => budget.refused(),
            Said::TooMuch => {}
            Said::Nothing | Said::Failure => {
                tracing::warn!(error = %DisplayErrorContext(&error), "a post failed");
            }
        }
        said
    }

    async fn gone(&self, to: &Connection, now: Timestamp) -> End {
        let age = Duration::try_from(now.duration_since(to.connected_at)).unwrap_or_default();
        if age < HANDSHAKE {
            // Its handshake may not be done. If it lives, its first sync sees this event.
            return End::Dropped;
        }
        match self.store.disconnect(to.user_id, std::slice::from_ref(&to.id)).await {
            Ok(()) => End::Gone,
            // Still in the registry, so the next push strikes it out.
            Err(_) => End::Dropped,
        }
    }
}

#[cfg(test)]
mod tests;
