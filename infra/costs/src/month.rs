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

/// Rooms of which sends are counted, by their number of members. More than the last are a large room,
/// of which only those are told who have it open.
pub const SIZES: [u32; 4] = [2, 10, 25, 100];

/// Connections by which a large room is open where sends to it are counted, the sender's among them.
pub const OPEN: [u32; 2] = [100, 1_000];

/// Members of the busy room that is counted.
pub const BUSY_ROOM: u32 = 50;

/// Messages of the second that is counted there.
pub const BUSY_MESSAGES: u32 = 15;

/// Who writes how much to how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Everybody.
    pub users: f64,
    /// Messages that each of them sends in a day.
    pub messages_per_day: f64,
    /// Members of the room that each goes to, the sender included: from 2.
    pub room_size: f64,
    /// Which part of a day each of them is connected, from 0 to 1; so also which part of a room is.
    pub online: f64,
    /// Which part of those who are connected has a large room open, from 0 to 1. A small room is told
    /// whoever is connected.
    pub open: f64,
}

impl People {
    fn is_large(&self) -> bool {
        let [.., last] = SIZES;
        self.room_size > f64::from(last)
    }

    /// Who is told of a message, beside its sender.
    fn told(&self) -> f64 {
        let connected = (self.room_size - 1.0) * self.online;
        if self.is_large() { connected * self.open } else { connected }
    }
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
    let People { users, messages_per_day, online, .. } = *people;
    let connected_days = users * online * DAYS;
    let sends = users * messages_per_day * DAYS;
    let told = sends * people.told();
    let connects = connected_days * CONNECTIONS_PER_DAY;
    let operation = |name, figure: &str, times| {
        Some(part(name, times, figures.get(figure)?.per_million().total()))
    };
    let mut parts = if people.is_large() {
        in_large_rooms(figures, people, sends, connects)?
    } else {
        vec![
            part(STORING, sends, alone(figures, people.room_size)?),
            part("pushing them to who is connected", told, push(figures)?),
        ]
    };
    parts.extend([
        // At the most: a client that gets several at once marks the last of them.
        operation("marking them as read, at most", READ, told)?,
        operation("connecting", CONNECT, connects)?,
        operation("disconnecting", DISCONNECT, connects)?,
        operation("pings, in 10 rooms each", PING, connected_days * PINGS_PER_DAY)?,
        part("connection minutes", connected_days * 24.0 * 60.0, prices::CONNECTION_MINUTES),
        part(
            "asking two queues for work",
            prices::QUEUE_POLLS_PER_DAY * DAYS,
            prices::SQS_REQUESTS,
        ),
        Part {
            name: "keeping a month's messages, at most",
            times: sends,
            usd: sends * MESSAGE_GIGABYTES * prices::GIGABYTE_MONTH,
        },
    ]);
    Some(parts)
}

const STORING: &str = "storing and acknowledging messages";

fn part(name: &'static str, times: f64, per_million: f64) -> Part {
    Part { name, times, usd: times / 1e6 * per_million }
}

/// What takes the place of storing and pushing where only those are told who have the room open.
fn in_large_rooms(
    figures: &Figures,
    people: &People,
    sends: f64,
    connects: f64,
) -> Option<Vec<Part>> {
    let told = people.told();
    let opening = figures.get(OPEN_ROOM)?.per_million().total();
    let fan_out = part("", sends, along(figures, large_fan_out, told + 1.0)?);
    Some(vec![
        part(STORING, sends, along(figures, large_send, told + 1.0)?),
        Part {
            name: "pushing them to who has the room open",
            times: sends * told,
            usd: if told > 0.0 { fan_out.usd } else { 0.0 },
        },
        part("opening the room on each connection", connects * people.open, opening),
    ])
}

/// What a send in a large room costs that so many have open, on the line through what was counted.
fn along(figures: &Figures, name: fn(u32) -> String, open: f64) -> Option<f64> {
    let cost = |open| Some(figures.get(&name(open))?.per_million().total());
    let [few, many] = OPEN;
    let (least, most) = (cost(few)?, cost(many)?);
    let each = (most - least) / f64::from(many - few);
    Some((least + (open - f64::from(few)) * each).max(0.0))
}

