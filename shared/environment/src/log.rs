//! Logs: one JSON object a line, on standard output, where Lambda picks it up.

use tracing_subscriber::EnvFilter;

use crate::optional;

/// Crates that `LOG_LEVEL` is about. Libraries stay at `warn` whatever it says: at `debug` the SDK
/// and the HTTP client print bodies and headers, and with them tokens and texts.
const HOUSE: [&str; 7] = ["auth", "authorizer", "chat", "push", "rest", "socket", "storage"];

/// Installs the log of this process: `LOG_LEVEL` is `error`, `warn`, `info` (default), `debug` or
/// `trace`.
pub fn install_log() {
    let level = optional("LOG_LEVEL").unwrap_or_else(|| "info".to_owned());
    // A second installation, in a test, changes nothing and fails nothing.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_ansi(false)
        .with_env_filter(filter(&level))
        .try_init();
}

fn filter(level: &str) -> EnvFilter {
    let level: tracing::Level = level.parse().unwrap_or(tracing::Level::INFO);
    let house = HOUSE.map(|name| format!("{name}={level}"));
    EnvFilter::new(format!("warn,{}", house.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_never_log_below_warn() {
        let debug = filter("debug").to_string();
        assert!(debug.contains("rest=debug") && debug.contains("warn"), "{debug}");
        assert!(filter("rest=trace,hyper=trace").to_string().contains("rest=info"));
    }
}
