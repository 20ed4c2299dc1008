//! DynamoDB: an embedded engine behind its real HTTP protocol, kept in one file.
//!
//! Its calls block and write to disk, so it lives on threads of its own. Functions reach it over
//! HTTP like anybody; only tables are made directly.

mod checkpoint;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use self::checkpoint::Checkpoints;
use crate::template::Table;

/// How often expired items are removed. AWS takes up to days: readers must not count on it.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    pub(crate) endpoint: String,
    stop: oneshot::Sender<()>,
    thread: std::thread::JoinHandle<()>,
    checkpoints: Checkpoints,
}

/// Opens the file, makes the tables that are missing, and serves.
pub(crate) fn start(file: &Path, tables: &[Table]) -> anyhow::Result<Server> {
    let path = file.to_str().context("the data directory has a name that is not UTF-8")?;
    let database = Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))?;
    // SQLite's `synchronous = NORMAL`: a commit does not wait for the disk, and nothing is lost if
    // the stack is killed. Only a machine that loses its power loses the last moments.
    database.disable_bulk_loading().map_err(|error| anyhow!("cannot set up {path}: {error}"))?;
    for table in tables {
        ensure(&database, table)?;
    }
    let checkpoints = Checkpoints::start(file).with_context(|| format!("cannot open {path}"))?;
    let (stop, stopped) = oneshot::channel();
    let (ready, listening) = std::sync::mpsc::channel();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1) // Its calls take one lock: a second thread would mostly wait for it.
        .thread_name("dynamodb")
        .enable_all()
        .build()?;
    let thread = std::thread::spawn(move || runtime.block_on(serve(database, ready, stopped)));
    let address = listening.recv().context("the database did not start")??;
    Ok(Server { endpoint: format!("http://{address}"), stop, thread, checkpoints })
}

impl Server {
    /// Ends the server and closes the file, so that the next run finds all in one place.
    pub(crate) fn stop(self) {
        self.checkpoints.stop();
        let _ = self.stop.send(());
        if self.thread.join().is_err() {
            tracing::error!("the database did not stop in order");
        }
    }
}

type Ready = std::sync::mpsc::Sender<std::io::Result<std::net::SocketAddr>>;

async fn serve(database: Database, ready: Ready, stopped: oneshot::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let address = listener.as_ref().map_err(|e| std::io::Error::new(e.kind(), e.to_string()));
    let address = address.and_then(TcpListener::local_addr);
    if ready.send(address).is_err() {
        return;
    }
    let Ok(listener) = listener else { return };
    let swept = database.clone();
    let sweep = async move {
        let mut tick = tokio::time::interval(SWEEP_EVERY);
        loop {
            tick.tick().await;
            match swept.sweep_ttl() {
                Ok(count) => tracing::debug!(count, "expired items removed"),
                Err(error) => tracing::warn!("expired items are not removed: {error}"),
            }
        }
    };
    // Not awaited to the end of open requests: functions keep their connections open for ever.
    let served = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
    tokio::select! {
        _ = stopped => {}
        () = sweep => {}
        served = served => if let Err(error) = served {
            tracing::error!("the database stopped: {error}");
        }
    }
}

fn ensure(database: &Database, table: &Table) -> anyhow::Result<()> {
    let failed = |error: &dyn std::fmt::Display| {
        anyhow!("line {} of the template: the table {}: {error}", table.line, table.name)
    };
    let described = database.describe_table(from(json!({ "TableName": table.name }))?);
    match described {
        Ok(described) => {
            let found = serde_json::to_value(&described.table.key_schema)?;
            let wanted = &table.definition["KeySchema"];
            if found != *wanted {
                bail!(
                    "the table {} in the data directory has other keys ({found}) than the \
                     template ({wanted}): remove the directory or use another --data",
                    table.name
                );
            }
        }
        Err(_) => {
            let request = from(table.definition.clone())?;
            database.create_table(request).map_err(|error| failed(&error))?;
            tracing::debug!("created the table {}", table.name);
        }
    }
    if let Some(attribute) = &table.expiry {
        let described = database.describe_time_to_live(from(json!({ "TableName": table.name }))?);
        let described = described.map_err(|error| failed(&error))?.time_to_live_description;
        if described.attribute_name.as_ref() != Some(attribute) {
            let specification = json!({ "AttributeName": attribute, "Enabled": true });
            let request =
                json!({ "TableName": table.name, "TimeToLiveSpecification": specification });
            database.update_time_to_live(from(request)?).map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

fn from<T: for<'de> serde::Deserialize<'de>>(request: Value) -> anyhow::Result<T> {
    Ok(serde_json::from_value(request)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(key: &str) -> Table {
        Table {
            name: "banter-Rooms".to_owned(),
            line: 7,
            definition: json!({
                "TableName": "banter-Rooms",
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": key, "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": key, "AttributeType": "S" }],
            }),
            expiry: Some("expires_at".to_owned()),
        }
    }

    #[test]
    fn tables_are_made_once_and_other_keys_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dynamodb.sqlite");
        for _ in 0..2 {
            start(&file, &[table("pk")]).unwrap().stop();
        }
        let Err(error) = start(&file, &[table("id")]) else { panic!("it must be refused") };
        assert!(error.to_string().contains("has other keys"), "{error}");
    }
}
