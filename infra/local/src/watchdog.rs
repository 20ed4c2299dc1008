//! Makes sure that no function outlives the stack, not even after `kill -9`.
//!
//! A frozen process never notices that its gateway is gone. So a shell is started with nothing to do
//! but wait for the end of a pipe that only the stack holds, and then to kill the process group that
//! it leads and all functions are members of.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// When the stack dies the kernel hangs up on its orphans, and a signal from the terminal is the stack's
/// to handle: neither may end the shell before it has done its work. 0 is its own group.
const SCRIPT: &str = "trap '' HUP INT TERM; while read -r _; do :; done; kill -s KILL 0";

#[derive(Debug)]
pub(crate) struct Watchdog {
    child: Child,
    group: Pid,
}

/// Starts the watchdog, the leader of a new process group.
pub(crate) fn start() -> anyhow::Result<Watchdog> {
    let child = Command::new("sh")
        .args(["-c", SCRIPT])
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
