//! Puts the rooms together: reads the template, builds, starts, announces, stops.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::addresses::Addresses;
use crate::asynchronous::Asynchronous;
use crate::cli::Cli;
use crate::clock::Clock;
use crate::faults::{Faults, Fronts};
use crate::runtime::{Endpoints, Functions, Settings, loopback, to_the_services};
use crate::template::{Function, Stack};
use crate::{
    dynamodb, functions_build, http_api, s3, secrets, socket_api, sqs, template, watchdog,
};

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
    };
    tokio::pin!(stop);
    tokio::select! {
        // A build can take minutes, and must not keep anybody from leaving.
        () = &mut stop => return Ok(()),
        running = Running::start(&cli) => {
            let running = running?;
            running.announce()?;
            stop.await;
            running.stop().await;
        }
    }
    Ok(())
}

struct Running {
    http: String,
    socket: Option<String>,
    data: PathBuf,
    database: dynamodb::Server,
    sockets: Option<socket_api::Server>,
    // In this order: functions die before the directory is given free.
    watchdog: watchdog::Watchdog,
    _lock: File,
}

impl Running {
    async fn start(cli: &Cli) -> anyhow::Result<Self> {
        let file = find_template(cli.template.as_deref())?;
        let root = file.parent().unwrap_or(Path::new(".")).to_owned();
        let mut stack = template::read(&file, &cli.parameters)?;
        for warning in &stack.warnings {
            tracing::warn!("{warning}");
        }
        let packages = functions_build::packages(&file, &stack.functions)?;

        // All that can be refused is refused before the long build.
        let (http_listener, http) = listen(cli.port, "--port").await?;
        let (socket_listener, socket) = listen(cli.ws_port, "--ws-port").await?;
        let (data, lock) = open_data(&cli.data.clone().unwrap_or_else(|| root.join(".banter")))?;
        let (s3_listener, s3) = loopback().await?;
        let clock = Clock::new();
        let faults = faults(cli, &clock)?;

        let programs = if cli.no_build {
            functions_build::beside_this_program(&packages)?
        } else {
            functions_build::build(&root, &packages, cli.release).await?
        };
        let here = std::env::consts::ARCH;
        tracing::info!("functions run as built for this machine ({here}), not as for AWS");

        let database = dynamodb::start(&data.join("dynamodb.sqlite"), &stack.tables)?;
        let fronts = match &faults {
            Some(faults) => Some(faults.start(&database.endpoint, &stack.tables, &socket).await?),
            None => None,
        };
        let before = fronts.as_ref();
        let management = before.map_or(&socket, |fronts| &fronts.management).clone();
        let addresses = Addresses::new(&stack, &http, &socket, &management, &s3);
        localise(&mut stack, &addresses);
        let variables = common_variables(&stack.functions);
        let binaries = pair(stack.functions, &packages, &programs)?;
        let (secrets_listener, secrets_address) = loopback().await?;
        secrets::start(secrets_listener, &data.join("secrets"), &stack.secrets)?;

        let (queues_listener, queues_address) = loopback().await?;
        let queues = sqs::Queues::start(queues_listener, &stack.queues);

        let stage = stack.socket.as_ref().map(|api| api.stage.clone());
        let endpoints = Endpoints {
            dynamodb: before.map_or(&database.endpoint, |fronts| &fronts.database).clone(),
            secrets: format!("http://{secrets_address}"),
            s3: format!("http://{s3}"),
            sqs: format!("http://{queues_address}"),
            connections: stage.as_ref().map(|stage| format!("http://{management}/{stage}")),
        };
        write_endpoints(&data, &endpoints, &variables, before)?;
        write_environments(&data, &endpoints, &binaries)?;
        let watchdog = watchdog::start()?;
        let (runtime_listener, address) = loopback().await?;
        let settings = Settings {
            address,
            scratch: data.join("tmp"),
            group: watchdog.group(),
            concurrency: cli.concurrency(),
            freeze: !cli.no_freeze,
            endpoints,
        };
        let functions = Functions::start(runtime_listener, settings, &binaries);
        let unwaited = Asynchronous::new(functions.clone(), queues.clone());
        s3::start(s3_listener, &data.join("s3"), stack.buckets, unwaited)?;
        queues.deliver(stack.mappings, &functions);
        if let Some(faults) = &faults {
            faults.over(functions.clone());
        }

        if let Some(api) = stack.http {
            http_api::start(http_listener, http.clone(), api, functions.clone());
        }
        let limits = socket_api::Limits {
            idle: Duration::from_secs(cli.idle_timeout),
            lifetime: Duration::from_secs(cli.max_connection),
        };
        let sockets = stack.socket.map(|api| {
            let behind = socket_api::Behind { functions, limits, clock, faults };
            socket_api::start(socket_listener, socket.clone(), api, behind)
        });
        for (name, value) in &stack.outputs {
            tracing::info!("{name}: {value}");
        }
        let socket = stage.map(|stage| format!("ws://{socket}/{stage}"));
        let http = format!("http://{http}");
        Ok(Self { http, socket, data, database, sockets, watchdog, _lock: lock })
    }

    /// One line for programs, one for people.
    fn announce(&self) -> anyhow::Result<()> {
        let (http, data) = (&self.http, self.data.display());
        let socket = self.socket.as_deref().unwrap_or("-");
        let mut out = std::io::stdout().lock();
        writeln!(out, "ready http={http} ws={socket} data={data}")?;
        writeln!(out, "Open {http}/ in a browser. Ctrl-C stops the stack; the data stays.")?;
        out.flush()?;
        Ok(())
    }

