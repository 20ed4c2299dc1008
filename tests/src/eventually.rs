//! Waiting for what takes effect a moment later, by asking again.

use std::time::Duration;

use tokio::time::interval;

/// Asks until the answer is something, for ten seconds at the most.
///
/// # Panics
/// If it never is, saying `what` was awaited.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    // Not a wait for anything: asking without a pause would keep the processors from those asked.
    let mut pace = interval(Duration::from_millis(50));
    for _ in 0..200 {
        pace.tick().await;
        if let Some(answer) = ask().await {
            return answer;
        }
    }
    panic!("{what}: not within ten seconds");
}
