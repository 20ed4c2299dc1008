//! Opening the way to the gateway.
//!
//! Posts that come together to a gateway to which there is no connection would each begin one. A
//! handshake costs many times what a post does, and where HTTP/2 is spoken all but one of them are
//! thrown away. So one post goes first, and the others follow on its connection.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// For how long nobody needs to go first again. Gateways close a connection on which nothing happens.
const OPEN: SignedDuration = SignedDuration::from_secs(60);

/// For how long the others wait: longer than a handshake takes, and shorter than a post may.
pub(crate) const OPENING: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub(crate) struct Way {
    /// When the gateway last answered.
    answered_at: Mutex<Option<Timestamp>>,
    first: tokio::sync::Mutex<()>,
    opening: Duration,
}

impl Way {
    /// One that is closed, and may take so long to open.
    pub(crate) fn closed(opening: Duration) -> Self {
        Self { answered_at: Mutex::default(), first: tokio::sync::Mutex::default(), opening }
    }

    /// Asks, and lets nobody else before there is an answer, unless there was one just now.
    pub(crate) async fn ask<T, E>(
        &self,
        now: Timestamp,
        asking: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut first = None;
        if !self.is_open(now) {
            let waited = tokio::time::timeout(self.opening, self.first.lock()).await;
            // Whoever finds it open by now holds up nobody.
            first = waited.ok().filter(|_| !self.is_open(now));
        }
        let answer = asking.await;
        if answer.is_ok() {
            *self.answered_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
        drop(first);
        answer
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let answered_at = *self.answered_at.lock().unwrap_or_else(PoisonError::into_inner);
        answered_at.is_some_and(|at| now.duration_since(at) < OPEN)
    }
}
