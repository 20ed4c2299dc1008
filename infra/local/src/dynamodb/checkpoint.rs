//! Moving what was written from the log of SQLite into its file, beside the requests.
//!
//! SQLite does so by itself, within the write that makes the log long: that write waits for the disk
//! twice, some milliseconds, and whoever asks meanwhile waits with it.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

/// How often, where little is written.
const CALM: Duration = Duration::from_secs(1);

/// How often, where the log grows fast: at [`LONG`] pages in that time it is half of what SQLite waits
/// for.
const BUSY: Duration = Duration::from_millis(50);
const LONG: i64 = 500;

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
    let mut wait = CALM;
    while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = match checkpoint(connection) {
            Ok(pages) if pages > LONG => BUSY,
            Ok(_) => CALM,
            // The database's own writes see to it as they always did.
            Err(error) => {
                tracing::debug!("the database's log stays as it is: {error}");
                CALM
            }
        };
    }
}

/// Moves what can be moved while nobody waits, and tells how many pages the log has.
fn checkpoint(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))
}

#[cfg(test)]
mod tests {
    use super::*;

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
