//! What was measured: each figure once in each repetition.

use std::time::Duration;

use serde_json::{Value, json};

/// All of it.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) machine: Value,
    pub(crate) all: Vec<Figure>,
}

/// One figure.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What was done: `1 room of 10, 20 messages a second`.
    pub(crate) workload: String,
    /// What was measured of it: `p50`.
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) repetitions: Vec<f64>,
}

impl Figures {
    pub(crate) fn new(machine: Value) -> Self {
        Self { machine, all: Vec::new() }
    }

    /// Adds one repetition's value.
    pub(crate) fn add(
        &mut self,
        workload: &str,
        name: &'static str,
        unit: &'static str,
        value: f64,
    ) {
        let digits = if value < 1_000.0 { 100.0 } else { 1.0 };
        let value = (value * digits).round() / digits;
        eprintln!("{workload}: {name} {value} {unit}");
        let known = |one: &&mut Figure| one.workload == workload && one.name == name;
        match self.all.iter_mut().find(known) {
            Some(figure) => figure.repetitions.push(value),
            None => self.all.push(Figure {
                workload: workload.to_owned(),
                name,
                unit,
                repetitions: vec![value],
            }),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let figures: Vec<_> = self.all.iter().map(Figure::json).collect();
        json!({ "machine": self.machine, "figures": figures })
    }
}

impl Figure {
    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.repetitions.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    pub(crate) fn median(&self) -> f64 {
        quantile(&self.sorted(), 0.5)
    }

    pub(crate) fn least(&self) -> f64 {
        self.repetitions.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn most(&self) -> f64 {
        self.repetitions.iter().copied().fold(0.0, f64::max)
    }

    fn json(&self) -> Value {
        json!({
            "workload": self.workload, "name": self.name, "unit": self.unit,
            "median": self.median(), "least": self.least(), "most": self.most(),
            "repetitions": self.repetitions,
        })
    }
}

/// The value below which this share lies. Of nothing it is nothing.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let place = (last as f64 * share).round() as usize;
    sorted[place.min(last)]
}

/// A time as figures tell it.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// A size as figures tell it.
#[expect(clippy::cast_precision_loss, reason = "less than what two digits show")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
