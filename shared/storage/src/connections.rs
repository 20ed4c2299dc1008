//! Who is connected: one row for each user, one attribute for each open connection.
//!
//! One row, so that an audience costs one read for each user, and so that connecting and going are
//! single updates that cannot race with one another.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{ConnectionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::Call as _;
use crate::item::{self, Row};
use crate::query::Read;
use crate::{Error, Store, key};

/// Most connections that one user has at a time; one more displaces the oldest.
pub const MAX_CONNECTIONS: usize = 10;

const CONNECTION: &str = "connection";

/// One open connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub id: ConnectionId,
    /// The signed-in device that opened it.
    pub session_id: Option<Uuid>,
    /// Since when.
    pub connected_at: Timestamp,
    /// API Gateway closes it by then.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ConnectionItem {
    connected_at: i64,
    expires_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

impl Store {
    /// Writes a connection down, and returns those that it displaces: the oldest past
    /// [`MAX_CONNECTIONS`]. One write, two where something is to be cleared away.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn connect(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<Vec<Connection>, Error> {
        let item = ConnectionItem {
            connected_at: connection.connected_at.as_millisecond(),
            expires_at: connection.expires_at.as_second(),
            session_id: connection.session_id.map(|id| id.to_string()),
        };
        let value: Row =
            serde_dynamo::to_item(item).map_err(|error| Error::corrupt(CONNECTION, error))?;
        let answer = UpdateItemInput::builder()
            .table_name(&self.tables.connections)
            .set_key(Some(key::connection_set(connection.user_id).map()))
            .update_expression("SET #connection = :value, #expires_at = :expires_at")
            .expression_attribute_names("#connection", key::connection_attribute(&connection.id))
            .expression_attribute_names("#expires_at", key::EXPIRES_AT)
            .expression_attribute_values(":value", AttributeValue::M(value))
            .expression_attribute_values(
                ":expires_at",
                AttributeValue::N(connection.expires_at.as_second().to_string()),
            )
            .return_values(ReturnValue::AllNew)
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("write a connection down", error))?;

        let all = connections(answer.attributes.unwrap_or_default())?;
        let (mut live, expired): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.expires_at > now);
        live.sort_by_key(|one| std::cmp::Reverse(one.connected_at));
        let displaced = live.split_off(live.len().min(MAX_CONNECTIONS));
        let gone: Vec<_> = displaced.iter().chain(&expired).map(|one| one.id.clone()).collect();
        if !gone.is_empty() {
            self.disconnect(connection.user_id, &gone).await?;
        }
        Ok(displaced)
    }

    /// Strikes connections out, and with each the large rooms that it had open. Striking out what is
    /// not there changes nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn disconnect(&self, user: UserId, gone: &[ConnectionId]) -> Result<(), Error> {
        if gone.is_empty() {
            return Ok(());
        }
        const OPERATION: &str = "strike a connection out";
        // An update makes the row that it does not find; one made here would never expire.
        let names: Vec<_> =
            (0..gone.len()).flat_map(|at| [format!("#c{at}"), format!("#s{at}")]).collect();
        let mut update = UpdateItemInput::builder()
            .table_name(&self.tables.connections)
            .set_key(Some(key::connection_set(user).map()))
            .condition_expression("attribute_exists(pk)")
            .update_expression(format!("REMOVE {}", names.join(", ")))
            .return_values(ReturnValue::UpdatedOld);
        let attributes = gone.iter().flat_map(|connection| {
            [key::connection_attribute(connection), key::subscriptions_attribute(connection)]
        });
        for (name, attribute) in names.into_iter().zip(attributes) {
            update = update.expression_attribute_names(name, attribute);
        }
        let before = match update.call(&self.client).await {
            Ok(answer) => answer.attributes.unwrap_or_default(),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => return Ok(()),
                _ => return Err(Error::unavailable(OPERATION, error)),
            },
        };
        let subscriptions = before.iter().flat_map(|(name, value)| subscriptions(name, value));
        let subscriptions: Vec<_> = subscriptions.collect();
        self.delete_all(OPERATION, &self.tables.connections, &subscriptions).await
    }

    /// Every open connection of these users.
    ///
    /// Read strongly: a client's first sync reads strongly too, so every commit is either pushed to
    /// a connection found here or seen by that sync.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn connections(
        &self,
        users: &[UserId],
        now: Timestamp,
    ) -> Result<Vec<Connection>, Error> {
        let keys = users.iter().map(|user| key::connection_set(*user)).collect();
        let rows =
            self.batch("read connections", &self.tables.connections, keys, Read::Strong).await?;
        let mut open = Vec::new();
        for row in rows {
            open.extend(connections(row)?.into_iter().filter(|one| one.expires_at > now));
        }
        Ok(open)
    }
}

/// How long after `$connect` a connection may still answer 410 because its handshake is not done.
///
/// A push that finds it so must not strike it out: the row would be missing for its whole life.
pub const HANDSHAKE: Duration = Duration::from_secs(30);

/// The subscriptions that an attribute of a connection set names.
fn subscriptions(attribute: &str, value: &AttributeValue) -> Vec<key::Key> {
    let Some(connection) = key::subscriber_of(attribute) else { return Vec::new() };
    let rooms = value.as_ss().map(Vec::as_slice).unwrap_or_default().iter();
    let rooms = rooms.filter_map(|room| room.parse().ok());
    rooms.map(|room| key::subscription(room, &connection)).collect()
}

fn connections(row: Row) -> Result<Vec<Connection>, Error> {
    let Some(user_id) = key::user_of(&row) else { return Ok(Vec::new()) };
    let mut connections = Vec::new();
    for (attribute, value) in row {
        let Some(id) = key::connection_of(&attribute) else { continue };
        let AttributeValue::M(value) = value else {
            return Err(Error::corrupt(CONNECTION, "not a map"));
        };
        let ConnectionItem { connected_at, expires_at, session_id } =
            item::item(CONNECTION, value)?;
        let session_id = session_id.map(|id| item::parsed(CONNECTION, &id)).transpose()?;
        let expires_at = Timestamp::from_second(expires_at)
            .map_err(|error| Error::corrupt(CONNECTION, error))?;
        let connected_at = item::time(CONNECTION, connected_at)?;
        connections.push(Connection { user_id, id, session_id, connected_at, expires_at });
    }
    Ok(connections)
}

#[cfg(test)]
mod tests;
