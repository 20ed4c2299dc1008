//! Logs: one JSON object a line, on standard output, where Lambda picks it up.
//!
//! | line | when |
//! |---|---|
//! | `answered` | once in each invocation: see [`crate::invocation()`] |
//! | a warning or an error | where something went wrong, with the same `span` |
//! | one with `_aws` | when there was something to count: see [`crate::metrics`] |

use std::panic::PanicHookInfo;

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::metrics::{self, Metrics};
use crate::optional;

/// Crates that `LOG_LEVEL` is about. Libraries stay at `warn` whatever it says: at `debug` the SDK
/// and the HTTP client print bodies and headers, and with them tokens and texts.
const HOUSE: [&str; 10] = [
    "auth",
    "authorizer",
    "bucket",
    "chat",
    "environment",
    "media_uploaded",
    "push",
    "rest",
    "socket",
    "storage",
];

/// Installs the log of this process: `LOG_LEVEL` is `error`, `warn` or `info` (default).
pub fn install_log() {
    let level = optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned());
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_ansi(false)
        .with_filter(filter(&level));
    let metrics = Metrics::from_env(std::io::stdout).with_filter(filter_fn(metrics::concerns));
    // A second installation, in a test, changes nothing and fails nothing.
    let _ = tracing_subscriber::registry().with(lines).with(metrics).try_init();
    std::panic::set_hook(Box::new(panicked));
}

/// What a panic says may hold what it was about: `str` quotes the text that it could not cut.
fn panicked(panic: &PanicHookInfo<'_>) {
    let at = panic.location().map(ToString::to_string);
    tracing::error!(at, "panicked");
}

fn filter(level: &str) -> EnvFilter {
    let level: tracing::Level = level.parse().unwrap_or(tracing::Level::INFO);
    let house = HOUSE.map(|name| format!("{name}={level}"));
    EnvFilter::new(format!("warn,{}=off,{}", metrics::TARGET, house.join(",")))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn libraries_never_log_below_warn() {
        let debug = filter("debug").to_string();
        assert!(debug.contains("rest=debug") && debug.contains("warn"), "{debug}");
        assert!(filter("rest=trace,hyper=trace").to_string().contains("rest=info"));
    }

    #[test]
    fn every_crate_that_logs_is_heard() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folders = ["functions", "shared"].map(|room| fs::read_dir(root.join(room)).unwrap());
        let manifests = folders.into_iter().flatten().map(|folder| {
            let folder = folder.unwrap();
            let name = folder.file_name().into_string().unwrap().replace('-', "_");
            (name, fs::read_to_string(folder.path().join("Cargo.toml")).unwrap_or_default())
        });
        let loud = manifests.filter(|(_, manifest)| manifest.contains("\ntracing.workspace"));
        let mut loud: Vec<_> = loud.map(|(name, _)| name).collect();
        loud.sort_unstable();
        // These say what went wrong and no more, which everybody may.
        loud.retain(|name| !name.starts_with("socket_"));
        assert_eq!(loud, HOUSE.map(|name| name.to_owned()));
    }
}
