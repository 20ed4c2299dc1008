//! What a month costs: the figures that are counted of the operations, at list prices.

use anyhow::Context;
use costs::month::{People, SIZES, month};
use costs::prices;

use crate::cli::Cost;

/// Most members of a room of which everybody is told.
const SMALL_ROOM: u32 = {
    let [.., last] = SIZES;
    last
};

/// The estimate, part by part.
pub(crate) fn estimate(cost: &Cost) -> anyhow::Result<String> {
    let Cost { users, messages_per_day, room_size, online, open } = *cost;
    let people =
        People { users: users.into(), messages_per_day, room_size: room_size.into(), online, open };
    let figures = costs::figures().context("the figures are damaged")?;
    let parts = month(&figures, &people).context("the figures lack an operation")?;
    let total: f64 = parts.iter().map(|part| part.usd).sum();
    let line = |usd: f64, times: &str, name: &str| format!("{usd:>12.2}  {times:>15}  {name}\n");
    let mut text = line(total, "", "US dollars a month");
    for part in parts {
        text.push_str(&line(part.usd, &format!("{:.0}", part.times), part.name));
    }
    if room_size > SMALL_ROOM {
        text.push_str(&format!(
            "\nA room of more than {SMALL_ROOM} is told where it is open: taken to be on {:.0} % of the \
             connections (--open).\n",
            open * 100.0
        ));
    }
    text.push_str(&format!(
        "\nList prices of {}, us-east-1, without free tier and tax. A function is taken to wait {} ms for a\n\
         round trip. Logs, alarms, backups and media come on top.",
        prices::AS_OF,
        prices::ROUND_TRIP_MS
    ));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Cost =
        Cost { users: 1_000, messages_per_day: 20.0, room_size: 10, online: 0.3, open: 0.2 };

    #[test]
    fn an_estimate_says_which_part_is_how_much() {
        let text = estimate(&SOME).unwrap();
        let usd = |line: &str| line.split_whitespace().next()?.parse::<f64>().ok();
        let amounts: Vec<_> = text.lines().map_while(usd).collect();
        let [total, parts @ ..] = amounts.as_slice() else { panic!("{text}") };
        assert_eq!(parts.len(), 9, "{text}");
        let sum: f64 = parts.iter().sum();
        assert!((total - sum).abs() < 0.01 * 9.0, "{text}");
        assert!(
            text.lines().any(|line| line.contains("608000") && line.contains("storing")),
            "{text}"
        );
    }

    #[test]
    fn an_estimate_of_a_large_room_says_how_many_have_it_open() {
        let text = estimate(&Cost { room_size: 5_000, ..SOME }).unwrap();
        assert!(text.contains("20 % of the connections (--open)"), "{text}");
        assert!(text.contains("opening the room"), "{text}");
        assert!(!estimate(&SOME).unwrap().contains("--open"));
    }
}
