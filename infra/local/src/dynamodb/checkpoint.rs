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
    let (mut wait, mut before) = (LONGEST, 0);
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        match checkpoint(connection) {
            Ok(pages) => {
                wait = next(wait, gained(before, pages));
                before = pages;
            }
            // The database's own writes see to it as they always did.
            Err(error) => {
                tracing::debug!("the database's log stays as it is: {error}");
                wait = LONGEST;
            }
        }
    }
}

/// What a log of so many pages has gained. What was moved is written over from its beginning, and
/// counts until then.
fn gained(before: u32, now: u32) -> u32 {
    now.checked_sub(before).unwrap_or(now)
}

/// How long it takes to gain enough, at the pace of the last time.
fn next(waited: Duration, gained: u32) -> Duration {
    waited.mul_f64(ENOUGH / f64::from(gained.max(1))).clamp(SHORTEST, LONGEST)
}

/// Moves what can be moved while nobody waits, and tells how many pages the log has.
fn checkpoint(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_is_written_the_sooner_it_is_moved_and_the_rest_is_quiet() {
        let ms = Duration::from_millis;
        for (waited, before, now, expected) in [
            (ms(2_000), 0, 100, ms(2_000)),
            (ms(2_000), 0, 1_000, ms(1_000)),
            (ms(1_000), 1_000, 500, ms(1_000)), // From its beginning, and as fast.
            (ms(1_000), 500, 900, ms(1_250)),
            (ms(1_000), 0, 40_000, ms(50)),
            (ms(50), 800, 800, ms(2_000)), // Nothing, though it is long.
        ] {
            assert_eq!(next(waited, gained(before, now)), expected, "{before} {now}");
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

        assert!(checkpoint(&other).unwrap() > 20, "the log's pages");

        assert!(std::fs::metadata(&file).unwrap().len() > before + 90_000);
        writer.execute_batch("COMMIT").unwrap();
    }
}
