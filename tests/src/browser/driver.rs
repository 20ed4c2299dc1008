//! The program that drives a browser, and the end of both.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

/// Ends everything in its process group when its input ends. The browser is in that group; it
/// would outlive its driver, and a test that is killed could end neither.
const SCRIPT: &str = "chromedriver --port=0 & read -r _; kill -KILL 0";

/// A running driver.
#[derive(Debug)]
pub(super) struct Driver {
    /// Where it listens.
    pub(super) url: String,
    shell: Child,
    input: Option<ChildStdin>,
}

impl Driver {
    /// Starts one on a free port.
    pub(super) fn start() -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let input = shell.stdin.take();
        let mut output = BufReader::new(shell.stdout.take().expect("stdout is a pipe"));
        let port = listens_on(&mut output).expect("chromedriver is installed, and starts");
        // It goes on talking, and must not wait for a full pipe.
        std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
        Self { url: format!("http://127.0.0.1:{port}"), shell, input }
    }

    /// A command of this driver that the standard does not know.
    pub(super) async fn ask(&self, session: &str, command: &str, body: Value) -> Value {
        let url = format!("{}/session/{session}/{command}", self.url);
        let asked = reqwest::Client::new().post(url).body(body.to_string()).send().await;
        let answer = asked.expect("the driver answers").text().await.expect("it does so in text");
        let mut answer: Value = serde_json::from_str(&answer).expect("its answers are JSON");
        assert!(answer["value"]["error"].is_null(), "{command} {body}: {answer}");
        answer["value"].take()
    }
}

/// Reads up to `ChromeDriver was started successfully on port 40123.`
fn listens_on(output: &mut impl BufRead) -> Option<u16> {
    for line in output.lines() {
        if let Some((_, port)) = line.ok()?.split_once("successfully on port ") {
            return port.trim_end_matches('.').parse().ok();
        }
    }
    None
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.shell.wait();
    }
}
