//! The machine that was measured on.

use anyhow::Context;
use serde_json::{Value, json};
use tests::proc::{field, kibibytes};

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

/// What the processors have done since the machine started, in ticks.
pub(crate) struct Ticks {
    all: u64,
    /// The machine wanted them, and its host gave them to another.
    stolen: u64,
}

impl Ticks {
    /// The first line of `/proc/stat`, whose eighth figure is `steal`; the two after it are parts of
    /// the first two (Linux, `proc_stat(5)`).
    pub(crate) fn now() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().and_then(|line| line.strip_prefix("cpu "));
        let figures = line.context("/proc/stat has no line of all processors")?.split_whitespace();
        let ticks = figures.take(8).map(str::parse).collect::<Result<Vec<u64>, _>>()?;
        let stolen = *ticks.get(7).context("/proc/stat does not tell what was stolen")?;
        Ok(Self { all: ticks.iter().sum(), stolen })
    }

    /// Percent of the processors that the host took away since then.
    #[expect(clippy::cast_precision_loss, reason = "less than what two digits show")]
    pub(crate) fn stolen_since(&self) -> anyhow::Result<f64> {
        let now = Self::now()?;
        let share = (now.stolen - self.stolen) as f64 / (now.all - self.all).max(1) as f64;
        Ok((share * 1_000.0).round() / 10.0)
    }
}
