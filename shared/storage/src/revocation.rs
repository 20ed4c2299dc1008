//! Making void what somebody signed in by: one time in the user's row, whatever they signed in by.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{User, UserId};
use jiff::Timestamp;

use crate::client::Call as _;
use crate::query::Read;
use crate::rooms::unless_refused;
use crate::transaction::millis;
use crate::{Error, Store, item, key};

/// A user, and since when what they signed in by counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user: User,
    /// What they signed in by before this is void. For who was never revoked it is the epoch.
    pub valid_from: Timestamp,
}

impl Store {
    /// A user with what their sign-ins are checked against.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, Error> {
        let row = self.chat_row("read an account", key::profile(id), Read::Strong).await?;
        let Some(row) = row else { return Ok(None) };
        let valid_from = item::user::valid_from(row.clone())?;
        Ok(Some(Account { user: item::user::user(row)?, valid_from }))
    }

    /// Makes void whatever a user signed in by before `now`. `false` if there is no such user.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn revoke(&self, id: UserId, now: Timestamp) -> Result<bool, Error> {
        let update = self
            .update_profile(id)
            .update_expression("SET valid_from = :now")
            .expression_attribute_values(":now", millis(now));
        unless_refused("revoke a user", update.call(&self.client).await)
    }

    /// Bans a user, which makes void whatever they signed in by before `now`, or lifts the ban.
    /// `false` if there is no such user.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn set_banned(
        &self,
        id: UserId,
        is_banned: bool,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let update = self.update_profile(id);
        let update = if is_banned {
            update
                .update_expression("SET is_banned = :yes, valid_from = :now")
                .expression_attribute_values(":yes", AttributeValue::Bool(true))
                .expression_attribute_values(":now", millis(now))
        } else {
            update.update_expression("REMOVE is_banned")
        };
        unless_refused("ban a user", update.call(&self.client).await)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::{self, start};
    use crate::testing;

    #[tokio::test]
    async fn a_revocation_is_remembered_and_leaves_the_rest() {
        let store = testing::store().await;
        let ana = samples::person(1, "ana", "Ana");
        store.create_user(&ana, "hash").await.unwrap();
        let account = async || store.account(ana.id).await.unwrap().unwrap();
        assert_eq!(account().await.valid_from, Timestamp::UNIX_EPOCH);
        assert!(store.revoke(ana.id, start()).await.unwrap());
        assert_eq!(account().await, Account { user: ana.clone(), valid_from: start() });

        let nobody = UserId::new(Uuid::from_u128(9));
        assert!(!store.revoke(nobody, start()).await.unwrap());
        assert!(!store.set_banned(nobody, true, start()).await.unwrap());
        assert_eq!(store.account(nobody).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_ban_voids_what_was_before_it_and_lifting_it_brings_nothing_back() {
        let store = testing::store().await;
        let ana = samples::person(1, "ana", "Ana");
        store.create_user(&ana, "hash").await.unwrap();
        for is_banned in [true, true, false] {
            assert!(store.set_banned(ana.id, is_banned, start()).await.unwrap());
            let user = User { is_banned, ..ana.clone() };
            let account = store.account(ana.id).await.unwrap().unwrap();
            assert_eq!(account, Account { user, valid_from: start() });
        }
    }
}
