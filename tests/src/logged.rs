//! What the functions of a stack logged.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value;

/// A line that a function wrote.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Which function.
    pub function: String,
    /// What it wrote.
    pub text: String,
}

impl Logged {
    /// The line as what it has to be; null if it is not.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Whether this is the line that each invocation writes.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.json()["message"] == "answered"
    }

    /// A line of the stack's own log, if it passes on what a function wrote.
    fn read(line: &str) -> Option<Self> {
        // `2026-01-31T09:30:00.000Z  INFO banter-Rooms | {...}`
        let (before, text) = line.split_once(" | ")?;
        let function = before.rsplit(' ').next()?;
        Some(Self { function: function.to_owned(), text: text.to_owned() })
    }
}

/// How long the log is.
pub(crate) fn length(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |file| file.len())
}

/// Every line of a function after so many bytes.
pub(crate) fn lines(log: &Path, after: u64) -> Vec<Logged> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(log) {
        file.seek(SeekFrom::Start(after)).expect("a file has places");
        file.read_to_end(&mut bytes).expect("a log can be read");
    }
    // What is after the last end of a line is not written yet.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
    String::from_utf8_lossy(&bytes[..whole]).lines().filter_map(Logged::read).collect()
}
