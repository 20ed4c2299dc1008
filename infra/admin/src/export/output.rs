//! The files of an export: its lines, what it is of, and how far it has come.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{Plan, Step};
use crate::atomic;

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// What comes next; nothing after the last.
    pub(crate) step: Option<Step>,
    /// What is written of the lines, in bytes.
    bytes: u64,
    /// How many lines that is.
    pub(crate) lines: u64,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) lines: Vec<Value>,
    /// What comes after it.
    pub(crate) next: Option<Step>,
}

pub(crate) struct Output {
    lines: File,
    file: PathBuf,
    plan: PathBuf,
    place: PathBuf,
}

impl Output {
    /// What is in a directory, or may be put there.
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Self> {
        let shown = directory.display();
        std::fs::create_dir_all(directory).with_context(|| format!("{shown} cannot be made"))?;
        let [file, plan, place] =
            ["export.ndjson", ".plan.json", ".place.json"].map(|name| directory.join(name));
        if file.exists() && !place.exists() {
            bail!(
                "{} is there, and nothing says how far it is whole: move it away",
                file.display()
            );
        }
        let mut options = OpenOptions::new();
        let lines = options.create(true).truncate(false).write(true).open(&file)?;
        Ok(Self { lines, file, plan, place })
    }

    pub(crate) fn shown(&self) -> impl std::fmt::Display + '_ {
        self.file.display()
    }

    /// The plan of an export that was begun here.
    pub(crate) fn plan(&self) -> anyhow::Result<Option<Plan>> {
        if !self.place.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&self.plan)?;
        Plan::parse(&text).map(Some).with_context(|| format!("{} is damaged", self.plan.display()))
    }

    /// Begins an export. The place comes last: without it nothing was begun.
    pub(crate) fn begin(&self, plan: Plan) -> anyhow::Result<Plan> {
        atomic::write(&self.plan, plan.json()?.as_bytes())?;
        self.keep(&Place { step: plan.first(), bytes: 0, lines: 0 })?;
        Ok(plan)
    }

    /// How far it has come; what was written past that is cut off.
    pub(crate) fn place(&mut self) -> anyhow::Result<Place> {
        let text = std::fs::read_to_string(&self.place)?;
        let damaged = || format!("{} is damaged", self.place.display());
        let place: Place = serde_json::from_str(&text).with_context(damaged)?;
        if self.lines.metadata()?.len() < place.bytes {
            bail!("{} is shorter than it was: begin in another directory", self.file.display());
        }
        self.lines.set_len(place.bytes)?;
        self.lines.seek(SeekFrom::Start(place.bytes))?;
        Ok(place)
    }

    /// Writes a part, and then that it is written.
    pub(crate) fn append(&mut self, place: &Place, part: &Part) -> anyhow::Result<Place> {
        let mut text = String::new();
        for line in &part.lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        self.lines.write_all(text.as_bytes())?;
        self.lines.sync_data()?;
        let place = Place {
            step: part.next.clone(),
            bytes: place.bytes + text.len() as u64,
            lines: place.lines + part.lines.len() as u64,
        };
        self.keep(&place)?;
        Ok(place)
    }

    fn keep(&self, place: &Place) -> anyhow::Result<()> {
        atomic::write(&self.place, serde_json::to_string(place)?.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::super::plan::Scope;
    use super::*;

    fn part(number: u64, next: Option<Step>) -> Part {
        Part { lines: vec![json!({ "number": number })], next }
    }

    fn all() -> Plan {
        Plan { scope: Scope::All, files: false, rooms: Vec::new() }
    }

    #[test]
    fn what_was_cut_short_goes_on_where_it_was_whole() {
        let directory = TempDir::new().unwrap();
        let mut output = Output::open(directory.path()).unwrap();
        assert!(output.plan().unwrap().is_none());
        output.begin(all()).unwrap();
        let next = || Some(Step::Room { index: 0 });
        let begun = output.place().unwrap();
        let place = output.append(&begun, &part(1, next())).unwrap();
        // Dies after the lines, before their place.
        output.lines.write_all(b"{\"number\":2}\n{\"numb").unwrap();
        drop(output);

        let mut output = Output::open(directory.path()).unwrap();
        assert_eq!(output.plan().unwrap(), Some(all()));
        let again = output.place().unwrap();
        assert_eq!(again, place);
        output.append(&again, &part(2, None)).unwrap();
        let written = std::fs::read_to_string(directory.path().join("export.ndjson")).unwrap();
        assert_eq!(written, "{\"number\":1}\n{\"number\":2}\n");
    }

    #[test]
    fn lines_that_nothing_is_known_of_are_left_alone() {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("export.ndjson"), "{}\n").unwrap();
        assert!(Output::open(directory.path()).is_err());
    }
}
