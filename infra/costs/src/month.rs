//! A month of many people, from the figures of single operations.

use crate::{Figures, Used, prices};

/// Days of a month, on average.
const DAYS: f64 = 30.4;

/// A client pings every five minutes.
const PINGS_PER_DAY: f64 = 24.0 * 60.0 / 5.0;

/// A connection lives for two hours at the most.
const CONNECTIONS_PER_DAY: f64 = 24.0 / 2.0;

/// A message's row, with its dedup row, fits into a write unit each. Most are far smaller.
const MESSAGE_GIGABYTES: f64 = 1e3 / 1e9;

/// Rooms of which sends are counted, by their number of members.
pub const SIZES: [u32; 4] = [2, 10, 25, 100];

/// Who writes how much to how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Everybody.
    pub users: f64,
    /// Messages that each of them sends in a day.
    pub messages_per_day: f64,
    /// Members of the room that each goes to, the sender included: 2 to 100.
    pub room_size: f64,
    /// Which part of a day each of them is connected, from 0 to 1; so also which part of a room is.
    pub online: f64,
}

/// One part of the bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What for.
    pub name: &'static str,
    /// How many of it in a month.
    pub times: f64,
    /// US dollars a month.
    pub usd: f64,
}

/// What a month comes to, part by part. `None` if an operation was not counted.
#[must_use]
pub fn month(figures: &Figures, people: &People) -> Option<Vec<Part>> {
    let People { users, messages_per_day, room_size, online } = *people;
    let connected_days = users * online * DAYS;
    let sends = users * messages_per_day * DAYS;
    let told = sends * (room_size - 1.0) * online;
    let part =
        |name, times: f64, per_million: f64| Part { name, times, usd: times / 1e6 * per_million };
    let operation = |name: &'static str, times| {
        Some(part(name, times, figures.get(name)?.per_million().total()))
    };
    let connects = connected_days * CONNECTIONS_PER_DAY;
    Some(vec![
        part("storing and acknowledging messages", sends, alone(figures, room_size)?),
        part("pushing them to who is connected", told, push(figures)?),
        // At the most: a client that gets several at once marks the last of them.
        Part { name: "marking them as read, at most", ..operation(READ, told)? },
        Part { name: "connecting", ..operation(CONNECT, connects)? },
        Part { name: "disconnecting", ..operation(DISCONNECT, connects)? },
        Part {
            name: "pings, in 10 rooms each",
            ..operation(PING, connected_days * PINGS_PER_DAY)?
        },
        part("connection minutes", connected_days * 24.0 * 60.0, prices::CONNECTION_MINUTES),
        Part {
            name: "keeping a month's messages, at most",
            times: sends,
            usd: sends * MESSAGE_GIGABYTES * prices::GIGABYTE_MONTH,
        },
    ])
}

/// Operations of the figures that a month is made of.
pub const READ: &str = "mark as read";
/// See [`READ`].
pub const CONNECT: &str = "connect, in 10 rooms";
/// See [`READ`].
pub const DISCONNECT: &str = "disconnect";
/// See [`READ`].
pub const PING: &str = "ping, in 10 rooms";

/// The name of a send in the figures.
#[must_use]
pub fn send(members: u32) -> String {
    format!("send, to {members} members")
}

/// A send in a room of which nobody else is connected, in between the sizes that are counted.
fn alone(figures: &Figures, room_size: f64) -> Option<f64> {
    let cost = |size: u32| {
        let used = figures.get(&send(size))?;
        Some(used.per_million().total() - f64::from(used.pushed) * push(figures)?)
    };
    let [.., last] = SIZES;
    let upper = SIZES.into_iter().find(|size| f64::from(*size) >= room_size).unwrap_or(last);
    let lower = SIZES.into_iter().rfind(|size| *size < upper).unwrap_or(upper);
    if lower == upper || room_size >= f64::from(upper) {
        return cost(upper);
    }
    let part = (room_size - f64::from(lower)) / f64::from(upper - lower);
    Some(cost(lower)? + part * (cost(upper)? - cost(lower)?))
}

/// One more frame: what a send to a hundred costs beyond one to two, but for what is read.
fn push(figures: &Figures) -> Option<f64> {
    let [few, .., many] = SIZES;
    let (few, many) = (figures.get(&send(few))?, figures.get(&send(many))?);
    let pushed = many.pushed - few.pushed;
    let bytes = (many.bytes_out - few.bytes_out) / u64::from(pushed.max(1));
    let one = Used { pushed: 1, bytes_out: bytes, ..Used::default() };
    // The time of a round of posts belongs to the send.
    let cost = one.per_million();
    Some(cost.gateway + cost.transfer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: People =
        People { users: 1_000.0, messages_per_day: 20.0, room_size: 10.0, online: 0.5 };

    fn total(people: &People) -> f64 {
        let parts = month(&crate::figures().unwrap(), people).unwrap();
        assert!(parts.iter().all(|part| part.usd >= 0.0), "{parts:?}");
        parts.iter().map(|part| part.usd).sum()
    }

    #[test]
    fn more_of_anything_costs_more() {
        let some = total(&SOME);
        for more in [
            People { users: 1_001.0, ..SOME },
            People { messages_per_day: 21.0, ..SOME },
            People { room_size: 11.0, ..SOME },
            People { online: 0.6, ..SOME },
        ] {
            assert!(total(&more) > some, "{more:?}");
        }
        let twice = total(&People { users: 2_000.0, ..SOME });
        assert!((twice - 2.0 * some).abs() < 1e-6);
    }

    #[test]
    fn who_does_nothing_costs_nothing() {
        assert_eq!(total(&People { messages_per_day: 0.0, online: 0.0, ..SOME }), 0.0);
    }

    /// What is put together of parts is what was counted as a whole.
    #[test]
    fn a_send_to_all_who_are_connected_costs_what_was_counted() {
        let figures = crate::figures().unwrap();
        for size in SIZES {
            let whole = figures[&send(size)].per_million().total();
            let parts = alone(&figures, size.into()).unwrap()
                + f64::from(size - 1) * push(&figures).unwrap();
            assert!((whole - parts).abs() < 1e-9, "{size}: {whole} {parts}");
        }
    }
}
