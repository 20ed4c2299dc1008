//! Where somebody signed in from before: who guesses at their password does so from elsewhere.

use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::client::Call as _;
use crate::{Error, Store, key};

impl Store {
    /// Remembers until `expires_at` that this username and address, by their hash, belong together.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn remember_address(&self, hash: &str, expires_at: Timestamp) -> Result<(), Error> {
        let seconds = AttributeValue::N(expires_at.as_second().to_string());
        let mut row = key::known_address(hash).map();
        row.insert(key::EXPIRES_AT.to_owned(), seconds);
        let put = PutItemInput::builder().table_name(&self.tables.ephemeral).set_item(Some(row));
        put.call(&self.client)
            .await
            .map_err(|error| Error::unavailable("remember an address", error))?;
        Ok(())
    }

    /// Whether they do.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn knows_address(&self, hash: &str, now: Timestamp) -> Result<bool, Error> {
        let answer = GetItemInput::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::known_address(hash).map()))
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("look an address up", error))?;
        // DynamoDB sweeps late.
        let until = answer.item.and_then(|row| row.get(key::EXPIRES_AT)?.as_n().ok()?.parse().ok());
        Ok(until.is_some_and(|until: i64| until > now.as_second()))
    }
}

#[cfg(test)]
mod tests {
    use crate::samples::{seconds_later, start};
    use crate::testing;

    #[tokio::test]
    async fn an_address_is_known_for_a_while() {
        let store = testing::store().await;
        assert!(!store.knows_address("hash", start()).await.unwrap());
        store.remember_address("hash", seconds_later(100)).await.unwrap();
        for (second, known) in [(0, true), (99, true), (100, false)] {
            assert_eq!(store.knows_address("hash", seconds_later(second)).await.unwrap(), known);
        }
        assert!(!store.knows_address("other", start()).await.unwrap());
    }
}
