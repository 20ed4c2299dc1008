//! The functions as they are deployed, each beside a bare one: how large, how soon ready, what they hold.

use std::fs::{read, read_dir, write};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::json;
use tempfile::TempDir;
use tests::{Alone, Stack, event_of, proc, root};
use tokio::time::Instant;

use super::figures::{Figures, mebibytes, milliseconds};
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
        figures.add(name, SIZE, "MiB", mebibytes(program.len() as u64));
        figures.add(name, ZIPPED, "MiB", mebibytes(zipped.finish()?.len() as u64));
    }
    for _ in 0..STARTS {
        for name in &names {
            let variables = environment.join(name).with_extension("env");
            let event = event_of(name).unwrap_or_else(|| json!({})); // The bare one takes any.
            let began = Instant::now();
            let mut function = Alone::start(&programs.join(name), &variables).await;
            let ready = Instant::now();
            let answer = function.invoke(&event).await;
            let answered = ready.elapsed();
            anyhow::ensure!(answer.is_ok(), "{name} failed: {answer:?}");
            figures.add(name, READY, "ms", milliseconds(ready - began));
            figures.add(name, FIRST, "ms", milliseconds(answered));
            let status = format!("/proc/{}/status", function.id());
            let held = proc::kibibytes(&status, "VmRSS")?;
            figures.add(name, RESIDENT, "MiB", mebibytes(held * 1024));
        }
    }
    Ok(())
}
