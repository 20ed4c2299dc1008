//! How far an erasure has come, on the disk, and what is told of it at the end.

use std::path::Path;

use anyhow::{Context, bail};
use chat::{Erased, Messages};
use domain::UserId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::atomic;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    user_id: String,
    /// Whether messages are removed.
    removes: bool,
    pub(crate) counts: Counts,
    /// The room that was looked through last: they are in the order of their ids.
    room: String,
    /// How far; none if wholly.
    after: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) left: u64,
    pub(crate) handed_over: u64,
    pub(crate) deleted: u64,
    pub(crate) reactions: u64,
    removed: u64,
    anonymised: u64,
    files: u64,
    names: u64,
}

/// What was done.
pub(crate) struct Report {
    pub(crate) text: String,
    pub(crate) json: String,
}

impl Progress {
    pub(crate) fn begin(user: UserId, messages: Messages) -> Self {
        Self {
            user_id: user.to_string(),
            removes: messages == Messages::Remove,
            counts: Counts::default(),
            room: String::new(),
            after: None,
        }
    }

    /// What an earlier run has left behind.
    pub(crate) fn read(file: &Path, messages: Messages) -> anyhow::Result<Option<Self>> {
        if !file.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(file)?;
        let progress: Self = serde_json::from_str(&text).with_context(|| {
            format!("{} is damaged: move it away to begin again", file.display())
        })?;
        if progress.removes != (messages == Messages::Remove) {
            bail!(
                "it was begun with another --messages: finish it so, or move {} away",
                file.display()
            );
        }
        Ok(Some(progress))
    }

    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        atomic::write(file, serde_json::to_string(self)?.as_bytes())
    }

    pub(crate) const fn messages(&self) -> Messages {
        if self.removes { Messages::Remove } else { Messages::Anonymise }
    }

    /// Whether a room was looked through wholly.
    pub(crate) fn is_past(&self, room: &str) -> bool {
        room < self.room.as_str() || (room == self.room && self.after.is_none())
    }

    /// How far a room was looked through.
    pub(crate) fn after_in(&self, room: &str) -> u64 {
        self.after.filter(|_| room == self.room).unwrap_or_default()
    }

    pub(crate) fn finish(&mut self, room: String) {
        (self.room, self.after) = (room, None);
    }

    /// Counts what was done in a stretch of a room. `false` if that was nothing.
    pub(crate) fn add(&mut self, done: Erased) -> bool {
        let before = self.counts;
        let Counts { removed, anonymised, files, names, .. } = &mut self.counts;
        *removed += done.removed;
        *anonymised += done.anonymised;
        *files += done.files;
        *names += done.names;
        self.counts != before
    }

    /// Remembers how far a room was looked through.
    pub(crate) fn note(&mut self, room: &str, upto: u64) {
        (self.room, self.after) = (room.to_owned(), Some(upto));
    }

    pub(crate) fn report(&self) -> Report {
        let Counts { left, handed_over, deleted, reactions, removed, anonymised, files, names } =
            self.counts;
        let done = [
            ("rooms_left", left),
            ("rooms_handed_over", handed_over),
            ("rooms_deleted", deleted),
            ("messages_removed", removed),
            ("messages_anonymised", anonymised),
            ("files_removed", files),
            ("reactions_taken_back", reactions),
            ("names_taken_out", names),
        ];
        let texts = ("the texts of their messages", "as asked for: by nobody's name");
        let kept = KEPT.into_iter().chain((!self.removes).then_some(texts));
        let mut text = format!("{} is erased\n", self.user_id);
        for (name, count) in done {
            text.push_str(&format!("{count:>9}  {}\n", name.replace('_', " ")));
        }
        text.push_str("kept:\n");
        for (what, why) in kept.clone() {
            text.push_str(&format!("  {what}: {why}\n"));
        }
        let kept: Vec<_> = kept.map(|(what, why)| json!({ "what": what, "why": why })).collect();
        let counts: serde_json::Map<_, _> =
            done.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
        let json = json!({ "user_id": self.user_id, "done": counts, "kept": kept });
        Report { text, json: json.to_string() }
    }
}

const KEPT: [(&str, &str); 6] = [
    ("their id", "messages of others answer and refer to it; nothing leads from it to a name"),
    ("what others wrote, names of rooms, and pictures of rooms", "they are the others'"),
    ("rows of rooms that were deleted before", "no list leads to them"),
    ("sessions and counts of what they did lately", "without a name; they expire within 30 days"),
    (
        "copies of files that were uploaded today",
        "nobody can address them; they expire by themselves",
    ),
    ("backups", "35 days of the table: erase again after going back"),
];

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_erasure_goes_on_in_the_room_where_it_was_cut_short() {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("erase.json");
        assert_eq!(Progress::read(&file, Messages::Remove).unwrap(), None);
        let mut progress = Progress::begin(UserId::new(Uuid::from_u128(1)), Messages::Remove);
        progress.finish("b".to_owned());
        progress.note("c", 200);
        assert!(progress.add(Erased { removed: 3, ..Erased::default() }));
        assert!(!progress.add(Erased { upto: 400, ..Erased::default() }));
        progress.write(&file).unwrap();

        let again = Progress::read(&file, Messages::Remove).unwrap().unwrap();
        assert_eq!(again, progress);
        let past: Vec<_> = ["a", "b", "c", "d"].map(|room| again.is_past(room)).into();
        assert_eq!(past, [true, true, false, false]);
        assert_eq!((again.after_in("c"), again.after_in("d")), (200, 0));
        assert!(again.report().json.contains("\"messages_removed\":3"));
        assert!(Progress::read(&file, Messages::Anonymise).is_err());
    }
}
