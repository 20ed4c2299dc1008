//! One process of a function: started, frozen, thawed, killed, and its output passed on.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::Settings;
use crate::template::Function;

/// A handle to signal the process with; it must not outlive the pool's entry for the instance,
/// because the number of a process that is gone may be given to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Process(pub(super) Pid);

impl Process {
    pub(super) fn freeze(self) {
        self.signal(Signal::SIGSTOP);
    }

    pub(super) fn thaw(self) {
        self.signal(Signal::SIGCONT);
    }

    pub(super) fn kill(self) {
        self.signal(Signal::SIGKILL);
    }

    fn signal(self, signal: Signal) {
        // The only failure is that the process has ended, which its watcher will report.
        let _ = kill(self.0, signal);
    }
}

/// A started process and what is needed to see it end.
pub(super) struct Started {
    pub(super) process: Process,
    child: Child,
    scratch: PathBuf,
}

pub(super) fn start(
    id: &str,
    instance: u64,
    function: &Function,
    binary: &Path,
    settings: &Settings,
) -> std::io::Result<Started> {
    let scratch = settings.scratch.join(format!("{id}-{instance}"));
    std::fs::create_dir_all(&scratch)?;
    let variables =
        super::environment::variables(function, id, instance, binary, &scratch, settings);
    let mut child = Command::new(binary)
        .env_clear()
        .envs(variables)
        .current_dir(&scratch)
        .process_group(settings.group)
        .stdin(Stdio::null())
        .stdout(output())
        .stderr(output())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(forward(function.name.clone(), stdout));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(forward(function.name.clone(), stderr));
    }
    let number = child.id().and_then(|id| i32::try_from(id).ok());
    let number = number.ok_or_else(|| std::io::Error::other("the process ended at once"))?;
    Ok(Started { process: Process(Pid::from_raw(number)), child, scratch })
}

/// What a process writes is told as `info`; where that is not, nobody has to read it.
fn output() -> Stdio {
    if tracing::enabled!(tracing::Level::INFO) { Stdio::piped() } else { Stdio::null() }
}

impl Started {
    /// Waits for the end. The directory of the process goes with it.
    pub(super) async fn ended(mut self) -> Option<ExitStatus> {
        let status = self.child.wait().await.ok();
        let _ = std::fs::remove_dir_all(&self.scratch);
        status
    }
}

/// What Lambda says of a process that ended within an invocation.
pub(super) fn exit_message(status: Option<ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    let status = status.unwrap_or_default();
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => {
            let name = Signal::try_from(signal).map_or("signal", Signal::as_str);
            format!("Runtime exited with error: signal: {name}")
        }
        (None, None) => "Runtime exited with error: unknown".to_owned(),
    }
}

async fn forward(name: String, output: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(output).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        tracing::info!("{name} | {}", String::from_utf8_lossy(&line));
    }
}
