//! How much processor time each part of a stack took.

use std::fs;
use std::path::Path;

use anyhow::Context;
use tests::Stack;

/// The threads of the program on which the database lives.
const DATABASE: &str = "dynamodb";

/// How many ticks a second the times of `/proc/PID/stat` have, on every processor that Linux runs this on
/// (`proc_pid_stat(5)`, `sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// Seconds of processor time so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    /// The embedded database.
    pub(crate) database: f64,
    /// The gateway, the runtime API and the rest of the program.
    pub(crate) gateway: f64,
    /// The processes of functions, those that have ended too: spare ones are ended while others work.
    pub(crate) functions: f64,
}

/// What a stack has spent.
pub(crate) fn spent(stack: &Stack) -> anyhow::Result<Spent> {
    let (program, functions) = stack.own(|process| (process.id(), process.functions()));
    let mut spent = Spent::default();
    for (thread, seconds) in threads(&program.to_string())? {
        match thread.as_str() {
            DATABASE => spent.database += seconds,
            _ => spent.gateway += seconds,
        }
    }
    for function in functions {
        let threads = threads(&function.to_string())?;
        spent.functions += threads.into_iter().map(|(_, seconds)| seconds).sum::<f64>();
    }
    spent.functions += ended(program)?;
    Ok(spent)
}

/// What the children of a process took that have ended and were waited for: `cutime` and `cstime`, the
/// fourteenth and fifteenth field after the name, which stands in brackets.
fn ended(process: u32) -> anyhow::Result<f64> {
    let line = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = line.rsplit_once(") ").context("stat has no name")?;
    let times = fields.split(' ').skip(13).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / TICKS)
}

/// The threads of a process by name, and how long each has run: the first field of `schedstat`, in
/// nanoseconds (Linux, Documentation/scheduler/sched-stats.rst).
fn threads(process: &str) -> anyhow::Result<Vec<(String, f64)>> {
    let mut threads = Vec::new();
    for thread in fs::read_dir(Path::new("/proc").join(process).join("task"))? {
        let thread = thread?.path();
        let name = fs::read_to_string(thread.join("comm"))?.trim_end().to_owned();
        let schedule = fs::read_to_string(thread.join("schedstat"))?;
        let nanoseconds = schedule.split(' ').next().context("schedstat is empty")?;
        threads.push((name, nanoseconds.parse::<f64>()? / 1e9));
    }
    Ok(threads)
}
