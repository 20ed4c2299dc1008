//! Telling a large audience, from the other end of the queue.

use jiff::Timestamp;
use push::{Queued, Worked};

use crate::App;

/// Posts what was queued; names the messages that should come again.
pub async fn fan_out(app: &App, queued: Vec<Queued>, now: Timestamp) -> Vec<String> {
    let worked = app.push.work(&queued, now).await;
    let failed = queued.into_iter().zip(worked).filter(|(_, worked)| *worked == Worked::Failed);
    failed.map(|(message, _)| message.id).collect()
}

#[cfg(test)]
mod tests;
