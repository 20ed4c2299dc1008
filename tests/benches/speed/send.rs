//! One send, step by step: when each call of the function came to the proxies that stand before the
//! database and the management API with `--control`, and how long its answer took.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, interval};

use super::crowd::Crowd;
use super::figures::{milliseconds, quantile};
use super::report::blank;
use super::town::Town;

/// Sends that are looked at, after as many that are not.
const SENDS: usize = 100;

/// The function whose calls are looked at, as the template names it.
const FUNCTION: &str = "SocketMessage";

const POST: &str = "PostToConnection";

/// Operation, which of its calls it is, and what it does, where the process knows the members.
const CALLS: [(&str, usize, &str); 5] = [
    ("UpdateItem", 0, "issue the number, in the room's head"),
    ("TransactWriteItems", 0, "write the message"),
    ("UpdateItem", 1, "count it as read by its sender"),
    ("BatchGetItem", 0, "read the members' connections"),
    (POST, 0, "post to nine connections"),
];

const FIRST: &str = "gateway and runtime API, until the first call";
const LAST: &str = "until everybody has it, and its sender the ack";

/// A step: from when to when, in milliseconds after the send.
#[derive(Debug)]
pub(crate) struct Step {
    name: &'static str,
    from: f64,
    to: f64,
}

impl Step {
    pub(crate) fn json(&self) -> Value {
        json!({ "step": self.name, "from_ms": rounded(self.from), "to_ms": rounded(self.to) })
    }
}

/// How a process gets to know the members, once a minute.
const READS_MEMBERS: &str = "Query";

/// The medians of many sends into a room of 10, 20 a second.
pub(crate) async fn steps() -> anyhow::Result<Vec<Step>> {
    let town = Town::with(&["--control"], 10).await?;
    let control = town.stack.control();
    let mut crowd = Crowd::gather(&town, 1, 10).await?;
    let mut due = interval(Duration::from_millis(50));
    let mut seen: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for number in 0..2 * SENDS {
        control.forget_calls().await;
        due.tick().await;
        let (began, now) = (time_of_day(), Instant::now());
        crowd.send(0, now)?;
        let deliveries = crowd.settle().await?;
        if number >= SENDS {
            let last = deliveries.iter().map(|one| one.took).max().unwrap_or_default();
            let calls = control.latest_calls().await;
            if calls.iter().any(|call| call["operation"] == READS_MEMBERS) {
                continue;
            }
            for step in one_send(&calls, began, milliseconds(last)) {
                seen.entry(step.name).or_default().push((step.from, step.to));
            }
        }
    }
    let names = [FIRST].into_iter().chain(CALLS.map(|(.., name)| name)).chain([LAST]);
    let step = |name| {
        let (from, to) = seen.remove(name).unwrap_or_default().into_iter().unzip();
        Step { name, from: median(from), to: median(to) }
    };
    Ok(names.map(step).collect())
}

/// The clock that the proxies go by.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn time_of_day() -> Timestamp {
    Timestamp::now()
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    quantile(&of, 0.5)
}

fn rounded(ms: f64) -> f64 {
    (ms * 100.0).round() / 100.0
}

/// The steps of one send, from what the proxies saw.
fn one_send(calls: &[Value], began: Timestamp, last: f64) -> Vec<Step> {
    let ms = |microseconds: i64| {
        milliseconds(Duration::from_micros(u64::try_from(microseconds).unwrap_or_default()))
    };
    let mut steps: Vec<Step> = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call["function"] == FUNCTION) {
        let operation = call["operation"].as_str().unwrap_or_default();
        let from = ms(call["at_us"].as_i64().unwrap_or_default() - began.as_microsecond());
        let to = from + ms(call["took_us"].as_i64().unwrap_or_default());
        if steps.is_empty() {
            steps.push(Step { name: FIRST, from: 0.0, to: from });
        }
        let count = counts.entry(operation).or_default();
        let place = if operation == POST { 0 } else { *count };
        *count += 1;
        let found = CALLS.iter().find(|(name, nth, _)| *name == operation && *nth == place);
        let Some((.., name)) = found else { continue };
        match steps.iter_mut().find(|step| step.name == *name) {
            Some(posts) => posts.to = posts.to.max(to),
            None => steps.push(Step { name, from, to }),
        }
    }
    let posted = steps.iter().map(|step| step.to).fold(0.0, f64::max);
    steps.push(Step { name: LAST, from: posted.min(last), to: last });
    steps
}

/// A bar for each step, where it lies in time.
pub(crate) fn picture(steps: &[Step]) -> String {
    const BAR: u32 = 24;
    const LABEL: f64 = 380.0;
    const WIDTH: f64 = 460.0;
    let end = steps.iter().map(|step| step.to).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let at = |ms: f64| LABEL + ms / end * WIDTH;
    let rows = u32::try_from(steps.len()).unwrap_or_default();
    let mut svg = blank(920, rows * BAR + 50);
    let bottom = rows * BAR + 14;
    for tick in 0..64_u32 {
        let ms = f64::from(tick);
        if ms > end {
            break;
        }
        // A line cannot fail to be written to a text.
        let _ = writeln!(
            svg,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"8\" y2=\"{bottom}\" stroke=\"#ddd\"/>\n\
             <text x=\"{0:.1}\" y=\"{1}\" text-anchor=\"middle\" fill=\"#555\">{tick}</text>",
            at(ms),
            bottom + 16,
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"end\" fill=\"#555\">milliseconds after the send</text>",
        LABEL - 8.0,
        bottom + 16,
    );
    for (Step { name, from, to }, row) in steps.iter().zip(0_u32..) {
        let middle = f64::from(row * BAR + 20);
        let colour = if *name == FIRST || *name == LAST { "#9ecae9" } else { "#4c78a8" };
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>\n\
             <rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"14\" fill=\"{colour}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.2}</text>",
            LABEL - 8.0,
            middle + 4.0,
            at(*from),
            middle - 7.0,
            (at(*to) - at(*from)).max(1.0),
            at(*to) + 6.0,
            middle + 4.0,
            to - from,
        );
    }
    svg.push_str("</svg>\n");
    svg
}
