//! Who has a large room open: one row for each connection, in a few partitions.
//!
//! A small room's members are asked one by one whether they are connected. A large room's would cost
//! a read each, so those who want to hear of it say so.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update};
use domain::{ConnectionId, RoomId, UserId};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{self, Row};
use crate::query::{Direction, Read, Stretch};
use crate::transaction::{Commit, built};
use crate::{Connection, Error, Store, key};

const SUBSCRIPTION: &str = "subscription";

/// What became of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscribe {
    /// From now on the connection hears of the room.
    Subscribed,
    /// Its user is no member any more, or it is closed.
    Refused,
}

#[derive(Serialize, Deserialize)]
struct SubscriptionItem {
    user_id: String,
    connected_at: i64,
    expires_at: i64,
}

impl Store {
    /// Lets a connection hear of a large room for the rest of its life.
    ///
    /// One transaction with the member's row and the connection's: whoever is removed, or gone, in
    /// the same moment cannot be left listening.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn subscribe(
        &self,
        room: RoomId,
        connection: &Connection,
    ) -> Result<Subscribe, Error> {
        const OPERATION: &str = "subscribe to a room";
        let Connection { user_id, id, connected_at, expires_at, .. } = connection;
        let item = SubscriptionItem {
            user_id: user_id.to_string(),
            connected_at: connected_at.as_millisecond(),
            expires_at: expires_at.as_second(),
        };
        let put = Put::builder()
            .table_name(&self.tables.connections)
            .set_item(Some(item::row(key::subscription(room, id), SUBSCRIPTION, &item)?))
            .build();
        // So that what ends the connection finds the row again.
        let note = Update::builder()
            .table_name(&self.tables.connections)
            .set_key(Some(key::connection_set(*user_id).map()))
            .update_expression("ADD #rooms :room")
            .condition_expression("attribute_exists(#connection)")
            .expression_attribute_names("#rooms", key::subscriptions_attribute(id))
            .expression_attribute_names("#connection", key::connection_attribute(id))
            .expression_attribute_values(":room", AttributeValue::Ss(vec![room.to_string()]))
            .build();
        let member = ConditionCheck::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::member(room, *user_id).map()))
            .condition_expression("attribute_exists(pk)")
            .build();
        let writes = vec![
            TransactWriteItem::builder().put(built(OPERATION, put)?).build(),
            TransactWriteItem::builder().update(built(OPERATION, note)?).build(),
            TransactWriteItem::builder().condition_check(built(OPERATION, member)?).build(),
        ];
        Ok(match self.transact(OPERATION, writes).await? {
            Commit::Done => Subscribe::Subscribed,
            Commit::Lost => Subscribe::Refused,
        })
    }

    /// Lets a user hear nothing more of a large room, on any connection. Where they have not opened
    /// it this changes nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn unsubscribe(
        &self,
        room: RoomId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let open = self.connections(&[user], now).await?;
        let keys: Vec<_> = open.iter().map(|one| key::subscription(room, &one.id)).collect();
        self.delete_all("leave a room", &self.tables.connections, &keys).await
    }

    /// Every open connection that hears of a large room.
    ///
    /// Read strongly, as [`Store::connections`] is, and for the same reason. Costs by the number of
    /// connections, 30 to a unit, and at least a unit for each partition.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn subscribers(
        &self,
        room: RoomId,
        now: Timestamp,
    ) -> Result<Vec<Connection>, Error> {
        let shards = (0..key::SUBSCRIPTION_SHARDS).map(|shard| async move {
            let stretch = Stretch::whole(key::subscriptions(room, shard));
            self.stretch_of(
                "read subscriptions",
                &self.tables.connections,
                &stretch,
                Direction::Ascending,
                usize::MAX,
                Read::Strong,
            )
            .await
        });
        let rows = try_join_all(shards).await?.into_iter().flatten();
        let mut open = rows.map(subscriber).collect::<Result<Vec<_>, _>>()?;
        open.retain(|one| one.expires_at > now);
        Ok(open)
    }
}

fn subscriber(row: Row) -> Result<Connection, Error> {
    let id: ConnectionId =
        key::subscribed(&row).ok_or_else(|| Error::corrupt(SUBSCRIPTION, "it has no key"))?;
    let SubscriptionItem { user_id, connected_at, expires_at } = item::item(SUBSCRIPTION, row)?;
    let expires_at =
        Timestamp::from_second(expires_at).map_err(|error| Error::corrupt(SUBSCRIPTION, error))?;
    Ok(Connection {
        user_id: item::parsed(SUBSCRIPTION, &user_id)?,
        id,
        session_id: None,
        connected_at: item::time(SUBSCRIPTION, connected_at)?,
        expires_at,
    })
}

#[cfg(test)]
mod tests;
