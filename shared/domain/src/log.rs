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
    /// What it is used for.
    pub used: Used,
}

/// What a number is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// A message or an event, numbered at this time.
    Entry(Timestamp),
    /// Nothing, for ever: its writer crashed.
    Void,
    /// Nothing any more: it may have been an event that has expired, so that no reader from before
    /// it can be told what happened.
    Lapsed,
}

/// What a stretch of the log proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogScan {
    /// Every number up to and including `upto` is accounted for.
    Proven {
        /// The last number that may be told; the cursor itself if nothing may.
        upto: u64,
    },
    /// These numbers are old holes: make them useless for ever, then read again.
    Holes {
        /// Left by crashes.
        void: Vec<Seq>,
        /// Left by crashes, or by events that have expired.
        lapsed: Vec<Seq>,
    },
    /// What happened after the cursor is not kept any more; from `upto` on it is.
    Expired {
        /// The last number that may have expired.
        upto: u64,
    },
}

/// Decides about the numbers after `cursor` up to `end`, given the rows found there.
///
/// `rows` are in order and within the stretch. Numbers are issued in order, so a hole was issued
/// between its neighbours: after `since` where nothing is known before it, and before `end_at` where
/// nothing is found after it.
#[must_use]
pub fn scan_log(
    cursor: u64,
    since: Timestamp,
    end: u64,
    end_at: Timestamp,
    rows: &[Slot],
    now: Timestamp,
) -> LogScan {
    let age = |at: Timestamp| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    let (mut void, mut lapsed) = (Vec::new(), Vec::new());
    let (mut since, mut expired) = (since, None);
    let mut number = cursor;
    let mut rest = rows;
    while number < end {
        number += 1;
        if let Some((row, after)) = rest.split_first().filter(|(row, _)| row.seq.get() == number) {
            rest = after;
            match row.used {
                Used::Entry(at) => since = at,
                // Voided at some later time, which says nothing about when it was issued.
                Used::Void => {}
                Used::Lapsed => expired = Some(number),
            }
            continue;
        }
        let issued_before = rest.iter().find_map(|row| match row.used {
            Used::Entry(at) => Some(at),
            Used::Void | Used::Lapsed => None,
        });
        if age(issued_before.unwrap_or(end_at)) < HOLE_AGE {
            // Its writer may still be at work: nothing after it may be told yet.
            number -= 1;
            break;
        }
        let hole = Seq::new(number);
        if age(since) < KEPT_EVENTS { void.extend(hole) } else { lapsed.extend(hole) }
    }
    if !void.is_empty() || !lapsed.is_empty() {
        return LogScan::Holes { void, lapsed };
    }
    expired.map_or(LogScan::Proven { upto: number }, |upto| LogScan::Expired { upto })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 10_000_000;
    const MONTH: i64 = 30 * 24 * 60 * 60;

    fn at(seconds_ago: i64) -> Timestamp {
        Timestamp::new(NOW - seconds_ago, 0).unwrap_or_default()
    }

    fn slot((number, used): (u64, Used)) -> Slot {
        Slot { seq: Seq::new(number).unwrap(), used }
    }

    fn ago(seconds: i64) -> Used {
        Used::Entry(at(seconds))
    }

    /// In a room that is an hour old.
    fn scan(cursor: u64, end: u64, rows: &[(u64, Used)], end_ago: i64) -> LogScan {
        scan_since(3_600, cursor, end, rows, end_ago)
    }

    fn scan_since(
        since: i64,
        cursor: u64,
        end: u64,
        rows: &[(u64, Used)],
        end_ago: i64,
    ) -> LogScan {
        let rows: Vec<_> = rows.iter().copied().map(slot).collect();
        scan_log(cursor, at(since), end, at(end_ago), &rows, at(0))
    }

    fn holes(void: &[u64], lapsed: &[u64]) -> LogScan {
        let seqs =
            |numbers: &[u64]| numbers.iter().filter_map(|number| Seq::new(*number)).collect();
        LogScan::Holes { void: seqs(void), lapsed: seqs(lapsed) }
    }

    #[test]
    fn a_dense_stretch_is_proven_whole() {
        let rows = [(1, ago(9)), (2, ago(8)), (3, ago(7))];
        assert_eq!(scan(0, 3, &rows, 7), LogScan::Proven { upto: 3 });
        assert_eq!(scan(2, 3, &rows[2..], 7), LogScan::Proven { upto: 3 });
        assert_eq!(scan(3, 3, &[], 7), LogScan::Proven { upto: 3 });
        let voided = [(1, ago(9)), (2, Used::Void), (3, ago(7))];
        assert_eq!(scan(0, 3, &voided, 7), LogScan::Proven { upto: 3 });
    }

    #[test]
    fn nothing_is_told_past_a_young_hole() {
        assert_eq!(scan(0, 3, &[(1, ago(9)), (3, ago(4))], 4), LogScan::Proven { upto: 1 });
        assert_eq!(scan(0, 3, &[(1, ago(9)), (2, ago(9))], 0), LogScan::Proven { upto: 2 });
        assert_eq!(scan(5, 6, &[], 4), LogScan::Proven { upto: 5 });
    }

    #[test]
    fn an_old_hole_is_voided() {
        assert_eq!(scan(0, 3, &[(1, ago(9)), (3, ago(5))], 5), holes(&[2], &[]));
        assert_eq!(scan(0, 4, &[(2, ago(20))], 5), holes(&[1, 3, 4], &[]));
    }

    #[test]
    fn old_holes_before_a_young_one_are_voided_first() {
        assert_eq!(scan(0, 4, &[(2, ago(20))], 0), holes(&[1], &[]));
    }

    #[test]
    fn the_time_of_a_void_dates_no_hole() {
        let rows = [(1, ago(MONTH)), (2, Used::Void), (4, ago(20))];
        assert_eq!(scan(0, 4, &rows, 20), holes(&[], &[3]));
    }

    #[test]
    fn a_hole_that_may_have_been_an_expired_event_is_never_a_mere_void() {
        // The row before it is old, however young the one after it.
        let rows = [(1, ago(MONTH)), (3, ago(20))];
        assert_eq!(scan(0, 3, &rows, 20), holes(&[], &[2]));
        assert_eq!(scan(0, 3, &[(1, ago(MONTH)), (2, ago(20))], 20), holes(&[3], &[]));
        // Nothing is known before it but the age of the room.
        assert_eq!(scan_since(MONTH, 5, 7, &[(7, ago(20))], 20), holes(&[], &[6]));
        assert_eq!(scan_since(MONTH, 5, 6, &[], MONTH), holes(&[], &[6]));
        // Its writer may be at work even so.
        assert_eq!(scan_since(MONTH, 5, 7, &[(7, ago(4))], 4), LogScan::Proven { upto: 5 });
    }

    #[test]
    fn a_reader_from_before_what_has_lapsed_is_sent_past_it() {
        let rows = [(1, ago(MONTH)), (2, Used::Lapsed), (3, Used::Lapsed), (4, ago(20))];
        assert_eq!(scan(0, 4, &rows, 20), LogScan::Expired { upto: 3 });
        assert_eq!(scan(3, 4, &rows[3..], 20), LogScan::Proven { upto: 4 });
    }

    #[test]
    fn a_clock_that_runs_behind_makes_a_hole_young() {
        assert_eq!(scan(0, 2, &[(2, ago(-60))], -60), LogScan::Proven { upto: 0 });
    }
}
