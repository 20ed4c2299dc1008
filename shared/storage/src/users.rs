//! Users, their unique names, and finding them.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::{MediaId, Name, User, UserId};

use crate::client::Call as _;
use crate::item::user::{Credentials, SignIn};
use crate::query::{Direction, Read, Stretch};
use crate::rooms::unless_refused;
use crate::transaction::{built, once};
use crate::words::{fold, user_words, words};
use crate::{Error, Store, item, key};

/// How often a transaction that met another one is sent again.
const ATTEMPTS: usize = 4;

/// Word rows read for each user asked for: one user may have several words that begin alike, and
/// the other words of the query strike some out.
const ROWS_FOR_ONE: usize = 3;

/// What became of a sign-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateUser {
    /// The user is there, and found by every word of the name.
    Created,
    /// Somebody else was first.
    UsernameTaken,
}

/// What became of a renaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenameUser {
    /// Everybody reads the new name, and searching finds it.
    Renamed,
    /// The user is gone or has another name by now: read it again.
    ChangedMeanwhile,
}

impl Store {
    /// A user.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        // Strongly: whoever signed up a moment ago is there.
        let row = self.chat_row("read a user", key::profile(id), Read::Strong).await?;
        row.map(item::user::user).transpose()
    }

    /// These users, in the order asked for, each once, without those who are not there.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, Error> {
        let mut unique = Vec::with_capacity(ids.len());
        for id in ids {
            if !unique.contains(id) {
                unique.push(*id); // DynamoDB refuses a batch that names a key twice.
            }
        }
        let keys = unique.iter().map(|id| key::profile(*id)).collect();
        let rows = self.batch("read users", &self.tables.chat, keys, Read::Eventual).await?;
        let mut users = HashMap::with_capacity(rows.len());
        for row in rows {
            let user = item::user::user(row)?;
            users.insert(user.id, user);
        }
        Ok(unique.iter().filter_map(|id| users.remove(id)).collect())
    }

    /// Those of these users who are staff now.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn staff_among(&self, ids: &[UserId]) -> Result<Vec<UserId>, Error> {
        let keys = ids.iter().map(|id| key::profile(*id)).collect();
        // Strongly: whoever is staff no more must not hear another word.
        let rows = self.batch("read users", &self.tables.chat, keys, Read::Strong).await?;
        let users = rows.into_iter().map(item::user::user);
        users
            .filter(|user| user.as_ref().map_or(true, |user| user.is_staff))
            .map(|user| user.map(|user| user.id))
            .collect()
    }

    /// What signing in under this name is checked against.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn credentials(&self, username: &str) -> Result<Option<Credentials>, Error> {
        let row = self.chat_row("read credentials", key::username(username), Read::Strong).await?;
        row.map(item::user::credentials).transpose()
    }

    /// Writes a new user: profile, credentials and search words, all or nothing.
    ///
    /// Two sign-ups under one name race here: the condition on the name decides.
    ///
    /// # Errors
    /// If DynamoDB does not answer. The user may be there all the same: signing in tells.
    pub async fn create_user(&self, user: &User, password_hash: &str) -> Result<CreateUser, Error> {
        const OPERATION: &str = "create a user";
        let writes = self.new_user(OPERATION, user, SignIn::Password { hash: password_hash })?;
        Ok(match self.write_all(OPERATION, writes).await? {
            Written::Done => CreateUser::Created,
            // Identifiers are never issued twice, so it is the name that was there.
            Written::Refused => CreateUser::UsernameTaken,
        })
    }

    /// The rows of a new user.
    pub(crate) fn new_user(
        &self,
        operation: &'static str,
        user: &User,
        sign_in: SignIn<'_>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut writes = Vec::new();
        for row in [
            item::user::credentials_row(user, sign_in)?,
            item::user::user_row(user)?,
            key::any_user(user.id).map(),
        ] {
            writes.push(self.put_absent(operation, row)?);
        }
        for word in user_words(user.username.as_str(), user.name.as_str()) {
            writes.extend(self.put_word(operation, &word, user.id)?);
        }
        Ok(writes)
    }

    /// Gives `user`, as it was read, another name; the search words follow.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn rename_user(&self, user: &User, name: &Name) -> Result<RenameUser, Error> {
        const OPERATION: &str = "rename a user";
        let update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::profile(user.id).map()))
            .update_expression("SET #name = :new")
            // Two renamings that did not know of each other would leave words behind.
            .condition_expression("#name = :old")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":old", AttributeValue::S(user.name.as_str().to_owned()))
            .expression_attribute_values(":new", AttributeValue::S(name.as_str().to_owned()))
            .build();
        let mut writes =
            vec![TransactWriteItem::builder().update(built(OPERATION, update)?).build()];
        writes.extend(self.other_words(OPERATION, user, name)?);
        Ok(match self.write_all(OPERATION, writes).await? {
            Written::Done => RenameUser::Renamed,
            Written::Refused => RenameUser::ChangedMeanwhile,
        })
    }

    /// The search words of a user who gets another name: those that go, and those that come.
    pub(crate) fn other_words(
        &self,
        operation: &'static str,
        user: &User,
        name: &Name,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let mut writes = Vec::new();
        let username = user.username.as_str();
        let (old, new) =
            (user_words(username, user.name.as_str()), user_words(username, name.as_str()));
        for word in old.iter().filter(|word| !new.contains(word)) {
            let Some(key) = key::search_word(word, user.id) else { continue };
            let delete =
                Delete::builder().table_name(&self.tables.chat).set_key(Some(key.map())).build();
            writes.push(TransactWriteItem::builder().delete(built(operation, delete)?).build());
        }
        for word in new.iter().filter(|word| !old.contains(word)) {
            writes.extend(self.put_word(operation, word, user.id)?);
        }
        Ok(writes)
    }

    /// Makes staff of a user, or staff no more. `false` if there is no such user.
    ///
    /// # Errors
    /// If DynamoDB does not answer; retrying is safe.
    pub async fn set_staff(&self, id: UserId, is_staff: bool) -> Result<bool, Error> {
        let update = self
            .update_profile(id)
            .update_expression("SET is_staff = :staff")
            .expression_attribute_values(":staff", AttributeValue::Bool(is_staff));
        unless_refused("make staff of a user", update.call(&self.client).await)
    }

    /// Gives a user another picture, or none.
    ///
    /// # Errors
    /// If DynamoDB does not answer, or there is no such user; retrying is safe.
    pub async fn set_avatar(&self, user: UserId, avatar: Option<MediaId>) -> Result<(), Error> {
        let update = self.update_profile(user);
        let update = match avatar {
            Some(avatar) => update
                .update_expression("SET avatar_media_id = :avatar")
                .expression_attribute_values(":avatar", AttributeValue::S(avatar.to_string())),
            None => update.update_expression("REMOVE avatar_media_id"),
        };
        update
            .call(&self.client)
            .await
            .map_err(|error| Error::unavailable("set a picture", error))?;
        Ok(())
    }

    /// At most `limit` users whose username begins with `query`, or of whose words one begins with
    /// each word of it. Case and accents do not matter.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn search_users(&self, query: &str, limit: usize) -> Result<Vec<User>, Error> {
        let query = fold(query.trim());
        let wanted: Vec<_> = words(&query).collect();
        // The longest word has the fewest users; a username may have dots and dashes within.
        let longest = wanted.iter().copied().max_by_key(|word| word.len());
        let prefixes = [Some(query.as_str()), longest.filter(|word| *word != query)];

        let mut ids: Vec<UserId> = Vec::new();
        for prefix in prefixes.into_iter().flatten() {
            let Some(first) = prefix.chars().next() else { continue };
            let stretch = Stretch::prefixed(key::search(first), prefix);
            let rows = self
                .stretch(
                    "search users",
                    &stretch,
                    Direction::Ascending,
                    limit.saturating_mul(ROWS_FOR_ONE),
                    Read::Eventual,
                )
                .await?;
            for row in rows {
                let id = item::user::found(row)?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        let mut users = self.users(&ids).await?;
        users.retain(|user| is_found(user, &query, &wanted));
        users.truncate(limit);
        Ok(users)
    }

    fn put_word(
        &self,
        operation: &'static str,
        word: &str,
        id: UserId,
    ) -> Result<Option<TransactWriteItem>, Error> {
        let Some(row) = item::user::word_row(word, id)? else {
            return Ok(None);
        };
        let put = Put::builder().table_name(&self.tables.chat).set_item(Some(row)).build();
        Ok(Some(TransactWriteItem::builder().put(built(operation, put)?).build()))
    }

    /// A change of a user who is there. An update would make one who is not.
    pub(crate) fn update_profile(&self, id: UserId) -> UpdateItemInputBuilder {
        let update = UpdateItemInput::builder().table_name(&self.tables.chat);
        let update = update.set_key(Some(key::profile(id).map()));
        update.condition_expression("attribute_exists(pk)")
    }

    pub(crate) async fn write_all(
        &self,
        operation: &'static str,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Written, Error> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Err(error) = once(writes.clone()).call(&self.client).await else {
                return Ok(Written::Done);
            };
            match cancelled_by(error.as_service_error()) {
                Some(Cancelled::Condition) => return Ok(Written::Refused),
                Some(Cancelled::Conflict) if attempts < ATTEMPTS => {}
                _ => return Err(Error::unavailable(operation, error)),
            }
        }
    }
}

/// Whether the words of a query find this user: the rows that were read say so of one word only,
/// and they may be a moment older than the name.
fn is_found(user: &User, query: &str, wanted: &[&str]) -> bool {
    let known = user_words(user.username.as_str(), user.name.as_str());
    let begins = |part: &&str| known.iter().any(|word| word.starts_with(part));
    user.username.as_str().starts_with(query) || (!wanted.is_empty() && wanted.iter().all(begins))
}

pub(crate) enum Written {
    Done,
    /// A condition did not hold; nothing was written.
    Refused,
}

enum Cancelled {
    Condition,
    /// Another transaction was at one of the rows.
    Conflict,
}

fn cancelled_by(error: Option<&TransactWriteItemsError>) -> Option<Cancelled> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return None;
    };
    let has = |code| cancelled.cancellation_reasons().iter().any(|one| one.code() == Some(code));
    if has("ConditionalCheckFailed") {
        Some(Cancelled::Condition)
    } else if has("TransactionConflict") {
        Some(Cancelled::Conflict)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
