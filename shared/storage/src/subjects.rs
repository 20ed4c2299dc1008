//! Users of the outside issuer: who a subject of theirs is here, and what was last said of them.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::{Name, User, UserId};
use jiff::Timestamp;

use crate::item::user::SignIn;
use crate::query::Read;
use crate::transaction::built;
use crate::users::Written;
use crate::{Error, Store, item, key};

/// What an outside issuer said last of one of its subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Who it is here.
    pub user_id: UserId,
    /// The name that others read.
    pub name: Option<String>,
    /// Whether they are staff, if the issuer says so.
    pub is_staff: Option<bool>,
    /// When it was said, in whole seconds.
    pub stated_at: Timestamp,
}

/// What became of taking somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateSubject {
    /// The user is there, and found by every word of the name.
    Created,
    /// Somebody else has the username, or the subject was taken in meanwhile: read it again.
    Taken,
}

/// What became of taking news over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateSubject {
    /// The user is what the issuer says.
    Updated,
    /// Another token was faster, or the user changed: read them again.
    ChangedMeanwhile,
}

impl Store {
    /// Who a subject is here; none if they were never here.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn subject(&self, hash: &str) -> Result<Option<Subject>, Error> {
        let row = self.chat_row("read a subject", key::subject(hash), Read::Strong).await?;
        row.map(item::subject::subject).transpose()
    }

    /// Writes a new user of the outside issuer, all or nothing. Nobody signs in to them by a password.
    ///
    /// # Errors
    /// If DynamoDB does not answer. The user may be there all the same: reading the subject tells.
    pub async fn create_subject(
        &self,
        hash: &str,
        subject: &Subject,
        user: &User,
    ) -> Result<CreateSubject, Error> {
        const OPERATION: &str = "take a user in";
        let row = item::subject::subject_row(hash, subject)?;
        let mut writes = vec![self.put_absent(OPERATION, row)?];
        writes.extend(self.new_user(OPERATION, user, SignIn::Subject { hash })?);
        Ok(match self.write_all(OPERATION, writes).await? {
            Written::Done => CreateSubject::Created,
            Written::Refused => CreateSubject::Taken,
        })
    }

    /// Remembers `new`, where `old` was said last, and makes of `user`, as they were read, what it
    /// says: this name, and whether they are staff if that is given.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn update_subject(
        &self,
        hash: &str,
        [old, new]: [&Subject; 2],
        user: &User,
        name: &Name,
        is_staff: Option<bool>,
    ) -> Result<UpdateSubject, Error> {
        const OPERATION: &str = "take news of a user over";
        let row = Put::builder()
            .table_name(&self.tables.chat)
            .set_item(Some(item::subject::subject_row(hash, new)?))
            // Of two tokens at once the later one holds, in whichever order they come.
            .condition_expression("stated_at = :old")
            .expression_attribute_values(
                ":old",
                AttributeValue::N(old.stated_at.as_second().to_string()),
            )
            .build();
        let mut writes = vec![TransactWriteItem::builder().put(built(OPERATION, row)?).build()];
        let mut update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::profile(user.id).map()))
            .condition_expression("#name = :was")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":was", AttributeValue::S(user.name.as_str().to_owned()))
            .expression_attribute_values(":name", AttributeValue::S(name.as_str().to_owned()));
        update = match is_staff {
            Some(is_staff) => update
                .update_expression("SET #name = :name, is_staff = :staff")
                .expression_attribute_values(":staff", AttributeValue::Bool(is_staff)),
            None => update.update_expression("SET #name = :name"),
        };
        writes.push(TransactWriteItem::builder().update(built(OPERATION, update.build())?).build());
        writes.extend(self.other_words(OPERATION, user, name)?);
        Ok(match self.write_all(OPERATION, writes).await? {
            Written::Done => UpdateSubject::Updated,
            Written::Refused => UpdateSubject::ChangedMeanwhile,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, person, seconds_later};
    use crate::testing;

    fn said(user: &User, at: i64) -> Subject {
        let name = Some(user.name.as_str().to_owned());
        Subject { user_id: user.id, name, is_staff: Some(false), stated_at: seconds_later(at) }
    }

    #[tokio::test]
    async fn a_subject_is_taken_in_once_and_has_no_password() {
        let store = testing::store().await;
        let [ana, other] = [person(1, "ana", "Ana"), person(3, "ana.2", "Ana")];
        let subject = said(&ana, 0);
        assert_eq!(store.subject("hash").await.unwrap(), None);
        let (left, right) = (said(&ana, 0), said(&other, 0));
        let (one, two) = tokio::join!(
            store.create_subject("hash", &left, &ana),
            store.create_subject("hash", &right, &other)
        );
        let outcomes = [one.unwrap(), two.unwrap()];
        assert_eq!(outcomes.iter().filter(|one| **one == CreateSubject::Created).count(), 1);
        let found = store.subject("hash").await.unwrap().unwrap();
        assert!(found == subject || found == right);
        let user = store.user(found.user_id).await.unwrap().unwrap();
        let credentials = store.credentials(user.username.as_str()).await.unwrap().unwrap();
        assert_eq!((credentials.user_id, credentials.password_hash), (user.id, None));
        // A username is taken once, whoever takes it.
        let namesake = User { id: samples::user(5), ..user };
        let taken = store.create_subject("other", &said(&namesake, 0), &namesake).await;
        assert_eq!(taken.unwrap(), CreateSubject::Taken);
        assert_eq!(store.subject("other").await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_later_word_holds_and_is_found() {
        let store = testing::store().await;
        let ana = person(1, "ana", "Ana");
        let first = said(&ana, 0);
        store.create_subject("hash", &first, &ana).await.unwrap();
        let name = Name::parse("Zoë").unwrap();
        let second =
            Subject { name: Some("Zoë".to_owned()), stated_at: seconds_later(9), ..first };
        let update = async |old: &Subject, is_staff| {
            store.update_subject("hash", [old, &second], &ana, &name, is_staff).await.unwrap()
        };
        assert_eq!(update(&said(&ana, 0), Some(true)).await, UpdateSubject::Updated);
        assert_eq!(store.subject("hash").await.unwrap(), Some(second.clone()));
        let user = store.user(ana.id).await.unwrap().unwrap();
        assert_eq!((user.name.as_str(), user.is_staff), ("Zoë", true));
        assert_eq!(store.search_users("zoe", 5).await.unwrap(), [user]);
        assert_eq!(update(&said(&ana, 0), None).await, UpdateSubject::ChangedMeanwhile);
    }
}
