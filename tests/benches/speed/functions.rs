//! The functions as they are deployed, each beside a bare one: how large, how soon ready, what they hold.

use std::fs::{read, read_dir, read_to_string, write};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Alone, Stack, root};
use tokio::time::Instant;

use super::figures::Figures;
use super::town::FLAGS;

/// The bare one.
pub(crate) const BARE: &str = "hello";

/// What is measured of each, in this order.
pub(crate) const SIZE: &str = "size";
pub(crate) const ZIPPED: &str = "zipped";
pub(crate) const READY: &str = "to the first poll";
pub(crate) const FIRST: &str = "first invocation";
pub(crate) const RESIDENT: &str = "resident";

/// Of each, in turn: what disturbs the machine for a moment disturbs all of them.
const STARTS: usize = 20;

/// Measures the programs of the release build that lies beside this program's own.
pub(crate) async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let here = std::env::current_exe()?;
    let target = here.parent().and_then(Path::parent).context("no target directory")?;
    let programs = target.join("release");
    let data = TempDir::with_prefix("banter-speed-")?;
    let _stack = Stack::start_own_with(&FLAGS, data.path()).await;
    let environment = data.path().join("environment");
    write(environment.join(BARE).with_extension("env"), "")?;

    let mut names = vec![BARE.to_owned()];
    for folder in read_dir(root().join("functions"))? {
        names.extend(folder?.file_name().into_string().ok());
    }
    names[1..].sort_unstable();
    for name in &names {
        let program = read(programs.join(name)).with_context(|| format!("{name} is not built"))?;
        let mut zipped = DeflateEncoder::new(Vec::new(), Compression::default());
        zipped.write_all(&program)?;
        figures.add(name, SIZE, "MiB", mebibytes(program.len()));
        figures.add(name, ZIPPED, "MiB", mebibytes(zipped.finish()?.len()));
    }
    for _ in 0..STARTS {
        for name in &names {
            let variables = environment.join(name).with_extension("env");
            let event = event(name)?;
            let began = Instant::now();
            let mut function = Alone::start(&programs.join(name), &variables).await;
            let ready = Instant::now();
            let answer = function.invoke(&event).await;
            let answered = ready.elapsed();
            anyhow::ensure!(answer.is_ok(), "{name} failed: {answer:?}");
            let milliseconds = |one: std::time::Duration| one.as_secs_f64() * 1_000.0;
            figures.add(name, READY, "ms", milliseconds(ready - began));
            figures.add(name, FIRST, "ms", milliseconds(answered));
            figures.add(name, RESIDENT, "MiB", resident(function.id())?);
        }
    }
    Ok(())
}

/// What `infra/DEPLOY.md` tells people to try.
fn event(name: &str) -> anyhow::Result<Value> {
    if name == BARE {
        return Ok(json!({}));
    }
    let file = root().join("tests/events").join(name).with_extension("json");
    Ok(serde_json::from_str(&read_to_string(file)?)?)
}

fn mebibytes(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / f64::from(1 << 20)
}

fn resident(process: u32) -> anyhow::Result<f64> {
    let status = read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes / 1024.0)
}
