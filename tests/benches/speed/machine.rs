//! The machine that was measured on.

use anyhow::Context;
use serde_json::{Value, json};

/// What a reader must know to judge a figure, and how busy it was before.
pub(crate) fn describe() -> anyhow::Result<Value> {
    let processor = field("/proc/cpuinfo", "model name")?;
    let memory = kibibytes("/proc/meminfo", "MemTotal")?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let cores = std::thread::available_parallelism()?;
    Ok(json!({
        "processor": processor,
        "cores": cores,
        "memory_gib": memory.div_ceil(1024 * 1024),
        "kernel": kernel.trim(),
        "load_before": load.split(' ').next(),
        "measured_at": jiff::Zoned::now().strftime("%Y-%m-%d").to_string(),
    }))
}

/// A field of a file below `/proc` that is counted in kibibytes, which the kernel writes as `kB`.
pub(crate) fn kibibytes(file: &str, name: &str) -> anyhow::Result<u64> {
    let value = field(file, name)?;
    value.trim_end_matches(" kB").parse().with_context(|| format!("{name} in {file}: {value}"))
}

fn field(file: &str, name: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).context(file.to_owned())?;
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let found = fields.find(|(key, _)| key.trim_end() == name);
    let (_, value) = found.with_context(|| format!("{file} has no {name}"))?;
    Ok(value.trim().to_owned())
}
