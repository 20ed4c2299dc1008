//! Rules: which calls a fault meets, how often, and which fault it is.

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::call::{Call, DISCONNECT};
use super::{Gate, Strike, answer, past};

/// A wish for a fault, as the control endpoint takes it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Only calls of this function, by its logical id.
    function: Option<String>,
    /// Only this operation: `UpdateItem`, `PostToConnection`, `$disconnect`.
    operation: Option<String>,
    /// Only calls that touch this table, by its logical id.
    table: Option<String>,
    /// Only calls that say this somewhere, such as the id of a room.
    containing: Option<String>,
    /// Only the call that is this many-th among those.
    nth: Option<u64>,
    /// Only each call that is a multiple of this among those.
    every: Option<u64>,
    /// Only by this chance, from 0 to 1.
    probability: Option<f64>,
    /// At the most this many times.
    count: Option<u64>,
    pub(super) fault: Fault,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Fault {
    /// It is answered with this error of AWS and does nothing.
    Refuse(String),
    /// It waits until the rule is taken away.
    Hold,
    /// It passes this much later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The process that calls is killed before the call passes.
    KillBefore,
    /// The process that calls is killed once the call has passed.
    KillAfter,
    /// It passes; the connection breaks before the answer.
    LoseAnswer,
    /// It passes; the answer never comes.
    TimeOut,
    /// Only the first item of a batch is done; the others are given back.
    Unprocessed,
    /// A read that may be eventual is answered with what was there this much earlier.
    Stale {
        /// Milliseconds.
        ms: u64,
        /// Strong reads, too, which AWS never does: a control for tests.
        #[serde(default)]
        strong: bool,
    },
    /// A transaction passes without its puts of such rows, which AWS never does: a control for
    /// tests.
    Omit {
        /// How the sort keys of the rows begin.
        prefix: String,
    },
    /// A frame or a `$disconnect` is as good as done and never arrives.
    Lose,
    /// A frame arrives twice.
    Duplicate,
    /// A frame arrives after the next to the same connection.
    Reorder,
}

impl Fault {
    /// Whether it can happen to this call.
    fn applies(&self, call: &Call) -> bool {
        let is_disconnect = call.operation == DISCONNECT;
        match self {
            Self::Lose => call.is_post() || is_disconnect,
            _ if is_disconnect => false,
            Self::Refuse(error) => answer::applies(error, call),
            Self::Hold
            | Self::Delay { .. }
            | Self::KillBefore
            | Self::KillAfter
            | Self::LoseAnswer
            | Self::TimeOut => true,
            Self::Unprocessed => {
                matches!(call.operation.as_str(), "BatchGetItem" | "BatchWriteItem")
            }
            Self::Stale { strong, .. } => past::is_read(call, *strong),
            Self::Omit { .. } => call.operation == "TransactWriteItems",
            Self::Duplicate | Self::Reorder => call.is_post(),
        }
    }
}

impl Rule {
    /// Says what is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.nth == Some(0) || self.every == Some(0) {
            return Err("`nth` and `every` count from 1".to_owned());
        }
        if self.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("`probability` must be from 0 to 1".to_owned());
        }
        match &self.fault {
            Fault::Refuse(error) if !answer::is_known(error) => {
                Err(format!("`{error}` is no error that can be answered: {}", answer::names()))
            }
            Fault::Stale { ms, .. } if *ms > past::KEPT_MS => {
                Err(format!("`stale` looks back {} ms at the most", past::KEPT_MS))
            }
            _ => Ok(()),
        }
    }

    fn matches(&self, call: &Call) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        let touches = |table: &String| call.touches.iter().any(|(_, touched)| touched == table);
        is(&self.function, call.caller.as_ref().map(|(function, _)| function.as_str()))
            && is(&self.operation, Some(&call.operation))
            && self.table.as_ref().is_none_or(touches)
            && self.containing.as_ref().is_none_or(|text| call.text.contains(text))
            && self.fault.applies(call)
    }
}

/// A rule in force.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) id: u64,
    pub(super) rule: Rule,
    /// Calls that it could have met.
    matched: u64,
    /// Calls that it met.
    struck: u64,
    gate: watch::Sender<bool>,
}

impl Active {
    pub(super) fn new(id: u64, rule: Rule) -> Self {
        Self { id, rule, matched: 0, struck: 0, gate: watch::Sender::new(false) }
    }

