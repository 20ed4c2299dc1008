//! Who is in a room.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemInput;
use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
use domain::{Membership, RoomId, Standing, UserId};

use crate::client::Call as _;
use crate::item;
use crate::query::{Direction, Read, Stretch};
use crate::{Error, Store, key};

/// Most writes in one `BatchWriteItem`.
const BATCH_WRITES: usize = 25;

impl Store {
    /// Every member of a room, by user id. Costs by the number of members: 24 rows to a unit.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn members(&self, room: RoomId) -> Result<Vec<Membership>, Error> {
        self.members_after(room, None, usize::MAX).await
    }

    /// At most `limit` members of a room, by user id, after `after`.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn members_after(
        &self,
        room: RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Membership>, Error> {
        let mut stretch = Stretch::prefixed(key::room(room), key::MEMBERS);
        if let Some(after) = after {
            // The first string after that user's key.
            stretch.from = format!("{}\u{0}", key::member(room, after).sk);
        }
        let rows = self
            .stretch("list members", &stretch, Direction::Ascending, limit, Read::Strong)
            .await?;
        rows.into_iter().map(item::room::membership).collect()
    }

    /// The places of these users in a room, without those who are no members.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn standings_in(
        &self,
        room: RoomId,
        users: &[UserId],
    ) -> Result<Vec<Standing>, Error> {
        let keys = users.iter().map(|user| key::my_room(*user, room)).collect();
        let rows = self.batch("read members", &self.tables.chat, keys, Read::Strong).await?;
        rows.into_iter().map(item::room::standing).collect()
    }

    /// Forgets who was in a room that is gone. Doing it again changes nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer. What is left over points to a deleted room and shows nowhere.
    pub async fn forget_members(&self, room: RoomId, users: &[UserId]) -> Result<(), Error> {
        const OPERATION: &str = "forget members";
        let keys: Vec<_> = users
            .iter()
            .flat_map(|user| [key::member(room, *user), key::my_room(*user, room)])
            .collect();
        self.delete_all(OPERATION, &self.tables.chat, &keys).await
    }

    /// Deletes the rows at these keys of one table, as far as they are there.
    pub(crate) async fn delete_all(
        &self,
        operation: &'static str,
        table: &str,
        keys: &[key::Key],
    ) -> Result<(), Error> {
        for chunk in keys.chunks(BATCH_WRITES) {
            let mut deletes = Vec::with_capacity(chunk.len());
            for key in chunk {
                let delete = DeleteRequest::builder()
                    .set_key(Some(key.clone().map()))
                    .build()
                    .map_err(|error| Error::Unavailable { operation, source: Box::new(error) })?;
                deletes.push(WriteRequest::builder().delete_request(delete).build());
            }
            let mut wanted = HashMap::from([(table.to_owned(), deletes)]);
            while !wanted.is_empty() {
                let answer = BatchWriteItemInput::builder()
                    .set_request_items(Some(wanted))
                    .call(&self.client)
                    .await
                    .map_err(|error| Error::unavailable(operation, error))?;
                wanted = answer.unprocessed_items.unwrap_or_default();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
