//! Another password for somebody: with it goes everything else that they signed in by.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::User;
use jiff::Timestamp;
use uuid::Uuid;

use crate::transaction::{built, millis};
use crate::users::Written;
use crate::{Error, Store, key, sessions};

/// What became of a change of password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangePassword {
    /// The new one is good, and of all sessions the one that was to be kept.
    Changed,
    /// The password is another by now, or the session has ended. Nothing was written.
    ChangedMeanwhile,
}

impl Store {
    /// Puts the password behind `new` in the place of the one behind `old`, and makes void whatever
    /// the user signed in by before `now`, but for the session `kept`: all of it or nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer. It may have been done all the same.
    pub async fn change_password(
        &self,
        user: &User,
        [old, new]: [&str; 2],
        kept: Uuid,
        now: Timestamp,
    ) -> Result<ChangePassword, Error> {
        const OPERATION: &str = "change a password";
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let credentials = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::username(user.username.as_str()).map()))
            .update_expression("SET password_hash = :new")
            .condition_expression("password_hash = :old")
            .expression_attribute_values(":old", text(old))
            .expression_attribute_values(":new", text(new));
        let account = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::profile(user.id).map()))
            .update_expression("SET valid_from = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", millis(now));
        let session = Update::builder()
            .table_name(&self.tables.ephemeral)
            .set_key(Some(key::session(kept).map()))
            .update_expression("SET opened_at = :now")
            .condition_expression("attribute_exists(pk) AND secret_hash <> :ended")
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":ended", text(sessions::ENDED));
        let mut writes = Vec::new();
        for update in [credentials, account, session] {
            let update = built(OPERATION, update.build())?;
            writes.push(TransactWriteItem::builder().update(update).build());
        }
        Ok(match self.write_all(OPERATION, writes).await? {
            Written::Done => ChangePassword::Changed,
            Written::Refused => ChangePassword::ChangedMeanwhile,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Session;
    use crate::samples::{person, seconds_later, start};
    use crate::testing;

    #[tokio::test]
    async fn of_two_changes_one_is_done_and_it_keeps_its_session() {
        let store = testing::store().await;
        let ana = person(1, "ana", "Ana");
        store.create_user(&ana, "old").await.unwrap();
        for id in [1, 2] {
            let session = Session {
                id: Uuid::from_u128(id),
                user_id: ana.id,
                secret_hash: "secret".to_owned(),
                opened_at: start(),
                expires_at: seconds_later(1_000),
            };
            store.open_session(&session).await.unwrap();
        }
        let now = seconds_later(9);
        let change = async |session| {
            let kept = Uuid::from_u128(session);
            store.change_password(&ana, ["old", "new"], kept, now).await.unwrap()
        };
        let (left, right) = tokio::join!(change(1), change(2));
        let (kept, other) = match (left, right) {
            (ChangePassword::Changed, ChangePassword::ChangedMeanwhile) => (1, 2),
            (ChangePassword::ChangedMeanwhile, ChangePassword::Changed) => (2, 1),
            both => panic!("{both:?}"),
        };
        let hash = store.credentials("ana").await.unwrap().unwrap().password_hash;
        assert_eq!(hash.as_deref(), Some("new"));
        assert_eq!(store.account(ana.id).await.unwrap().unwrap().valid_from, now);
        for (session, opened_at) in [(kept, now), (other, start())] {
            let session = store.session(Uuid::from_u128(session)).await.unwrap().unwrap();
            assert_eq!(session.opened_at, opened_at);
        }
        // A session that has ended changes no password.
        store.end_session(Uuid::from_u128(1)).await.unwrap();
        let kept = Uuid::from_u128(1);
        let refused = store.change_password(&ana, ["new", "newer"], kept, now).await.unwrap();
        assert_eq!(refused, ChangePassword::ChangedMeanwhile);
    }
}
