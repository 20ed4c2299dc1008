//! What each function called: how the permissions of the template are compared with what is used,
//! and writes are counted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;

/// Calls by function, operation, action and table.
#[derive(Debug, Default)]
pub(super) struct Calls(BTreeMap<(String, String, String, String), u64>);

impl Calls {
    pub(super) fn record(&mut self, call: &Call) {
        let Some((function, _)) = &call.caller else { return };
        for (action, table) in &call.touches {
            let key = (function.clone(), call.operation.clone(), action.clone(), table.clone());
            *self.0.entry(key).or_default() += 1;
        }
    }

    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    pub(super) fn list(&self) -> Value {
        let rows = self.0.iter().map(|((function, operation, action, table), count)| {
            json!({
                "function": function, "operation": operation, "action": action, "table": table,
                "count": count,
            })
        });
        rows.collect()
    }
}
