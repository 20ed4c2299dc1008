//! The figures as the README shows them.

use std::fmt::Write as _;

use costs::{Figures, Used, month, prices};

use super::RECIPIENTS;
use crate::root;

const BEGIN: &str = "<!-- counted: begin -->\n";
const END: &str = "<!-- counted: end -->\n";

/// The README as it is.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("there is a README")
}

/// `readme` with these figures between its marks.
///
/// # Panics
/// If it has no marks.
#[must_use]
pub fn with_table(readme: &str, figures: &Figures) -> String {
    let (before, rest) = readme.split_once(BEGIN).expect("a mark where the figures begin");
    let (_, after) = rest.split_once(END).expect("a mark where the figures end");
    format!("{before}{BEGIN}{}{END}{after}", table(figures))
}

fn table(figures: &Figures) -> String {
    let mut text =
        "| | reads | writes | calls | in turn | frames | SQS | S3 | bytes | $ per million |\n\
                    |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let compared = month::send(RECIPIENTS + 1);
    let mut first = month::SIZES.map(month::send).to_vec();
    first.extend([month::NEXT, month::BUSY].map(str::to_owned));
    for open in month::OPEN {
        first.extend([month::large_send(open), month::large_fan_out(open)]);
    }
    first.push(month::LARGE_NEXT.to_owned());
    let sends = first.iter().filter_map(|name| figures.get_key_value(name));
    let others = figures.iter().filter(|(name, _)| !first.contains(name) && **name != compared);
    for (name, used) in sends.chain(others) {
        let Used {
            read,
            write,
            calls,
            round_trips,
            frames,
            pushed,
            sqs,
            s3_puts,
            s3_gets,
            bytes_out,
            ..
        } = used;
        let (frames, s3) = (frames + pushed, s3_puts + s3_gets);
        let total = used.per_million().total();
        // A line cannot fail to be written to a text.
        let _ = writeln!(
            text,
            "| {name} | {read} | {write} | {calls} | {round_trips} | {frames} | {sqs} | {s3} | {bytes_out} | {total:.2} |"
        );
    }
    if let Some(used) = figures.get(&compared) {
        let cost = used.per_million();
        let _ = writeln!(
            text,
            "\nA million messages to {RECIPIENTS} recipients each, all of them connected, cost **${:.2}**: \
             API Gateway ${:.2}, DynamoDB ${:.2},\nLambda ${:.2}, data transfer ${:.2}. \
             List prices of {}.",
            cost.total(),
            cost.gateway,
            cost.dynamodb,
            cost.lambda,
            cost.transfer,
            prices::AS_OF
        );
    }
    if let Some(used) = figures.get(month::BUSY) {
        let each = used.per_million().total() / f64::from(month::BUSY_MESSAGES);
        let _ = writeln!(
            text,
            "\nIn a busy room of {} they cost **${each:.2}**, because those of a second go as one frame.",
            month::BUSY_ROOM
        );
    }
    text
}
