//! A client that syncs, and the invocations of `chat::sync` that answer it.

use domain::{LogScan, Seq, Slot, Used, scan_log};
use jiff::{SignedDuration, Timestamp};

use super::{ByNumber, Row, Rows, Rules, Step};

/// A client with its cursor. What dies is an invocation on its behalf; then it asks again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    pub(super) cursor: u8,
    /// What it was told of each number up to its cursor.
    pub(super) told: ByNumber,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum At {
    Rest,
    /// The head is read. `M#n` and `E#n` are two queries at once, so either may come first.
    Reading {
        head: u8,
        messages: Option<ByNumber>,
        events: Option<ByNumber>,
    },
    /// All at once, so in any order: a bit for each number.
    Voiding {
        head: u8,
        holes: u16,
    },
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { cursor: 0, told: ByNumber::default(), at: At::Rest }
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.at == At::Rest
    }

    /// Its death comes last.
    pub(super) fn next(&self, rows: &Rows, rules: Rules) -> Vec<Step> {
        let mut steps = match &self.at {
            At::Rest if self.cursor == rows.head => return Vec::new(),
            At::Rest => return vec![Step::ReadHead],
            At::Reading { messages: None, events: None, .. } => {
                vec![Step::ReadMessages { old_upto: 0 }, Step::ReadEvents { old_upto: 0 }]
            }
            At::Reading { head, messages, events, .. } => {
                let now = |rows: &ByNumber| rows.between(self.cursor, *head);
                let seen_messages = messages.unwrap_or_else(|| now(&rows.messages));
                let seen_events = events.unwrap_or_else(|| now(&rows.events));
                let found = merged(self.cursor, *head, &seen_messages, &seen_events);
                let step = |old_upto| match events {
                    None => Step::ReadEvents { old_upto },
                    Some(_) => Step::ReadMessages { old_upto },
                };
                judgements(self.cursor, *head, &found, rules).into_iter().map(step).collect()
            }
            At::Voiding { holes, .. } => (1..=rows.head)
                .filter(|number| holes & bit(*number) > 0)
                .map(|number| Step::Void { number })
                .collect(),
        };
        steps.push(Step::Crash);
        steps
    }

    pub(super) fn act(&mut self, step: Step, rows: &mut Rows, rules: Rules) {
        match (step, &mut self.at) {
            (Step::Crash, at) => *at = At::Rest,
            (Step::ReadHead, at @ At::Rest) => *at = look_at(rows.head),
            (Step::ReadMessages { old_upto }, At::Reading { head, messages, .. }) => {
                *messages = Some(rows.messages.between(self.cursor, *head));
                self.judge(old_upto, rules);
            }
            (Step::ReadEvents { old_upto }, At::Reading { head, events, .. }) => {
                *events = Some(rows.events.between(self.cursor, *head));
                self.judge(old_upto, rules);
            }
            (Step::Void { number }, At::Voiding { head, holes }) => {
                rows.void(number, rules);
                *holes &= !bit(number);
                if *holes == 0 {
                    // The code looks three times at the most, and then gives no answer: that is a
                    // death here.
                    self.at = look_at(*head);
                }
            }
            (step, at) => unreachable!("{at:?} does not {step:?}"),
        }
    }

    /// Once both queries are answered.
    fn judge(&mut self, old_upto: u8, rules: Rules) {
        let At::Reading { head, messages: Some(messages), events: Some(events) } = &self.at else {
            return;
        };
        let found = merged(self.cursor, *head, messages, events);
        match scan(self.cursor, *head, &found, old_upto, rules) {
            LogScan::Holes { void, .. } => {
                let holes = void.iter().fold(0, |holes, seq| holes | bit(small(seq.get())));
                self.at = At::Voiding { head: *head, holes };
            }
            LogScan::Proven { upto } => {
                for (number, row) in found.into_iter().filter(|(at, _)| u64::from(*at) <= upto) {
                    self.told.put(number, row);
                }
                self.cursor = small(upto);
                self.at = At::Rest;
            }
            LogScan::Expired { .. } => unreachable!("nothing is a month old here"),
        }
    }
}

const fn look_at(head: u8) -> At {
    At::Reading { head, messages: None, events: None }
}

const fn bit(number: u8) -> u16 {
    1 << number
}

fn small(number: u64) -> u8 {
    u8::try_from(number).expect("a scenario has few numbers")
}

/// What both queries found. A void is found by both.
fn merged(cursor: u8, head: u8, messages: &ByNumber, events: &ByNumber) -> Vec<(u8, Row)> {
    let row = |number| messages.at(number).or(events.at(number));
    (cursor + 1..=head).filter_map(|number| Some((number, row(number)?))).collect()
}

/// Every line between old and young that makes a difference; the last finds everything old. Numbers
/// are issued in order, so the old ones come first.
fn judgements(cursor: u8, head: u8, found: &[(u8, Row)], rules: Rules) -> Vec<u8> {
    let mut scans = Vec::new();
    let mut judgements = Vec::new();
    for old_upto in cursor..=head {
        let scan = scan(cursor, head, found, old_upto, rules);
        if !scans.contains(&scan) {
            scans.push(scan);
            judgements.push(old_upto);
        }
    }
    judgements
}

/// What the server's own rule makes of these rows, if numbers up to `old_upto` were issued an hour
/// ago and the others now.
fn scan(cursor: u8, head: u8, found: &[(u8, Row)], old_upto: u8, rules: Rules) -> LogScan {
    let now = Timestamp::UNIX_EPOCH;
    let hour_ago = now - SignedDuration::from_hours(1);
    let issued_at = |number: u8| if number <= old_upto { hour_ago } else { now };
    let slot = |(number, row): &(u8, Row)| {
        let used = match row {
            Row::Void => Used::Void,
            Row::Message(_) | Row::Notice | Row::Event => Used::Entry(issued_at(*number)),
        };
        Some(Slot { seq: Seq::new(u64::from(*number))?, used })
    };
    let slots: Vec<_> = found.iter().filter_map(slot).collect();
    let scan = scan_log(cursor.into(), hour_ago, head.into(), issued_at(head), &slots, now);
    match scan {
        LogScan::Proven { .. } if rules == Rules::YoungHolesPassed => {
            LogScan::Proven { upto: head.into() }
        }
        scan => scan,
    }
}
