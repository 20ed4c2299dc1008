//! Lambda on one machine: the real function binaries as child processes.
//!
//! Each process polls the runtime API of this program, exactly as it polls Lambda's. What AWS
//! does to a function is done here too: one invocation at a time per process, a deadline that
//! kills, a frozen process between invocations, an environment that starts empty.

mod api;
mod environment;
mod instance;
mod pool;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use self::pool::Pool;
use crate::template::Function;

pub(crate) use self::environment::{Endpoints, to_the_services};

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// What the function returned: JSON, if it keeps its contract.
    Answered(Bytes),
    /// An error of the function, or of its process: the error object Lambda would hand on.
    Failed(Value),
    /// More at a time than `ReservedConcurrentExecutions` lets.
    Throttled,
    /// The event is larger than Lambda takes.
    TooLarge,
}

impl Outcome {
    fn failed(kind: &str, message: impl Into<String>) -> Self {
        Self::Failed(json!({ "errorType": kind, "errorMessage": message.into() }))
    }

    /// The function's own message, if it failed.
    pub(crate) fn error_message(&self) -> Option<&str> {
        match self {
            Self::Failed(error) => error.get("errorMessage")?.as_str(),
            _ => None,
        }
    }
}

/// What all pools share.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Address of the runtime API, without a scheme.
    pub(crate) address: String,
    /// Where each process finds a directory of its own.
    pub(crate) scratch: PathBuf,
    /// The process group that the watchdog kills.
    pub(crate) group: i32,
    pub(crate) concurrency: usize,
    pub(crate) freeze: bool,
    pub(crate) endpoints: Endpoints,
}

/// Invokes functions by their logical ids.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    pools: Arc<BTreeMap<String, Arc<Pool>>>,
}

impl Functions {
    /// Serves the runtime API. No process is started before it is needed.
    pub(crate) fn start(
        listener: TcpListener,
        settings: Settings,
        functions: &BTreeMap<String, (Function, PathBuf)>,
    ) -> Self {
        let settings = Arc::new(settings);
        let pools = functions.iter().map(|(id, (function, binary))| {
            let pool = Pool::new(id, function.clone(), binary.clone(), Arc::clone(&settings));
            (id.clone(), Arc::new(pool))
        });
        let pools: Arc<BTreeMap<_, _>> = Arc::new(pools.collect());
        let router = api::router(Arc::clone(&pools));
        tokio::spawn(async move { axum::serve(listener, router).await });

        let retiring = Arc::clone(&pools);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_secs(1));
            loop {
                tick.tick().await;
                retiring.values().for_each(|pool| pool.retire_idle());
            }
        });
        Self { pools }
    }

    /// Hands `event` to the function and waits for the end of the invocation, which goes on even
    /// if nobody waits any more.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Outcome {
        // Lambda's limit for a synchronous payload.
        const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
        let Some(pool) = self.pools.get(function) else {
            let message = format!("Function not found: {function}");
            return Outcome::failed("ResourceNotFoundException", message);
        };
        let event = Bytes::from(event.to_string());
        if event.len() > MAX_EVENT_BYTES {
            return Outcome::TooLarge;
        }
        match pool.invoke(event) {
            Some(answer) => answer.await.unwrap_or_else(|_| {
                Outcome::failed("Runtime.ExitError", "the local stack is stopping")
            }),
            None => Outcome::Throttled,
        }
    }

    /// What the template says of a function.
    pub(crate) fn definition(&self, function: &str) -> Option<&Function> {
        self.pools.get(function).map(|pool| &pool.function)
    }

    /// Ends one process of a function, as a machine that fails would.
    pub(crate) fn kill(&self, function: &str, instance: u64) {
        if let Some(pool) = self.pools.get(function) {
            pool.kill(instance);
        }
    }
}

/// Listens on a free port of this machine only.
pub(crate) async fn loopback() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port on 127.0.0.1")?;
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}
