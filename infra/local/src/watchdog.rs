//! Makes sure that no function outlives the stack, not even after `kill -9`.
//!
//! A frozen process never notices that its gateway is gone. So this program starts itself once
//! more with nothing to do but wait for the end of a pipe that only the stack holds, and then to
//! kill the process group that it leads and all functions are members of.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, getpgrp, getpid};
use std::os::unix::process::CommandExt;

#[derive(Debug)]
pub(crate) struct Watchdog {
    child: Child,
    group: Pid,
}

/// Starts the watchdog, the leader of a new process group.
pub(crate) fn start() -> anyhow::Result<Watchdog> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let child = Command::new(program)
        .arg("reap")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start the watchdog")?;
    let group = Pid::from_raw(i32::try_from(child.id())?);
    Ok(Watchdog { child, group })
}

impl Watchdog {
    /// The process group that functions join.
    pub(crate) fn group(&self) -> i32 {
        self.group.as_raw()
    }

    /// Kills every function, and the watchdog with them.
    pub(crate) fn kill_all(&mut self) {
        let _ = killpg(self.group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.kill_all();
    }
}

/// The watchdog's own life.
pub(crate) fn reap() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // When the stack dies the kernel hangs up on its orphans, and a signal from the terminal is
    // the stack's to handle: neither may end this process before it has done its work.
    let _kept = runtime.block_on(async {
        let kinds = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()];
        kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>()
    })?;
    let mut byte = [0];
    while !matches!(std::io::stdin().read(&mut byte), Ok(0)) {}
    if getpgrp() == getpid() {
        killpg(getpgrp(), Signal::SIGKILL)?;
    }
    Ok(())
}