/// Operations of the figures that a month is made of.
pub const READ: &str = "mark as read";
/// See [`READ`].
pub const CONNECT: &str = "connect, in 10 rooms";
/// See [`READ`].
pub const DISCONNECT: &str = "disconnect";
/// See [`READ`].
pub const PING: &str = "ping, in 10 rooms";

/// A send to 10 members by a process that wrote to the room within the last minute.
pub const NEXT: &str = "the next send within a minute, to 10 members";

/// A send to a large room by a process that wrote to it before.
pub const LARGE_NEXT: &str = "the next send to a large room, open to 1,000";

/// See [`READ`]: a member asks to be told what happens in a large room.
pub const OPEN_ROOM: &str = "open a large room";
/// A second of a room of [`BUSY_ROOM`] in which more is said than is told one by one.
pub const BUSY: &str = "15 sends within a second, to 50 members";

/// The name of a send to a large room in the figures, up to what it leaves to the queue.
#[must_use]
pub fn large_send(open: u32) -> String {
    format!("send to a large room, open to {}", thousands(open))
}

/// The name of what the other end of the queue makes of it.
#[must_use]
pub fn large_fan_out(open: u32) -> String {
    format!("its fan-out, to {}", open - 1)
}

/// 1,000 and not 1000.
fn thousands(count: u32) -> String {
    match count / 1_000 {
        0 => count.to_string(),
        thousand => format!("{thousand},{:03}", count % 1_000),
    }
}

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
        People { users: 1_000.0, messages_per_day: 20.0, room_size: 10.0, online: 0.5, open: 0.2 };
    const LARGE: People = People { room_size: 5_000.0, ..SOME };

    fn total(people: &People) -> f64 {
        let parts = month(&crate::figures().unwrap(), people).unwrap();
        assert!(parts.iter().all(|part| part.usd >= 0.0), "{parts:?}");
        parts.iter().map(|part| part.usd).sum()
    }

    /// What is there to pay for whoever does nothing.
    fn idle() -> f64 {
        prices::QUEUE_POLLS_PER_DAY * DAYS * prices::SQS_REQUESTS / 1e6
    }

    #[test]
    fn more_of_anything_costs_more() {
        for people in [SOME, LARGE] {
            let some = total(&people);
            for more in [
                People { users: 1_001.0, ..people },
                People { messages_per_day: 21.0, ..people },
                People { room_size: people.room_size + 1.0, ..people },
                People { online: 0.6, ..people },
            ] {
                assert!(total(&more) > some, "{more:?}");
            }
            let twice = total(&People { users: 2_000.0, ..people }) - idle();
            assert!((twice - 2.0 * (some - idle())).abs() < 1e-6);
        }
        assert!(total(&People { open: 0.3, ..LARGE }) > total(&LARGE));
        assert!((total(&People { open: 0.3, ..SOME }) - total(&SOME)).abs() < 1e-9);
    }

    #[test]
    fn who_does_nothing_costs_no_more_than_asking_the_queues() {
        for people in [SOME, LARGE] {
            let nothing = total(&People { messages_per_day: 0.0, online: 0.0, ..people });
            assert!((nothing - idle()).abs() < 1e-9, "{nothing}");
        }
    }

    #[test]
    fn a_large_room_costs_what_was_counted() {
        let figures = crate::figures().unwrap();
        let open = (5_000.0 - 1.0) * 0.5 * 0.2 + 1.0;
        let [few, many] = OPEN;
        assert!(f64::from(few) < open && open < f64::from(many));
        for size in OPEN {
            let counted = figures[&large_send(size)].per_million().total();
            let taken = along(&figures, large_send, size.into()).unwrap();
            assert!((counted - taken).abs() < 1e-9, "{size}: {counted} {taken}");
        }
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
