//! The local stack: the one that runs, or its database alone, started for this command.
//!
//! The command itself runs in a second process of this program, whose environment is the one that
//! the local stack gives its functions. So there is one way to the data, here as on AWS.

use std::fs::File;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use dynoxide::Database;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::cli::Reach;

/// A function that reaches everything, whose variables do for this command.
const LIKE: &str = "environment/staff.env";

pub(crate) async fn run(data: &Path, reach: Reach) -> anyhow::Result<ExitCode> {
    let shown = data.display();
    let never = || format!("no local stack has run with its data in {shown}: start it once");
    let text = std::fs::read_to_string(data.join("endpoints.json")).with_context(never)?;
    let endpoints: Value = serde_json::from_str(&text).context("endpoints.json is damaged")?;
    let lock = File::options().append(true).open(data.join("lock")).with_context(never)?;
    // The stack holds the lock while it runs. If it does not, this command does, so that none
    // starts on the same file meanwhile.
    if lock.try_lock().is_err() {
        let text = std::fs::read_to_string(data.join(LIKE)).with_context(never)?;
        let variables = text.lines().filter_map(|line| line.split_once('='));
        return again(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).await;
    }
    if matches!(reach, Reach::Files | Reach::Everything) {
        bail!(
            "the local stack does not run, and this reaches sockets and files: start it with `cargo run`"
        );
    }
    let file = data.join("dynamodb.sqlite");
    if !file.is_file() {
        bail!("there is no database in {shown}");
    }
    let path = file.to_str().context("the data directory has a name that is not UTF-8")?;
    let database = Database::new(path).map_err(|error| anyhow!("cannot open {path}: {error}"))?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let served = dynoxide::server::serve_with_shutdown(listener, database, std::future::pending());
    tokio::select! {
        done = again(to_the_database(&endpoints["variables"], &endpoint)?) => done,
        served = served => bail!("the database stopped: {served:?}"),
    }
}

fn to_the_database(
    variables: &Value,
    endpoint: &str,
) -> anyhow::Result<impl Iterator<Item = (String, String)>> {
    let variables = variables.as_object().context("endpoints.json is damaged")?.clone();
    let own = variables
        .into_iter()
        .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()));
    let fixed = [
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_REGION", "us-east-1"), // Any will do.
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(own.chain(fixed))
}

/// Runs this command again in the environment of a function.
async fn again(variables: impl Iterator<Item = (String, String)>) -> anyhow::Result<ExitCode> {
    let mut command = Command::new(std::env::current_exe()?);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == "--data" {
            arguments.next();
        } else if !text.starts_with("--data=") {
            command.arg(argument);
        }
    }
    let status = command
        .arg("--environment")
        .envs(variables)
        // No function's: what this command does is counted as nobody's.
        .env("AWS_ACCESS_KEY_ID", "local")
        .env_remove("AWS_PROFILE")
        .kill_on_drop(true)
        .status()
        .await?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, Into::into))
}
