//! How much somebody did lately: one row for each of them and each class, with one time in it.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::{Rate, RateClass, Step};
use jiff::Timestamp;

use crate::client::Call as _;
use crate::pace::{over_at, paced};
use crate::transaction::millis;
use crate::{Error, Store, key};

const RATE: &str = "rate";

/// How often a count that met another one is tried: each time the row is known better.
const ATTEMPTS: usize = 4;

/// How long a row is kept when it says nothing any more. Clocks differ a little.
const GRACE: Duration = Duration::from_secs(60);

/// What became of one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is within the rate, and counted.
    Within,
    /// It is not, and not counted. There is room for one after this.
    Beyond(Duration),
}

impl Store {
    /// Counts one more of `class` for `who`, if `rate` allows it.
    ///
    /// One write for whoever keeps to an even pace, two for whoever is ahead of it: whether they are
    /// is not known before. The condition decides, so that of many at once no more pass than may.
    ///
    /// # Errors
    /// If DynamoDB does not answer. It may have been counted all the same.
    pub async fn count(
        &self,
        who: &str,
        class: RateClass,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Counted, Error> {
        let mut over_at = None;
        for _ in 0..ATTEMPTS {
            let step = match rate.step(over_at, now) {
                Ok(step) => step,
                Err(wait) => return Ok(Counted::Beyond(wait)),
            };
            match self.write_step(who, class, rate, step, now).await? {
                Written::Done => return Ok(Counted::Within),
                Written::Found(found) => over_at = found,
            }
        }
        Err(Error::lost("count against a rate"))
    }

    async fn write_step(
        &self,
        who: &str,
        class: RateClass,
        rate: Rate,
        step: Step,
        now: Timestamp,
    ) -> Result<Written, Error> {
        let kept_until = now.saturating_add(rate.window() + GRACE).unwrap_or(Timestamp::MAX);
        let update = UpdateItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::rate(who, class).map()))
            .expression_attribute_names("#expires_at", key::EXPIRES_AT)
            .expression_attribute_values(
                ":expires_at",
                AttributeValue::N(kept_until.as_second().to_string()),
            )
            .expression_attribute_values(":now", millis(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = paced(update, "SET #expires_at = :expires_at", None, Some(step));
        match update.call(&self.client).await {
            Ok(_) => Ok(Written::Done),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let row = refused.item();
                    let over_at = row.map(|row| over_at(RATE, row)).transpose()?;
                    Ok(Written::Found(match over_at {
                        Some(None) => return Err(Error::corrupt(RATE, "no time in it")),
                        known => known.flatten(),
                    }))
                }
                _ => Err(Error::unavailable("count against a rate", error)),
            },
        }
    }
}

enum Written {
    Done,
    /// The row says something else: when everything before is over.
    Found(Option<Timestamp>),
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::samples::start;
    use crate::testing;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    fn after(ms: u64) -> Timestamp {
        start() + Duration::from_millis(ms)
    }

    async fn attempts(store: &Store, who: &str, class: RateClass, ms: u64, times: usize) -> usize {
        let one = || store.count(who, class, rate("5/5"), after(ms));
        let counted = join_all((0..times).map(|_| one())).await;
        counted.into_iter().filter(|one| matches!(one, Ok(Counted::Within))).count()
    }

    #[tokio::test]
    async fn of_many_at_once_no_more_pass_than_may() {
        let store = testing::store().await;
        for (ms, times, passed) in [(0, 3, 3), (0, 3, 2), (0, 3, 0), (999, 3, 0), (1_000, 3, 1)] {
            assert_eq!(attempts(&store, "ana", RateClass::Send, ms, times).await, passed, "{ms}");
        }
        assert_eq!(
            store.count("ana", RateClass::Send, rate("5/5"), after(1_400)).await.unwrap(),
            Counted::Beyond(Duration::from_millis(600))
        );
        // Others, and other things, are counted apart; and all is forgotten in time.
        assert_eq!(attempts(&store, "ben", RateClass::Send, 1_000, 3).await, 3);
        assert_eq!(attempts(&store, "ana", RateClass::Write, 1_000, 3).await, 3);
        assert_eq!(attempts(&store, "ana", RateClass::Send, 60_000, 5).await, 5);
    }

    #[tokio::test]
    async fn who_keeps_the_pace_costs_one_write_and_who_is_ahead_of_it_two() {
        let store = testing::store().await;
        let (store, meter) = testing::metered(&store);
        let count = async |ms| {
            store.count("ana", RateClass::Send, rate("3/3"), after(ms)).await.unwrap();
            let spent = meter.take();
            assert_eq!(spent.read, 0.0);
            spent.calls
        };
        for ms in [0, 1_000, 2_000, 9_000] {
            assert_eq!(count(ms).await, 1, "{ms}");
        }
        assert_eq!(count(9_500).await, 2);
        assert_eq!(count(9_500).await, 2);
        // Whoever is refused costs the one write that says so.
        assert_eq!(count(9_500).await, 1);
    }
}
