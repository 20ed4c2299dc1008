//! How fast to post: as fast as the gateway takes it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Posts a second of a process that works a queue, when all is well. An account has 10,000 calls a
/// second in a region, for all that it does, and six of those processes work at a time: they leave
/// a fifth to everybody else.
pub(crate) const OF_A_QUEUE: f64 = 1_300.0;

/// Posts a second of a process that sends, when all is well: what the account has. There are few to a
/// send, and the sender waits for them, at a price; only the gateway tells when all of those are too
/// many.
pub(crate) const OF_A_SENDER: f64 = 10_000.0;

const LEAST: f64 = 10.0;

/// Posts that may go at once after a pause.
const BURST: f64 = 100.0;

/// What one success gives back of the rate that was lost: all of it within a thousand.
const RECOVERY: f64 = 1.0;

/// 429s in a row, of as many connections, that mean the gateway. One alone is a client that does not
/// read, which is no reason to keep the others waiting.
const IN_A_ROW: u32 = 3;

/// The posts under way are refused together: that is one reason to slow down, not many.
const ONE_REASON: Duration = Duration::from_millis(100);

/// One for all that a process posts by it.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Arc<Mutex<Rate>>);

impl Budget {
    /// Of so many a second, when all is well.
    pub(crate) fn new(most: f64) -> Self {
        Self(Arc::new(Mutex::new(Rate::new(most, Instant::now()))))
    }

    /// Takes leave to post once.
    ///
    /// # Errors
    /// When to ask again, if there is none yet.
    pub(crate) fn take(&self) -> Result<(), Instant> {
        self.rate().take(Instant::now())
    }

    /// A post was answered, and not with 429.
    pub(crate) fn answered(&self) {
        self.rate().answered();
    }

    /// A post was answered with 429.
    pub(crate) fn refused(&self) {
        self.rate().refused(Instant::now());
    }

    fn rate(&self) -> MutexGuard<'_, Rate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// It has no clock.
#[derive(Debug)]
struct Rate {
    most: f64,
    per_second: f64,
    tokens: f64,
    refilled_at: Instant,
    slowed_at: Option<Instant>,
    refused_in_a_row: u32,
}

impl Rate {
    fn new(most: f64, now: Instant) -> Self {
        Self {
            most,
            per_second: most,
            tokens: BURST,
            refilled_at: now,
            slowed_at: None,
            refused_in_a_row: 0,
        }
    }

    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        self.refill(now);
        if self.tokens < 1.0 {
            let missing = (1.0 - self.tokens) / self.per_second;
            return Err(now + Duration::from_secs_f64(missing));
        }
        self.tokens -= 1.0;
        Ok(())
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.refilled_at);
        self.tokens = (self.tokens + passed.as_secs_f64() * self.per_second).min(BURST);
        self.refilled_at = now;
    }

    fn answered(&mut self) {
        self.refused_in_a_row = 0;
        self.per_second = (self.per_second + RECOVERY).min(self.most);
    }

    fn refused(&mut self, now: Instant) {
        self.refused_in_a_row += 1;
        let same_reason = |at: Instant| now.saturating_duration_since(at) < ONE_REASON;
        if self.refused_in_a_row < IN_A_ROW || self.slowed_at.is_some_and(same_reason) {
            return;
        }
        self.refill(now);
        self.slowed_at = Some(now);
        self.per_second = (self.per_second / 2.0).max(LEAST);
        self.tokens = self.tokens.min(1.0);
        tracing::warn!(per_second = self.per_second, "the gateway takes fewer posts");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: f64 = 1_000.0;

    fn after(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// How many posts go within a second.
    fn within_a_second(rate: &mut Rate, from: Instant) -> usize {
        let mut now = from;
        let mut posts = 0;
        while now < from + Duration::from_secs(1) {
            match rate.take(now) {
                Ok(()) => posts += 1,
                Err(again) => now = again.max(now + Duration::from_micros(1)),
            }
        }
        posts
    }

    #[test]
    fn a_burst_goes_at_once_and_then_as_many_as_the_rate_allows() {
        let start = Instant::now();
        let mut rate = Rate::new(MOST, start);
        let at_once = (0..200).take_while(|_| rate.take(start).is_ok()).count();
        assert_eq!(at_once, 100);
        let posts = within_a_second(&mut rate, start);
        assert!((999..=1_001).contains(&posts), "{posts}");
    }

    #[test]
    fn one_slow_client_slows_nobody_and_the_gateway_everybody() {
        let start = Instant::now();
        let mut rate = Rate::new(MOST, start);
        for second in 0..100 {
            rate.refused(after(start, second * 1_000));
            rate.refused(after(start, second * 1_000));
            rate.answered();
        }
        assert_eq!(rate.per_second, MOST);

        let start = after(start, 200_000);
        for _ in 0..64 {
            rate.refused(start);
        }
        assert_eq!(rate.per_second, MOST / 2.0, "all that were under way are one reason");
        let posts = within_a_second(&mut rate, start);
        assert!((499..=502).contains(&posts), "{posts}");
        for tenth in 1..=20 {
            rate.refused(after(start, tenth * 100));
        }
        assert_eq!(rate.per_second, LEAST);
        (0..10_000).for_each(|_| rate.answered());
        assert_eq!(rate.per_second, MOST);
    }
}
