//! One run of the local stack: started, awaited, stopped, killed.
//!
//! No run outlives the tests, however they end: a guard waits for the end of a pipe that only this
//! process holds. A value in a static is never dropped, and a killed process drops nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::build::{local_program, root};

/// Tests do more than people do; a flag of a test's own takes its place.
const UNHURRIED: [&str; 10] = [
    "SendRate=100000/100",
    "UploadRate=100000/100",
    "ConnectRate=100000/100",
    "RoomRate=100000/100",
    "WriteRate=100000/100",
    "SearchRate=100000/100",
    "LoginRate=100000/100",
    "LoginAddressRate=100000/100",
    "LoginAccountRate=100000/100",
    "SignUpRate=100000/100",
];

/// A run of the local stack.
#[derive(Debug)]
pub struct Process {
    /// Address of the HTTP API.
    pub http: String,
    /// Address of the WebSocket API.
    pub ws: String,
    /// Its data directory.
    pub data: PathBuf,
    /// Address of its control endpoint; empty if it has none.
    pub control: String,
    /// The line with which it said so.
    pub ready: String,
    /// The flags that it was started with.
    flags: Vec<String>,
    child: Child,
    log: PathBuf,
    // Dropped last: the guard sees the end of its input then, and has nothing left to do.
    _guard: Guard,
}

impl Process {
    /// Starts a stack on the data in `data` and waits until it is ready.
    ///
    /// # Panics
    /// If it does not get ready, with what it said.
    #[must_use]
    pub fn start(data: &Path, log: &Path, remove: Option<&Path>) -> Self {
        Self::start_with(&[], data, log, remove)
    }

    /// The same with these flags.
    ///
    /// # Panics
    /// If it does not get ready, with what it said.
    #[must_use]
    pub fn start_with(flags: &[&str], data: &Path, log: &Path, remove: Option<&Path>) -> Self {
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Self::start_on(["0", "0"], flags, data, log, remove)
    }

    /// Starts it again after [`Self::kill`] or [`Self::stop`]: on the same data, at the same
    /// addresses.
    ///
    /// # Panics
    /// If it does not get ready.
    pub fn restart(&mut self) {
        let ports = [port(&self.http), port(&self.ws)].map(str::to_owned);
        let [http, ws] = ports.each_ref().map(String::as_str);
        *self = Self::start_on(
            [http, ws],
            self.flags.clone(),
            &self.data.clone(),
            &self.log.clone(),
            None,
        );
    }

    fn start_on(
        [http, ws]: [&str; 2],
        flags: Vec<String>,
        data: &Path,
        log: &Path,
        remove: Option<&Path>,
    ) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("a log can be kept");
        let mut child = command()
            .args(["--port", http, "--ws-port", ws, "--no-build", "--data"])
            .arg(data)
            .args(UNHURRIED.iter().flat_map(|rate| ["--parameter", rate]))
            .args(&flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("the local stack can be started");
        let guard = Guard::over(&child, remove);
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        let mut ready = String::new();
        stdout.read_line(&mut ready).expect("stdout can be read");
        let ready = ready.trim_end().to_owned();
        let Some([http, ws, data]) = addresses(&ready) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the stack did not get ready, but said {ready:?}\n{}", tail(log));
        };
        drain(stdout);
        let (http, ws, data) = (http.to_owned(), ws.to_owned(), PathBuf::from(data));
        let (control, log) = (control(&data), log.to_owned());
        Self { http, ws, data, control, ready, flags, child, log, _guard: guard }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Every process whose directory lies in the data: the functions.
    #[must_use]
    pub fn functions(&self) -> Vec<Pid> {
        processes_in(&self.data)
    }

    /// Ends it as Ctrl-C or a service manager does.
    ///
    /// # Panics
    /// If it cannot be waited for.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM)
    }

    /// Ends it without warning. Its functions follow: that is waited for.
    ///
    /// # Panics
    /// If a function outlives it.
    pub fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        // Each look reads all of /proc, so this is bounded by work and not by time.
        for _ in 0..2_000 {
            if self.functions().is_empty() {
                return;
            }
            std::thread::yield_now();
        }
        panic!("functions outlived their stack: {:?}", self.functions());
    }

    fn signal(&mut self, signal: Signal) -> ExitStatus {
        let id = i32::try_from(self.child.id()).expect("process ids are small");
        // It may have ended by itself; waiting tells.
        let _ = kill(Pid::from_raw(id), signal);
        self.child.wait().expect("a child can be waited for")
    }

    /// Where its log is.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The last lines that it logged.
    #[must_use]
    pub fn last_words(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The local stack's program, to be run in the root of the repository.
pub(crate) fn command() -> Command {
    let mut command = Command::new(local_program());
    command.current_dir(root());
    command
}

/// The parts of `ready http=<url> ws=<url> data=<dir>`.
fn addresses(line: &str) -> Option<[&str; 3]> {
    let (http, rest) = line.strip_prefix("ready http=")?.split_once(" ws=")?;
    let (ws, data) = rest.split_once(" data=")?;
    Some([http, ws, data])
}

/// The address of the control endpoint, as the stack writes it down.
fn control(data: &Path) -> String {
    let text = std::fs::read_to_string(data.join("endpoints.json")).expect("a stack has endpoints");
    let endpoints: Value = serde_json::from_str(&text).expect("endpoints are JSON");
    endpoints["control"].as_str().unwrap_or_default().to_owned()
}

/// The port of an address as [`Process`] tells it.
fn port(address: &str) -> &str {
    let (_, port) = address.rsplit_once(':').expect("an address has a port");
    port.split('/').next().unwrap_or_default()
}

/// Keeps reading, so that the stack never waits for a full pipe.
fn drain(mut stdout: BufReader<ChildStdout>) {
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = stdout.read_to_end(&mut rest);
    });
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

fn processes_in(directory: &Path) -> Vec<Pid> {
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let numbers = std::fs::read_dir("/proc").expect("this system has /proc").filter_map(|entry| {
        let name = entry.ok()?.file_name();
        name.to_str()?.parse::<i32>().ok()
    });
    numbers
        .filter(|number| {
            // Gone meanwhile, or a zombie: no process any more.
            let cwd = std::fs::read_link(format!("/proc/{number}/cwd"));
            cwd.is_ok_and(|cwd| cwd.starts_with(&directory))
        })
        .map(Pid::from_raw)
        .collect()
}

/// A shell that waits for this process to end, and ends the stack then.
#[derive(Debug)]
struct Guard {
    shell: Child,
    input: Option<ChildStdin>,
}

impl Guard {
    /// `$1` is the stack, `$2` a directory to remove afterwards, or nothing.
    const SCRIPT: &str = r#"
        read -r _ && exit 0
        kill "$1" || true
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            kill -0 "$1" || break
            sleep 0.2
        done
        [ -z "$2" ] || rm -rf "$2"
    "#;

    fn over(stack: &Child, remove: Option<&Path>) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", Self::SCRIPT, "sh", &stack.id().to_string()])
            .arg(remove.unwrap_or(Path::new("")))
            // Ctrl-C goes to the whole group of the tests; it would end the guard first.
            .process_group(0)
            .stdin(Stdio::piped())
            // It must not hold the test's own output open.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let input = shell.stdin.take();
        Self { shell, input }
    }
}

impl Drop for Guard {
    /// A line says that the stack has been seen to: its number may name another process by now.
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = std::io::Write::write_all(&mut input, b"done\n");
        }
        let _ = self.shell.wait();
    }
}
