//! What each function called: how the permissions of the template are compared with what is used,
//! writes are counted, and a send is seen step by step.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;

/// Answered calls whose times are kept.
const KEPT: usize = 1024;

/// Calls by function, operation, action and table; and when the latest were made.
#[derive(Debug, Default)]
pub(super) struct Calls {
    counts: BTreeMap<(String, String, String, String), u64>,
    latest: VecDeque<Timed>,
}

/// A call that was answered.
#[derive(Debug)]
struct Timed {
    function: String,
    operation: String,
    at: Timestamp,
    took: Duration,
}

impl Calls {
    pub(super) fn record(&mut self, call: &Call) {
        let Some((function, _)) = &call.caller else { return };
        for (action, table) in &call.touches {
            let key = (function.clone(), call.operation.clone(), action.clone(), table.clone());
            *self.counts.entry(key).or_default() += 1;
        }
    }

    /// Keeps when a call came and how long its answer took.
    pub(super) fn time(&mut self, call: &Call, at: Timestamp, took: Duration) {
        let Some((function, _)) = call.caller.clone() else { return };
        self.latest.truncate(KEPT - 1);
        self.latest.push_front(Timed { function, operation: call.operation.clone(), at, took });
    }

    pub(super) fn forget(&mut self) {
        self.counts.clear();
        self.latest.clear();
    }

    /// The latest calls in the order in which they came: microseconds since the epoch, and of time.
    pub(super) fn latest(&self) -> Value {
        let mut latest: Vec<_> = self.latest.iter().collect();
        latest.sort_by_key(|timed| timed.at);
        let rows = latest.into_iter().map(|Timed { function, operation, at, took }| {
            json!({
                "function": function, "operation": operation, "at_us": at.as_microsecond(),
                "took_us": took.as_micros(),
            })
        });
        rows.collect()
    }

    pub(super) fn list(&self) -> Value {
        let rows = self.counts.iter().map(|((function, operation, action, table), count)| {
            json!({
                "function": function, "operation": operation, "action": action, "table": table,
                "count": count,
            })
        });
        rows.collect()
    }
}
