//! A stack with people in it, and rates out of the way.

use futures_util::StreamExt;
use tempfile::TempDir;
use tests::{Person, Stack};

/// How many there are.
pub(crate) const PEOPLE: usize = 200;

/// What the stack is started with: what is measured is not held back.
pub(crate) const FLAGS: [&str; 16] = [
    "--log",
    "error",
    "--parameter",
    "SendRate=off",
    "--parameter",
    "RoomRate=off",
    "--parameter",
    "WriteRate=off",
    "--parameter",
    "SearchRate=off",
    "--parameter",
    "SignUpRate=off",
    "--parameter",
    "RequestsPerSecond=10000",
    "--parameter",
    "LogRetentionDays=1",
];

/// A running stack, and everybody on it.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) stack: Stack,
    pub(crate) people: Vec<Person>,
    // Dropped last.
    _data: TempDir,
}

impl Town {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::of(PEOPLE).await
    }

    pub(crate) async fn of(people: usize) -> anyhow::Result<Self> {
        Self::with(&[], people).await
    }

    /// On a stack with these flags too.
    pub(crate) async fn with(flags: &[&str], people: usize) -> anyhow::Result<Self> {
        let data = TempDir::with_prefix("banter-speed-")?;
        let stack = Stack::start_own_with(&[&FLAGS, flags].concat(), data.path()).await;
        let signed_up = futures_util::stream::iter(0..people)
            .map(async |number| stack.person(&format!("p{number}")).await)
            .buffer_unordered(2);
        let people = signed_up.collect().await;
        Ok(Self { stack, people, _data: data })
    }

    /// Rooms of this many, each of other people.
    pub(crate) async fn rooms(&self, rooms: usize, members: usize) -> Vec<(String, &[Person])> {
        let mut made = Vec::with_capacity(rooms);
        for members in self.people.chunks_exact(members).take(rooms) {
            let others: Vec<_> = members.iter().skip(1).collect();
            made.push((members[0].create_group("Bench", &others).await, members));
        }
        made
    }
}
