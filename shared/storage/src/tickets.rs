//! Tickets: each lets one socket in, once.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{Proof, UserId};
use jiff::Timestamp;

use crate::client::Call as _;
use crate::{Error, Store, item, key};

/// Who may open a socket, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the claims of the token that asked for it")]
pub struct Ticket {
    pub user_id: UserId,
    pub username: String,
    pub name: String,
    pub is_staff: bool,
    pub proof: Proof,
    /// When the token that asked for it ends, in whole seconds.
    pub token_expires_at: Timestamp,
    /// The web page that asked for it.
    pub origin: Option<String>,
    /// When it ends unless it is used, in whole seconds.
    pub expires_at: Timestamp,
}

impl Store {
    /// Writes a ticket under the hash of its secret.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn add_ticket(&self, hash: &str, ticket: &Ticket) -> Result<(), Error> {
        PutItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_item(Some(item::session::ticket_row(hash, ticket)?))
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("add a ticket", error))?;
        Ok(())
    }

    /// Takes a ticket away: of two that try, one gets it. It may have expired.
    ///
    /// # Errors
    /// If DynamoDB does not answer. The ticket may be gone all the same: a new one is needed.
    pub async fn take_ticket(&self, hash: &str) -> Result<Option<Ticket>, Error> {
        let taken = DeleteItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::ticket(hash).map()))
            .return_values(ReturnValue::AllOld)
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("take a ticket", error))?;
        taken.attributes.map(item::session::ticket).transpose()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_ticket_is_taken_once() {
        let store = testing::store().await;
        let ticket = |proof| Ticket {
            user_id: UserId::new(Uuid::from_u128(1)),
            username: "ana".to_owned(),
            name: "Ana".to_owned(),
            is_staff: true,
            proof,
            token_expires_at: Timestamp::new(900, 0).unwrap(),
            origin: Some("https://chat.example".to_owned()),
            expires_at: Timestamp::new(30, 0).unwrap(),
        };
        let by_token = Proof::Token { issued_at: Timestamp::new(7, 0).unwrap() };
        for ticket in [ticket(Proof::Session(Uuid::from_u128(2))), ticket(by_token)] {
            store.add_ticket("hash", &ticket).await.unwrap();
            assert_eq!(store.take_ticket("other").await.unwrap(), None);
            let (left, right) = tokio::join!(store.take_ticket("hash"), store.take_ticket("hash"));
            let taken: Vec<_> = [left.unwrap(), right.unwrap()].into_iter().flatten().collect();
            assert_eq!(taken, [ticket]);
        }
    }
}