    async fn stop(mut self) {
        if let Some(sockets) = self.sockets.take() {
            sockets.stop().await;
        }
        self.watchdog.kill_all();
        self.database.stop();
        let _ = empty(&self.data.join("tmp"));
    }
}

/// The given file, or the nearest `template.yaml` here or above; failing that, the one of the
/// workspace that this program was built in.
fn find_template(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return given.canonicalize().with_context(|| format!("cannot read {}", given.display()));
    }
    let here = std::env::current_dir()?;
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = here.ancestors().chain(built.ancestors());
    let found = candidates.map(|folder| folder.join("template.yaml")).find(|file| file.is_file());
    found.context("there is no template.yaml, here or in any folder above")
}

async fn listen(port: u16, flag: &str) -> anyhow::Result<(TcpListener, String)> {
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is in use: stop what uses it, or choose another with {flag}")
        }
        Err(error) => bail!("cannot listen on port {port}: {error}"),
    };
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}

/// Nothing, unless somebody asks for faults.
fn faults(cli: &Cli, clock: &Clock) -> anyhow::Result<Option<Arc<Faults>>> {
    if !cli.control && cli.faults.is_empty() {
        return Ok(None);
    }
    let seed = cli.fault_seed.unwrap_or_else(|| u64::from_le_bytes(crate::ids::random()));
    tracing::warn!("faults follow the seed {seed}");
    Faults::new(&cli.faults, seed, clock.clone()).map(Some)
}

/// Makes the data directory, and takes it for this run alone.
fn open_data(directory: &Path) -> anyhow::Result<(PathBuf, File)> {
    let cannot = || format!("cannot write to the data directory {}", directory.display());
    for folder in [
        directory.to_owned(),
        directory.join("environment"),
        directory.join("s3"),
        directory.join("secrets"),
        directory.join("tmp"),
    ] {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&folder).with_context(cannot)?;
    }
    let directory = directory.canonicalize().with_context(cannot)?;
    let lock = File::options().create(true).append(true).open(directory.join("lock"));
    let lock = lock.with_context(cannot)?;
    if lock.try_lock().is_err() {
        bail!(
            "another local stack is using {}: stop it, or use another --data",
            directory.display()
        );
    }
    // What a killed run has left behind.
    empty(&directory.join("tmp")).with_context(cannot)?;
    Ok((directory, lock))
}

/// The variables that all functions have in common, such as the names of tables.
fn common_variables(functions: &BTreeMap<String, Function>) -> BTreeMap<String, String> {
    let mut environments = functions.values().map(|function| &function.environment);
    let mut common = environments.next().cloned().unwrap_or_default();
    for other in environments {
        common.retain(|name, value| other.get(name) == Some(value));
    }
    common
}

/// What other programs on this machine need to reach the data. The addresses are good while the
/// lock is held; the variables stay.
fn write_endpoints(
    data: &Path,
    endpoints: &Endpoints,
    variables: &BTreeMap<String, String>,
    fronts: Option<&Fronts>,
) -> anyhow::Result<()> {
    let Endpoints { dynamodb, sqs, .. } = endpoints;
    let control = fronts.map(|fronts| &fronts.control);
    let text = serde_json::json!({
        "dynamodb": dynamodb, "sqs": sqs, "variables": variables, "control": control,
    });
    let file = data.join("endpoints.json");
    let mut options = File::options();
    options.create(true).truncate(true).write(true).mode(0o600);
    options.open(file)?.write_all(text.to_string().as_bytes())?;
    Ok(())
}

/// One file of variables for each function, for whoever runs it alone: `cargo lambda watch --env-file`.
fn write_environments(
    data: &Path,
    endpoints: &Endpoints,
    functions: &BTreeMap<String, (Function, PathBuf)>,
) -> anyhow::Result<()> {
    for (id, (function, _)) in functions {
        let Some(package) = Path::new(&function.code).file_name() else { continue };
        let variables = to_the_services(function, id, ALONE, endpoints);
        let lines = variables.into_iter().map(|(name, value)| format!("{name}={value}\n"));
        let file = data.join("environment").join(package).with_extension("env");
        let mut options = File::options();
        options.create(true).truncate(true).write(true).mode(0o600);
        options.open(file)?.write_all(lines.collect::<String>().as_bytes())?;
    }
    Ok(())
}

/// The number of a process that this stack did not start.
const ALONE: u64 = 0;

fn empty(directory: &Path) -> std::io::Result<()> {
    std::fs::remove_dir_all(directory)?;
    std::fs::DirBuilder::new().mode(0o700).create(directory)
}

fn localise(stack: &mut Stack, addresses: &Addresses) {
    for (id, function) in &mut stack.functions {
        for (name, value) in &mut function.environment {
            let local = addresses.localise(value);
            if local != *value {
                tracing::debug!("{id}: {name} is {local} instead of {value}");
                *value = local;
            }
        }
    }
    for (_, value) in &mut stack.outputs {
        *value = addresses.localise(value);
    }
}

fn pair(
    functions: BTreeMap<String, Function>,
    packages: &BTreeMap<String, String>,
    programs: &BTreeMap<String, PathBuf>,
) -> anyhow::Result<BTreeMap<String, (Function, PathBuf)>> {
    let mut pairs = BTreeMap::new();
    for (id, function) in functions {
        let package = packages.get(&id).context("a function without a package")?;
        let program = programs.get(package);
        let program = program.with_context(|| format!("the package `{package}` has no program"))?;
        pairs.insert(id, (function, program.clone()));
    }
    Ok(pairs)
}
