//! The command line.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Parser;

use crate::faults::Rule;

/// Banter on this machine: the deployed functions, an API Gateway, a database, and nothing else.
#[derive(Debug, Parser)]
#[command(name = "local", bin_name = "cargo run --")]
pub(crate) struct Cli {
    /// Port of the HTTP API and the web client; 0 takes any free one.
    #[arg(long, default_value_t = 3000)]
    pub(crate) port: u16,

    /// Port of the WebSocket API; 0 takes any free one.
    #[arg(long, default_value_t = 3001)]
    pub(crate) ws_port: u16,

    /// Directory of the data [default: `.banter` beside the template].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Build optimised functions.
    #[arg(long)]
    pub(crate) release: bool,

    /// Do not build: run the functions that lie beside this program.
    #[arg(long, conflicts_with = "release")]
    pub(crate) no_build: bool,

    /// How much to log: error, warn, info, debug or trace.
    #[arg(long, default_value = "info", value_name = "LEVEL")]
    pub(crate) log: tracing::Level,

    /// Value for a parameter of the template; may be repeated.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,

    /// The template [default: the nearest `template.yaml`, here or above].
    #[arg(long, value_name = "PATH")]
    pub(crate) template: Option<PathBuf>,

    /// Processes that one function may have at a time; more requests wait their turn [default:
    /// three for each processor, from 6 to 8].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: Option<u16>,

    /// Let functions run on between invocations. AWS freezes them, so work left behind there
    /// stands still; by default it does here too.
    #[arg(long)]
    pub(crate) no_freeze: bool,

    /// Close a WebSocket after this many seconds of silence; AWS does after 600.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(crate) idle_timeout: u64,

    /// Close a WebSocket after this many seconds; AWS does after 7200.
    #[arg(long, default_value_t = 7200, value_name = "SECONDS")]
    pub(crate) max_connection: u64,

    /// Open a control endpoint on this machine that makes AWS fail: throttled, lost, late or doubled
    /// calls, killed functions, and time that passes at once. Its address is logged.
    #[arg(long)]
    pub(crate) control: bool,

    /// A fault from the start, as the control endpoint takes it; may be repeated. For example
    /// '{"operation":"PostToConnection","probability":0.1,"fault":"lose"}'.
    #[arg(long = "fault", value_name = "RULE", value_parser = rule)]
    pub(crate) faults: Vec<Rule>,

    /// What decides about the chances of faults; the same number decides the same way [default: any].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) fault_seed: Option<u64>,
}

impl Cli {
    /// How many processes one function may have. Most wait for the database at any moment; more than keep
    /// the processors busy hold memory.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.map_or((3 * processors()).clamp(6, 8), usize::from)
    }
}

/// How many this machine has.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

fn rule(text: &str) -> Result<Rule, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