    pub(super) fn strike(&mut self, call: &Call, random: &mut Rng) -> Option<Strike> {
        if !self.rule.matches(call) {
            return None;
        }
        self.matched += 1;
        let Rule { nth, every, count, probability, .. } = &self.rule;
        let due = nth.is_none_or(|nth| self.matched == nth)
            && every.is_none_or(|every| self.matched.is_multiple_of(every))
            && count.is_none_or(|count| self.struck < count)
            && probability.is_none_or(|chance| random.f64() < chance);
        if !due {
            return None;
        }
        self.struck += 1;
        Some(Strike { fault: self.rule.fault.clone(), gate: Gate(self.gate.subscribe()) })
    }

    /// Lets everything pass that it kept back, and waits until it has.
    pub(super) async fn open(&self) {
        self.gate.send_replace(true);
        self.gate.closed().await;
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "id": self.id, "rule": self.rule, "matched": self.matched, "struck": self.struck,
            "waiting": self.gate.receiver_count(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: &str, table: &str, text: &str) -> Call {
        Call {
            caller: Some(("Messages".to_owned(), 1)),
            operation: operation.to_owned(),
            touches: vec![(format!("dynamodb:{operation}"), table.to_owned())],
            text: text.to_owned(),
        }
    }

    fn active(rule: Value) -> Active {
        let rule: Rule = serde_json::from_value(rule).unwrap();
        rule.check().unwrap();
        Active::new(1, rule)
    }

    #[test]
    fn a_rule_meets_the_calls_that_it_names() {
        let update = call("UpdateItem", "ChatTable", "R#1 HEAD");
        let batch = call("BatchGetItem", "ConnectionsTable", "U#1");
        for (rule, first, second) in [
            (json!({ "fault": "hold" }), true, true),
            (json!({ "function": "Messages", "fault": "hold" }), true, true),
            (json!({ "function": "Rooms", "fault": "hold" }), false, false),
            (json!({ "operation": "UpdateItem", "fault": "hold" }), true, false),
            (json!({ "table": "ConnectionsTable", "fault": "hold" }), false, true),
            (json!({ "containing": "R#1", "fault": "hold" }), true, false),
            // A fault meets only what it can happen to.
            (json!({ "fault": "unprocessed" }), false, true),
            (json!({ "fault": "lose" }), false, false),
            (json!({ "fault": { "refuse": "TransactionConflictException" } }), true, false),
        ] {
            let mut random = Rng::with_seed(1);
            let mut strikes = |call| active(rule.clone()).strike(call, &mut random).is_some();
            assert_eq!((strikes(&update), strikes(&batch)), (first, second), "{rule}");
        }
    }

    #[test]
    fn a_rule_says_how_often() {
        let update = call("UpdateItem", "ChatTable", "");
        for (rule, expected) in [
            (json!({ "fault": "hold" }), "xxxxxx"),
            (json!({ "nth": 3, "fault": "hold" }), "..x..."),
            (json!({ "every": 2, "fault": "hold" }), ".x.x.x"),
            (json!({ "count": 2, "fault": "hold" }), "xx...."),
            (json!({ "every": 2, "count": 1, "fault": "hold" }), ".x...."),
            (json!({ "probability": 0.0, "fault": "hold" }), "......"),
            (json!({ "probability": 1.0, "fault": "hold" }), "xxxxxx"),
        ] {
            let (mut active, mut random) = (active(rule.clone()), Rng::with_seed(1));
            let strike = |_| if active.strike(&update, &mut random).is_some() { 'x' } else { '.' };
            assert_eq!((0..6).map(strike).collect::<String>(), expected, "{rule}");
        }
    }

    #[test]
    fn chance_follows_the_seed() {
        let update = call("UpdateItem", "ChatTable", "");
        let run = |seed| {
            let mut active = active(json!({ "probability": 0.5, "fault": "hold" }));
            let mut random = Rng::with_seed(seed);
            (0..64).map(|_| active.strike(&update, &mut random).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_wish_that_cannot_be_granted_is_refused() {
        for rule in [
            json!({ "fault": { "refuse": "NoSuchException" } }),
            json!({ "nth": 0, "fault": "hold" }),
            json!({ "probability": 2.0, "fault": "hold" }),
            json!({ "fault": { "stale": { "ms": 1_000_000 } } }),
            json!({ "fault": "explode" }),
            json!({ "fault": "hold", "colour": "red" }),
        ] {
            let rule = serde_json::from_value(rule).map_err(|error| error.to_string());
            assert!(rule.and_then(|rule: Rule| rule.check()).is_err());
        }
    }
}
