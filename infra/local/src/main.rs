//! The local stack: runs `template.yaml` on this machine, without Docker and without AWS.
//!
//! Functions are the real binaries, started as Lambda starts them; API Gateway, DynamoDB, S3,
//! SQS and Secrets Manager are stand-ins that behave as the real ones do, and where that is not known
//! for certain, more strictly. Nothing here is deployed, and nothing that is deployed knows of it.

mod addresses;
mod asynchronous;
mod cli;
mod clock;
mod dynamodb;
mod encoding;
mod faults;
mod functions_build;
mod http_api;
mod ids;
mod policy;
mod runtime;
mod s3;
mod secrets;
mod socket_api;
mod sqs;
mod stack;
mod template;
mod watchdog;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;

/// Of the database too: the feature `override` gives it to SQLite.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!("warn,dynoxide=error,local={}", cli.log)))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .compact()
        .init();
    // The other processors are the functions' and the database's, which have the larger part of the work:
    // threads that take it from them, and from one another, only make the slowest sends slower.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cli::processors().div_ceil(2))
        .enable_all()
        .build()?;
    let done = runtime.block_on(stack::run(cli));
    // Requests that still wait for a function wait for nothing now.
    runtime.shutdown_background();
    done
}
