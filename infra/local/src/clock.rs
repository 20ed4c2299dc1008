//! The clock by which sockets live and are idle: this machine's, and as far ahead of it as somebody
//! moved it, so that two hours can pass in a test.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<watch::Sender<Duration>>);

impl Clock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }

    /// Lets this much time pass at once.
    pub(crate) fn advance(&self, by: Duration) {
        self.0.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// The time of day.
    pub(crate) fn time(&self) -> Timestamp {
        let ahead = *self.0.borrow();
        crate::ids::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn now(&self) -> Instant {
        Instant::now() + *self.0.borrow()
    }

    /// Waits until [`Clock::now`] is past this.
    pub(crate) async fn reaches(&self, deadline: Instant) {
        let mut ahead = self.0.subscribe();
        loop {
            let left = deadline.saturating_duration_since(self.now());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(Instant::now() + left) => {}
                // The sender lives as long as this clock.
                _ = ahead.changed() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn moving_the_clock_wakes_whoever_waits_for_it() {
        let clock = Clock::new();
        let hours = Duration::from_secs(2 * 60 * 60);
        let (start, deadline) = (clock.time(), clock.now() + hours);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reaches(deadline).await }
        });
        clock.advance(hours / 2);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(hours / 2);
        waiting.await.unwrap();
        assert!(clock.time() >= start.saturating_add(hours).unwrap());
    }
}
