//! Messages under way: how soon they arrive, and how many do.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use super::Effort;
use super::crowd::Crowd;
use super::figures::{Figures, milliseconds, quantile};
use super::processor::{self, Spent};
use super::town::Town;

/// Before anything counts: the functions have been started, and the database has its pages.
const WARM: Duration = Duration::from_secs(2);

/// One room of 10, this many messages a second.
pub(crate) async fn latency(
    figures: &mut Figures,
    town: &Town,
    effort: Effort,
    rate: u32,
) -> anyhow::Result<()> {
    let workload = &format!("send to deliver, 1 room of 10, {rate} messages a second");
    let mut crowd = Crowd::gather(town, 1, 10).await?;
    at_a_rate(&mut crowd, rate, WARM).await?;
    for _ in 0..effort.repetitions {
        let before = processor::spent(&town.stack)?;
        let mut took = at_a_rate(&mut crowd, rate, Duration::from_secs(effort.seconds)).await?;
        processor_time(figures, rate, before, processor::spent(&town.stack)?, took.len() / 10);
        took.sort_by(f64::total_cmp);
        for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            figures.add(workload, name, "ms", quantile(&took, share));
        }
        lost(figures, workload, &mut crowd);
    }
    Ok(())
}

/// What a send took of the processor, in each part of the stack.
fn processor_time(figures: &mut Figures, rate: u32, before: Spent, after: Spent, sends: usize) {
    let sends = u32::try_from(sends).map_or(f64::INFINITY, f64::from);
    let workload = &format!("processor time of a send, {rate} a second");
    for (name, seconds) in [
        ("functions", after.functions - before.functions),
        ("database", after.database - before.database),
        ("gateway, runtime API", after.gateway - before.gateway),
    ] {
        figures.add(workload, name, "ms", seconds * 1_000.0 / sends);
    }
}

/// 1,000 messages within a second into one room of 10.
pub(crate) async fn burst(
    figures: &mut Figures,
    town: &Town,
    effort: Effort,
) -> anyhow::Result<()> {
    let workload = "burst, 1,000 messages in a second to 1 room of 10";
    let mut crowd = Crowd::gather(town, 1, 10).await?;
    at_a_rate(&mut crowd, 4, WARM).await?;
    for _ in 0..effort.repetitions {
        let began = Instant::now();
        at_a_rate(&mut crowd, 1_000, Duration::from_secs(1)).await?;
        let whole = began.elapsed().as_secs_f64();
        figures.add(workload, "all delivered", "s", whole);
        lost(figures, workload, &mut crowd);
    }
    Ok(())
}

/// Sends so many messages a second, whatever becomes of them; gives how many milliseconds each delivery
/// took from when its message was due.
async fn at_a_rate(crowd: &mut Crowd, rate: u32, length: Duration) -> anyhow::Result<Vec<f64>> {
    let mut due = metronome(rate, u64::from(rate) * length.as_secs());
    let mut took = Vec::new();
    // What comes meanwhile is timed by who reads it, not by who counts it.
    while let Some(now) = due.recv().await {
        crowd.send(0, now)?;
    }
    for delivery in crowd.settle().await? {
        took.push(milliseconds(delivery.took));
    }
    Ok(took)
}

/// Says so often, so many times, that something is due, and since when. By a thread of its own, because
/// the runtime's clock knows whole milliseconds, and would be a fifth of what is measured.
fn metronome(rate: u32, times: u64) -> UnboundedReceiver<Instant> {
    let (tick, ticks) = unbounded_channel();
    std::thread::spawn(move || {
        let mut due = Instant::now();
        for _ in 0..times {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if tick.send(due).is_err() {
                return;
            }
            due += Duration::from_secs(1) / rate;
        }
    });
    ticks
}

/// Who floods.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// One room of 100.
    OneLarge,
    /// 20 rooms of 10.
    ManySmall,
}

/// Each room keeps some messages under way; one that everybody has makes room for the next.
pub(crate) async fn flood(
    figures: &mut Figures,
    town: &Town,
    effort: Effort,
    shape: Shape,
) -> anyhow::Result<()> {
    let (workload, rooms, members, windows) = match shape {
        Shape::OneLarge => ("sustained, 1 room of 100", 1, 100, [8, 32, 128]),
        Shape::ManySmall => ("sustained, 20 rooms of 10", 20, 10, [4, 16, 64]),
    };
    let mut crowd = Crowd::gather(town, rooms, members).await?;
    let mut best = (windows[0], 0.0);
    for window in windows {
        let rate = closed(&mut crowd, window, Duration::from_secs(3)).await?;
        let is_whole = crowd.missing() == 0;
        crowd.forget();
        if is_whole && rate > best.1 {
            best = (window, rate);
        }
    }
    for _ in 0..effort.repetitions {
        let rate = closed(&mut crowd, best.0, Duration::from_secs(effort.seconds)).await?;
        figures.add(workload, "delivered", "messages/s", rate);
        lost(figures, workload, &mut crowd);
    }
    Ok(())
}

/// Deliveries a second, with this many messages of each room under way.
async fn closed(crowd: &mut Crowd, window: usize, length: Duration) -> anyhow::Result<f64> {
    for room in 0..crowd.rooms() {
        for _ in 0..window {
            crowd.send(room, Instant::now())?;
        }
    }
    let begin = Instant::now() + WARM;
    let end = begin + length;
    let mut delivered = 0_u32;
    while let Some(delivery) = crowd.next(end).await? {
        if delivery.at >= begin && delivery.at < end {
            delivered += 1;
        }
        if Instant::now() >= end {
            break;
        }
        if let Some(landed) = delivery.landed {
            crowd.send(landed.room, Instant::now())?;
        }
    }
    crowd.settle().await?;
    Ok(f64::from(delivered) / length.as_secs_f64())
}

fn lost(figures: &mut Figures, workload: &str, crowd: &mut Crowd) {
    let count = |number: usize| u32::try_from(number).map_or(f64::INFINITY, f64::from);
    figures.add(workload, "lost", "deliveries", count(crowd.missing()));
    figures.add(workload, "sent again", "messages", count(crowd.again));
    crowd.forget();
}
