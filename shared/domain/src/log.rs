//! Reading a room's log: which numbers are there, which are holes, and how far an answer may go.
//!
//! A number is issued before its row is written. A crash in between leaves a number without a row;
//! so does a writer that is merely slow, for a moment. A reader tells the two apart by age.

use std::time::Duration;

use jiff::Timestamp;

use crate::Seq;

/// A hole older than this is a crash: whoever meets it voids it. A writer that is slower than this
/// finds its number void and starts again.
pub const HOLE_AGE: Duration = Duration::from_secs(5);

/// Events are kept this long. Past it a missing number says nothing, so a reader starts afresh.
/// A day less than the rows' own expiry, so that no reader trusts a row that is about to go.
pub const KEPT_EVENTS: Duration = Duration::from_secs(29 * 24 * 60 * 60);

/// A number that has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The number.
    pub seq: Seq,
    /// When it was issued.
    pub at: Timestamp,
}

/// What a stretch of the log proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogScan {
    /// Every number up to and including `upto` is accounted for.
    Proven {
        /// The last number that may be told; the cursor itself if nothing may.
        upto: u64,
    },
    /// These numbers are old holes: void them, then read again.
    Voidable(Vec<Seq>),
    /// The reader's cursor is older than what is kept.
    Expired,
}

/// Decides about the numbers after `cursor` up to `end`, given the rows found there.
///
/// `rows` are in order and within the stretch. `end_at` is a time by which `end` had been issued;
/// as numbers are issued in order it bounds the age of every hole before it.
#[must_use]
pub fn scan_log(
    cursor: u64,
    end: u64,
    rows: &[Slot],
    end_at: Timestamp,
    now: Timestamp,
) -> LogScan {
    let mut rows = rows.iter().peekable();
    let mut voidable = Vec::new();
    let mut number = cursor;
    while number < end {
        number += 1;
        if rows.next_if(|row| row.seq.get() == number).is_some() {
            continue;
        }
        let issued_before = rows.peek().map_or(end_at, |row| row.at);
        let age = Duration::try_from(now.duration_since(issued_before)).unwrap_or_default();
        if age >= KEPT_EVENTS {
            return LogScan::Expired;
        }
        if age < HOLE_AGE {
            // Its writer may still be at work: nothing after it may be told yet.
            number -= 1;
            break;
        }
        voidable.extend(Seq::new(number));
    }
    if voidable.is_empty() { LogScan::Proven { upto: number } } else { LogScan::Voidable(voidable) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 10_000_000;

    fn at(seconds_ago: i64) -> Timestamp {
        Timestamp::new(NOW - seconds_ago, 0).unwrap_or_default()
    }

    /// Rows as (number, seconds ago).
    fn scan(cursor: u64, end: u64, rows: &[(u64, i64)], end_ago: i64) -> LogScan {
        let rows: Vec<_> = rows
            .iter()
            .filter_map(|(seq, ago)| Some(Slot { seq: Seq::new(*seq)?, at: at(*ago) }))
            .collect();
        scan_log(cursor, end, &rows, at(end_ago), at(0))
    }

    fn voidable(numbers: &[u64]) -> LogScan {
        LogScan::Voidable(numbers.iter().filter_map(|number| Seq::new(*number)).collect())
    }

    #[test]
    fn a_dense_stretch_is_proven_whole() {
        assert_eq!(scan(0, 3, &[(1, 9), (2, 8), (3, 7)], 7), LogScan::Proven { upto: 3 });
        assert_eq!(scan(2, 3, &[(3, 7)], 7), LogScan::Proven { upto: 3 });
        assert_eq!(scan(3, 3, &[], 7), LogScan::Proven { upto: 3 });
    }

    #[test]
    fn nothing_is_told_past_a_young_hole() {
        assert_eq!(scan(0, 3, &[(1, 9), (3, 4)], 4), LogScan::Proven { upto: 1 });
        assert_eq!(scan(0, 3, &[(1, 9), (2, 9)], 0), LogScan::Proven { upto: 2 });
        assert_eq!(scan(5, 6, &[], 4), LogScan::Proven { upto: 5 });
    }

    #[test]
    fn an_old_hole_is_voided() {
        assert_eq!(scan(0, 3, &[(1, 9), (3, 5)], 5), voidable(&[2]));
        assert_eq!(scan(0, 4, &[(2, 20)], 5), voidable(&[1, 3, 4]));
    }

    #[test]
    fn old_holes_before_a_young_one_are_voided_first() {
        assert_eq!(scan(0, 4, &[(2, 20)], 0), voidable(&[1]));
    }

    #[test]
    fn a_hole_that_may_have_been_an_expired_event_is_never_voided() {
        let month = 30 * 24 * 60 * 60;
        assert_eq!(scan(0, 3, &[(1, month), (3, month - 1)], 0), LogScan::Expired);
    }

    #[test]
    fn a_clock_that_runs_behind_makes_a_hole_young() {
        assert_eq!(scan(0, 2, &[(2, -60)], -60), LogScan::Proven { upto: 0 });
    }
}
