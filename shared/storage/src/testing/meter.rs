//! What calls cost, as DynamoDB would bill them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::Store;

/// What some calls came to. An update whose condition fails is billed but not reported: it is taken
/// for one unit, which is right for rows of up to 1 KB.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spent {
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
    /// Calls, whether they succeeded or not.
    pub calls: usize,
    /// Calls that had to wait for one another: the longest chain.
    pub round_trips: usize,
}

#[derive(Debug, Default)]
struct Count {
    spent: Spent,
    /// The longest chain that is over: a call that starts now may have waited for it.
    over: usize,
    begun: Vec<&'static str>,
}

/// Counts what a store's calls cost.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Count>>);

/// A call's place in its chain, from 1.
#[derive(Debug)]
pub(crate) struct Place(usize);

/// What a call is billed by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Read,
    Write,
}

impl Meter {
    /// What was spent since this was last asked. Not to be asked while a call is under way.
    #[must_use]
    pub fn take(&self) -> Spent {
        std::mem::take(&mut *self.count()).spent
    }

    /// The operations that were asked for since [`Self::take`], as they began.
    #[must_use]
    pub fn begun(&self) -> Vec<&'static str> {
        self.count().begun.clone()
    }

    /// A call begins.
    pub(crate) fn begin(&self, operation: &'static str) -> Place {
        let mut count = self.count();
        count.begun.push(operation);
        let place = count.over + 1;
        count.spent.round_trips = count.spent.round_trips.max(place);
        Place(place)
    }

    /// It is over, and `consumed` that much, if it says so; or a condition did not hold.
    pub(crate) fn end(
        &self,
        place: &Place,
        unit: Unit,
        consumed: Option<&impl Priced>,
        was_refused: bool,
    ) {
        let mut count = self.count();
        count.over = count.over.max(place.0);
        count.spent.calls += 1;
        let told = consumed.map_or(0.0, Priced::units);
        match unit {
            Unit::Read => count.spent.read += told,
            Unit::Write => count.spent.write += told + f64::from(was_refused),
        }
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The same store, with a meter on it.
#[must_use]
pub fn metered(store: &Store) -> (Store, Meter) {
    let meter = Meter::default();
    let client = store.client.metered(meter.clone());
    (Store { client, tables: store.tables.clone() }, meter)
}

/// One price or one for each table, whichever the operation answers.
pub(crate) trait Priced {
    fn units(&self) -> f64;
}

impl Priced for Option<ConsumedCapacity> {
    fn units(&self) -> f64 {
        self.as_ref().and_then(|consumed| consumed.capacity_units).unwrap_or_default()
    }
}

impl Priced for Option<Vec<ConsumedCapacity>> {
    fn units(&self) -> f64 {
        self.iter().flatten().filter_map(|consumed| consumed.capacity_units).sum()
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{a_message, message, open_room, start, user};
    use crate::testing;

    /// The price list of design and README, as far as storage makes it.
    #[tokio::test]
    async fn calls_cost_what_they_are_meant_to() {
        let store = testing::store().await;
        let everybody: Vec<_> = (1..=45).map(user).collect();
        let room = open_room(&store, &everybody).await.id;
        let (store, meter) = super::metered(&store);
        let client_id = "c-1".parse().unwrap();
        let message = message(room, 3, "hello");

        store.begin_send(room, user(1), &client_id, start()).await.unwrap();
        let begun = meter.take();
        assert_eq!((begun.read, begun.write, begun.calls), (2.0, 0.0, 1));

        store.issue(room, &a_message("hello"), start()).await.unwrap();
        let issued = meter.take();
        assert_eq!((issued.read, issued.write, issued.calls), (0.0, 1.0, 1));

        let stored = store.append_message(&message, user(1), &client_id, "hash", start()).await;
        stored.unwrap();
        let appended = meter.take();
        assert_eq!((appended.read, appended.write, appended.calls), (0.0, 4.0, 1));

        let (at_once, rooms) = (store.members(room), store.standings(user(1)));
        let (members, _) = futures_util::future::try_join(at_once, rooms).await.unwrap();
        store.connections(&[members[0].user_id], start()).await.unwrap();
        let chain = meter.take();
        assert_eq!((chain.calls, chain.round_trips), (3, 2));

        store.members(room).await.unwrap();
        let listed = meter.take();
        assert_eq!((listed.read, listed.calls), (2.0, 1), "45 rows of 166 bytes, read strongly");

        store.connections(&everybody, start()).await.unwrap();
        assert_eq!(meter.take().read, 45.0, "one for each member");

        store.messages_upto(room, u64::MAX, 50).await.unwrap();
        assert_eq!(meter.take().read, 0.5);
        store.standings(user(1)).await.unwrap();
        assert_eq!(meter.take().read, 1.0);

        assert!(!store.set_muted(room, user(99), true).await.unwrap(), "user 99 is no member");
        assert_eq!(meter.take().write, 1.0, "a refusal costs too");
    }
}
