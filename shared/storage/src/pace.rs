//! How fast something goes: one time in a row, when all that there was would be over. For a room it is
//! in its head, for a user in a row of its own.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Step;
use jiff::Timestamp;

use crate::Error;
use crate::item::{self, Row};
use crate::transaction::millis;

const OVER_AT: &str = "over_at";

/// How often an update that met others is tried: each time the head is known better.
pub(crate) const ATTEMPTS: u32 = 5;

/// An update with one step of a pace, if there is one, beside what it sets and where `condition` holds.
/// `:now` is a value of it already.
pub(crate) fn paced(
    update: UpdateItemInputBuilder,
    set: &str,
    condition: Option<&str>,
    step: Option<Step>,
) -> UpdateItemInputBuilder {
    let (set, pace, update) = match step {
        None => (set.to_owned(), None, update),
        Some(Step::Afresh { until }) => (
            format!("{set}, {OVER_AT} = :until"),
            Some(format!("(attribute_not_exists({OVER_AT}) OR {OVER_AT} <= :now)")),
            update.expression_attribute_values(":until", millis(until)),
        ),
        Some(Step::After { by, latest }) => (
            format!("{set}, {OVER_AT} = {OVER_AT} + :by"),
            Some(format!("{OVER_AT} > :now AND {OVER_AT} <= :latest")),
            update
                .expression_attribute_values(":by", AttributeValue::N(by.as_millis().to_string()))
                .expression_attribute_values(":latest", millis(latest)),
        ),
    };
    let conditions: Vec<_> = condition.into_iter().chain(pace.as_deref()).collect();
    update.update_expression(set).condition_expression(conditions.join(" AND "))
}

/// When all that this row tells of would be over; none if that is nothing.
pub(crate) fn over_at(what: &'static str, row: &Row) -> Result<Option<Timestamp>, Error> {
    let number = row.get(OVER_AT).and_then(|value| value.as_n().ok()?.parse().ok());
    number.map(|number| item::time(what, number)).transpose()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{Rate, Room};
    use futures_util::future::join_all;

    use crate::samples::{a_message, first_entries, open_room, room, room_id, start};
    use crate::{Issued, Store, testing};

    fn rate() -> Option<Rate> {
        "5/5".parse().ok()
    }

    async fn send(store: &Store, room: &Room, rate: Option<Rate>, ms: u64) -> Issued {
        let now = start() + Duration::from_millis(ms);
        store.issue_within(room.id, &a_message("hello"), rate, now).await.unwrap()
    }

    #[tokio::test]
    async fn of_many_at_once_no_more_pass_than_a_room_takes_and_each_has_a_number() {
        let store = testing::store().await;
        let (first, other) = (open_room(&store, &[]).await, room(room_id(2)));
        store.create_room(&other, None, &[], &first_entries(&other)).await.unwrap();
        let room = first;
        let mut numbers = Vec::new();
        for (ms, times, passed) in [(0, 3, 3), (0, 3, 2), (0, 3, 0), (999, 3, 0), (1_000, 3, 1)] {
            let sent = join_all((0..times).map(|_| send(&store, &room, rate(), ms))).await;
            let issued = sent.into_iter().filter_map(|issued| match issued {
                Issued::Numbered(room) => Some(room.seq.get()),
                _ => None,
            });
            let issued: Vec<_> = issued.collect();
            assert_eq!(issued.len(), passed, "{ms}");
            numbers.extend(issued);
        }
        numbers.sort_unstable();
        let first = room.seq.get() + 1;
        assert_eq!(numbers, (first..first + 6).collect::<Vec<_>>(), "no number is lost by it");
        let wait = Issued::Beyond(Duration::from_millis(600));
        assert_eq!(send(&store, &room, rate(), 1_400).await, wait);
        // Other rooms are not concerned, nor is this one where there is no rate.
        assert!(matches!(send(&store, &other, rate(), 1_400).await, Issued::Numbered(_)));
        assert!(matches!(send(&store, &room, None, 1_400).await, Issued::Numbered(_)));
    }

    #[tokio::test]
    async fn a_room_at_an_even_pace_costs_nothing_more() {
        let store = testing::store().await;
        let room = open_room(&store, &[]).await;
        let (store, meter) = testing::metered(&store);
        let calls = async |rate, ms| {
            send(&store, &room, rate, ms).await;
            meter.take().calls
        };
        for ms in [0, 1_000, 2_000, 9_000] {
            assert_eq!(calls(None, ms).await, 1);
            assert_eq!(calls(rate(), ms).await, 1, "{ms}");
        }
        assert_eq!(calls(rate(), 9_100).await, 2, "ahead of it: the head says so first");
    }
}
