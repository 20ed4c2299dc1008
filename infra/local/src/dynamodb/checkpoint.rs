//! Moving what was written from the log of SQLite into its file, beside the requests.
//!
//! SQLite does so by itself, within the write that makes the log long: that write waits for the disk
//! twice, some milliseconds, and whoever asks meanwhile waits with it.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

/// Pages that the log may gain from one time to the next: half of what SQLite waits for.
const ENOUGH: f64 = 500.0;

/// What lies between two times, whatever is written: the disk has its own work each time, and what is
/// asked meanwhile takes longer.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// A thread that does it until it is stopped.
pub(super) struct Checkpoints {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    /// Of a file whose log is there already.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub(super) fn start(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || run(&connection, &stopped));
        Ok(Self { stop, thread })
    }

    pub(super) fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            tracing::error!("the database's log was not looked after");
        }
    }
}

fn run(connection: &Connection, stopped: &Receiver<()>) {
    let (mut wait, mut before) = (LONGEST, Log::default());
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        match checkpoint(connection) {
            Ok(log) => {
                wait = next(wait, log.gained_since(before));
                before = log;
            }
            // The database's own writes see to it as they always did.
            Err(error) => {
                tracing::debug!("the database's log stays as it is: {error}");
                wait = LONGEST;
            }
        }
    }
}

/// How long the log is, and how much of that is in the file.
#[derive(Debug, Clone, Copy, Default)]
struct Log {
    pages: u32,
    moved: u32,
}

impl Log {
    /// What was written since. A log that is in the file as a whole is written over from its beginning,
    /// and stays as long as it is until then.
    fn gained_since(self, before: Self) -> u32 {
        match self.pages {
            pages if pages == before.pages => 0,
            pages if before.moved == before.pages => pages,
            pages => pages.saturating_sub(before.pages),
        }
    }
}

/// How long it takes to gain enough, at the pace of the last time.
fn next(waited: Duration, gained: u32) -> Duration {
    waited.mul_f64(ENOUGH / f64::from(gained.max(1))).clamp(SHORTEST, LONGEST)
}

/// Moves what can be moved while nobody waits.
fn checkpoint(connection: &Connection) -> rusqlite::Result<Log> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok(Log { pages: row.get(1)?, moved: row.get(2)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_written_the_sooner_it_is_moved_and_the_rest_is_quiet() {
        let ms = Duration::from_millis;
        let log = |pages, moved| Log { pages, moved };
        for (waited, before, now, expected) in [
            (ms(2_000), log(0, 0), 100, ms(2_000)),
            (ms(2_000), log(0, 0), 1_000, ms(1_000)),
            (ms(1_000), log(0, 0), 40_000, ms(50)),
            (ms(1_000), log(1_000, 1_000), 500, ms(1_000)), // From its beginning, and as fast.
            (ms(500), log(500, 500), 625, ms(400)),         // From its beginning, and faster.
            (ms(1_000), log(500, 300), 900, ms(1_250)), // Somebody wrote meanwhile: on from there.
            (ms(50), log(800, 800), 800, ms(2_000)),    // Nothing, though it is long.
        ] {
            let gained = log(now, now).gained_since(before);
            assert_eq!(next(waited, gained), expected, "{before:?} {now}");
        }
    }

    #[test]
    fn what_is_in_the_log_gets_into_the_file_while_others_write() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("database");
        let writer = Connection::open(&file).unwrap();
        writer.pragma_update(None, "journal_mode", "WAL").unwrap();
        writer
            .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (randomblob(100000))")
            .unwrap();
        let before = std::fs::metadata(&file).unwrap().len();
        let other = Connection::open(&file).unwrap();
        writer.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").unwrap();

        assert!(checkpoint(&other).unwrap().pages > 20, "the log's pages");

        assert!(std::fs::metadata(&file).unwrap().len() > before + 90_000);
        writer.execute_batch("COMMIT").unwrap();
    }
}
