//! The machine that was measured on.

use anyhow::Context;
use serde_json::{Value, json};

/// What a reader must know to judge a figure, and how busy it was before.
pub(crate) fn describe() -> anyhow::Result<Value> {
    let processor = field("/proc/cpuinfo", "model name")?;
    let memory = field("/proc/meminfo", "MemTotal")?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let cores = std::thread::available_parallelism()?;
    let kilobytes: u64 = memory.trim_end_matches(" kB").parse().context("MemTotal")?;
    Ok(json!({
        "processor": processor,
        "cores": cores,
        "memory_gib": kilobytes.div_ceil(1024 * 1024),
        "kernel": kernel.trim(),
        "load_before": load.split(' ').next(),
        "measured_at": jiff::Zoned::now().strftime("%Y-%m-%d").to_string(),
    }))
}

fn field(file: &str, name: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).context(file.to_owned())?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    let (_, value) = line.with_context(|| format!("{file} has no {name}"))?;
    Ok(value.trim().to_owned())
}
