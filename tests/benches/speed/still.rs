//! What is not about messages under way: starting, waiting, and looking things up.

use std::time::Duration;

use anyhow::Context;
use tempfile::TempDir;
use tests::{Process, Stack, handshake, proc};
use tokio::time::Instant;

use super::Effort;
use super::crowd::open;
use super::figures::{Figures, mebibytes, milliseconds, quantile};
use super::town::{FLAGS, Town};

/// From starting the stack's program to the first socket that is let in.
pub(crate) async fn start(figures: &mut Figures, effort: Effort) -> anyhow::Result<()> {
    let data = TempDir::with_prefix("banter-speed-")?;
    let log = data.path().join("log");
    let stack = Stack::start_own_with(&FLAGS, data.path()).await;
    let person = stack.person("first").await;
    stack.own(Process::stop);
    let bearer = format!("Bearer {}", person.token.as_deref().unwrap_or_default());
    let headers = [("authorization", bearer.as_str()), ("sec-websocket-protocol", "banter.v1")];
    for _ in 0..effort.repetitions + 2 {
        let began = Instant::now();
        let process = Process::start_with(&FLAGS, data.path(), &log, None);
        let opened = handshake(&process.ws, &headers).await;
        let took = began.elapsed().as_secs_f64();
        anyhow::ensure!(opened.is_ok(), "the first socket is refused");
        figures.add("start", "to the first accepted socket", "s", took);
    }
    Ok(())
}

/// What a client asks for over HTTP all day.
pub(crate) async fn pages(
    figures: &mut Figures,
    town: &Town,
    effort: Effort,
) -> anyhow::Result<()> {
    let reader = town.people.last().context("nobody is there")?;
    let mut room = String::new();
    for number in 0..20 {
        room = reader.create_group(&format!("Room {number}"), &[&town.people[0]]).await;
    }
    for number in 0..60 {
        reader.send(&room, &format!("c-{number}"), "hello").await.created();
    }
    let history = format!("/v1/rooms/{room}/messages?limit=50");
    for (workload, path) in
        [("a page of 50 messages", history.as_str()), ("the list of 20 rooms", "/v1/rooms")]
    {
        reader.get(path).await.ok();
        for _ in 0..effort.repetitions {
            let mut took = Vec::new();
            for _ in 0..100 {
                let began = Instant::now();
                reader.get(path).await.ok();
                took.push(milliseconds(began.elapsed()));
            }
            took.sort_by(f64::total_cmp);
            figures.add(workload, "p50", "ms", quantile(&took, 0.5));
        }
    }
    Ok(())
}

/// The stack and its functions, alone and with a thousand connections that only wait: ten of each of 100
/// people, in rooms of 10.
pub(crate) async fn memory(figures: &mut Figures, effort: Effort) -> anyhow::Result<()> {
    const CONNECTIONS_EACH: usize = 10;
    for _ in 0..effort.repetitions.div_ceil(2) {
        let town = Town::of(100).await?;
        town.rooms(10, 10).await;
        figures.add("memory", "without connections", "MiB", resident(&town.stack).await?);
        let mut sockets = Vec::new();
        for person in &town.people {
            for _ in 0..CONNECTIONS_EACH {
                sockets.push(open(&town.stack.ws, person).await?);
            }
        }
        figures.add("memory", "with 1,000 that wait", "MiB", resident(&town.stack).await?);
    }
    Ok(())
}

/// What all processes of the stack hold, what they share counted once.
async fn resident(stack: &Stack) -> anyhow::Result<f64> {
    // Twice as long as the stack keeps processes of which it has no need.
    tokio::time::sleep_until(Instant::now() + Duration::from_secs(6)).await;
    let (program, functions) = stack.own(|process| (process.id(), process.functions()));
    let ids = functions.iter().map(ToString::to_string).chain([program.to_string()]);
    let mut held = 0;
    for id in ids {
        held += proc::kibibytes(&format!("/proc/{id}/smaps_rollup"), "Pss")?;
    }
    Ok(mebibytes(held * 1024))
}
