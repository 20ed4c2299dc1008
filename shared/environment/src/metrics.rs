//! Metrics, in CloudWatch's embedded metric format: a line of the log that CloudWatch counts.
//!
//! An operation says what happened with an event of the target [`TARGET`]: a field for each metric. All
//! that one invocation says becomes one line, and none if it says nothing. One dimension, because
//! CloudWatch takes money for each value of it, and never a room or a user.

use std::io::Write as _;
use std::time::{Instant, SystemTime};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::invocation::SPAN;
use crate::optional;

/// The target of events that are counted and not written.
pub(crate) const TARGET: &str = "metrics";

const NAMESPACE: &str = "Banter";
const DIMENSION: &str = "Application";

/// Fields of events, and the metrics that they are added to.
const COUNTERS: [(&str, &str); 4] = [
    // Messages that were stored; not those that were there already.
    ("sends", "Sends"),
    // Connections that took what they were told.
    ("pushes", "Pushes"),
    // Connections that were gone, and struck out.
    ("gone_connections", "GoneConnections"),
    // Rooms that a client has to fetch afresh.
    ("sync_resets", "SyncResets"),
];

/// From the beginning of an invocation until the last of its posts was answered.
const PUSH_LATENCY: &str = "PushLatency";

/// Whether this span or event is one that metrics are made of.
pub(crate) fn concerns(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET || (metadata.is_span() && metadata.name() == SPAN)
}

/// Writes the metrics of each invocation when it ends.
pub(crate) struct Metrics<W> {
    application: String,
    writer: W,
}

/// What one invocation said.
struct Counted {
    started: Instant,
    sums: [u64; COUNTERS.len()],
    push_latency_ms: Option<u64>,
}

impl<W> Metrics<W> {
    /// Of the deployment `APPLICATION`.
    pub(crate) fn from_env(writer: W) -> Self {
        let application = optional("APPLICATION").unwrap_or_else(|| "banter".to_owned());
        Self { application, writer }
    }

    /// The line for CloudWatch; none if there is nothing to tell.
    fn line(&self, counted: &Counted, at: SystemTime) -> Option<Value> {
        let sums = COUNTERS.iter().zip(counted.sums).filter(|(_, sum)| *sum > 0);
        let sums = sums.map(|((_, name), sum)| (*name, "Count", sum));
        let latency = counted.push_latency_ms.map(|ms| (PUSH_LATENCY, "Milliseconds", ms));
        let told: Vec<_> = sums.chain(latency).collect();
        if told.is_empty() {
            return None;
        }
        let at = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or_default();
        let metrics: Vec<_> =
            told.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
        let mut line = Map::new();
        let declared = json!([
            { "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics },
        ]);
        line.insert("_aws".to_owned(), json!({ "Timestamp": at, "CloudWatchMetrics": declared }));
        line.insert(DIMENSION.to_owned(), json!(self.application));
        line.extend(told.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
        Some(line.into())
    }
}

impl<S, W> Layer<S> for Metrics<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, _: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let sums = [0; COUNTERS.len()];
            let counted = Counted { started: Instant::now(), sums, push_latency_ms: None };
            span.extensions_mut().insert(counted);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // Outside of an invocation, as in a test, nobody counts.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(counted) = span.extensions_mut().get_mut::<Counted>() {
                event.record(counted);
                return;
            }
        }
    }

    fn on_close(&self, id: span::Id, context: Context<'_, S>) {
        let counted = context.span(&id).and_then(|span| span.extensions_mut().remove::<Counted>());
        if let Some(line) = counted.and_then(|counted| self.line(&counted, SystemTime::now())) {
            // As a line of the log that cannot be written: there is nowhere to say so.
            let _ = writeln!(self.writer.make_writer(), "{line}");
        }
    }
}

impl Visit for Counted {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if let Some(place) = COUNTERS.iter().position(|(name, _)| *name == field.name()) {
            self.sums[place] += value;
        }
        if matches!(field.name(), "pushes" | "gone_connections") && value > 0 {
            let passed = self.started.elapsed().as_millis();
            self.push_latency_ms = Some(u64::try_from(passed).unwrap_or(u64::MAX));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::invocation;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that are written while `act` is done.
    fn lines(act: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let layer =
            Metrics { application: "banter-test".to_owned(), writer: move || writer.clone() };
        let registry = tracing_subscriber::registry().with(layer.with_filter(filter_fn(concerns)));
        tracing::subscriber::with_default(registry, act);
        let bytes = written.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_invocation_is_one_line_that_sums_up_what_was_said_in_it() {
        let lines = lines(|| {
            let one = invocation("r-1", "POST /");
            one.in_scope(|| {
                tracing::info!(target: TARGET, sends = 1_u64);
                // Whatever spans there are in between, and whatever else is logged.
                tracing::info_span!("other").in_scope(|| {
                    tracing::info!(target: TARGET, pushes = 2_usize, gone_connections = 0_usize);
                });
                tracing::info!(sends = 100_u64, "another target");
                invocation("r-2", "POST /").in_scope(|| {
                    tracing::info!(target: TARGET, sync_resets = 1_u64);
                });
                tracing::info!(target: TARGET, pushes = 3_usize, gone_connections = 1_usize);
            });
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0]["SyncResets"], 1);
        let line = &lines[1];
        assert_eq!((&line["Sends"], &line["Pushes"]), (&json!(1), &json!(5)));
        assert_eq!((&line["GoneConnections"], &line["SyncResets"]), (&json!(1), &Value::Null));
        assert!(line["PushLatency"].is_u64());
        assert_eq!(line["Application"], "banter-test");
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(declared["Dimensions"], json!([["Application"]]));
        assert_eq!(declared["Metrics"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn where_nothing_happened_nothing_is_written() {
        let lines = lines(|| {
            tracing::info!(target: TARGET, sends = 1_u64);
            invocation("r-1", "GET /").in_scope(|| {
                tracing::info!(target: TARGET, pushes = 0_usize, gone_connections = 0_usize);
            });
        });
        assert_eq!(lines, Vec::<Value>::new());
    }
}
