//! Erasing a user: taking who they were out of the rows that keep a copy of it.
//!
//! Messages, notices and events carry the name that their author had then, so that a page of history
//! costs no look-up of users. So a name is in as many rows as somebody did things.

use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use domain::{
    Author, ClientId, EventData, Member, Message, MessageKind, RoomId, Seq, User, UserId,
};

use crate::client::Call as _;
use crate::item::log::{LogRow, StoredData, StoredEvent};
use crate::key::Key;
use crate::rooms::unless_refused;
use crate::transaction::{Commit, built};
use crate::words::user_words;
use crate::{Error, Store, key};

/// An attribute within a row, and what it becomes; nothing takes it away.
struct Part {
    path: &'static [&'static str],
    becomes: Option<String>,
}

impl Part {
    fn named(path: &'static [&'static str], erased: &User) -> Self {
        Self { path, becomes: Some(erased.name.as_str().to_owned()) }
    }
}

impl Store {
    /// Puts `erased` in the place of `user`, as it was read: nobody finds them by a word, and no list
    /// has them. The username is still theirs. [`Commit::Lost`] if they changed meanwhile.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn erase_profile(&self, user: &User, erased: &User) -> Result<Commit, Error> {
        const OPERATION: &str = "erase a profile";
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::profile(user.id).map()))
            .update_expression(
                "SET #name = :name, username = :username, is_banned = :yes, is_staff = :no \
                 REMOVE avatar_media_id",
            )
            .condition_expression("#name = :before")
            .expression_attribute_names("#name", "name")
            .expression_attribute_values(":before", text(user.name.as_str()))
            .expression_attribute_values(":name", text(erased.name.as_str()))
            .expression_attribute_values(":username", text(erased.username.as_str()))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .build();
        let mut writes =
            vec![TransactWriteItem::builder().update(built(OPERATION, update)?).build()];
        let words = user_words(user.username.as_str(), user.name.as_str());
        let words = words.iter().filter_map(|word| key::search_word(word, user.id));
        for key in words.chain([key::any_user(user.id)]) {
            let delete =
                Delete::builder().table_name(&self.tables.chat).set_key(Some(key.map())).build();
            writes.push(TransactWriteItem::builder().delete(built(OPERATION, delete)?).build());
        }
        self.transact(OPERATION, writes).await
    }

    /// Frees the username of a user who is erased, and forgets with it what they signed in by: their
    /// password, or that a subject of the outside issuer was them.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn forget_username(&self, username: &str, user: UserId) -> Result<(), Error> {
        const OPERATION: &str = "forget a username";
        let subject = self.credentials(username).await?.and_then(|found| found.subject);
        let delete = Delete::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::username(username).map()))
            // Whoever has taken it since keeps it.
            .condition_expression("user_id = :user")
            .expression_attribute_values(":user", AttributeValue::S(user.to_string()))
            .build();
        let mut writes =
            vec![TransactWriteItem::builder().delete(built(OPERATION, delete)?).build()];
        if let Some(subject) = subject {
            let delete = Delete::builder()
                .table_name(&self.tables.chat)
                .set_key(Some(key::subject(&subject).map()))
                .build();
            writes.push(TransactWriteItem::builder().delete(built(OPERATION, delete)?).build());
        }
        self.transact(OPERATION, writes).await?;
        Ok(())
    }

    /// Forgets which messages these names of a user's sends stood for.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn forget_sends(&self, user: UserId, names: &[ClientId]) -> Result<(), Error> {
        let keys: Vec<_> = names.iter().map(|name| key::dedup(user, name)).collect();
        self.delete_all("forget sends", &self.tables.ephemeral, &keys).await
    }

    /// Forgets that a user reacted to a message, where nothing shows it any more.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn forget_own_reactions(
        &self,
        room: RoomId,
        seq: Seq,
        user: UserId,
    ) -> Result<(), Error> {
        let keys = [key::reactions(room, seq, user), key::my_reactions(user, room, seq)];
        self.delete_all("forget reactions", &self.tables.chat, &keys).await
    }

    /// Puts the name of `erased` where a row of the log has another one of theirs. `false` if it had
    /// none.
    ///
    /// No version and no event tells of it: the text is the same.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn anonymise(
        &self,
        room: RoomId,
        row: &LogRow,
        erased: &User,
    ) -> Result<bool, Error> {
        let (key, parts) = match row {
            LogRow::Message(message) => {
                (key::message(room, message.seq), message_parts(message, erased))
            }
            LogRow::Event(event) => (key::event(room, event.seq), event_parts(event, erased)),
            LogRow::Void { .. } => return Ok(false),
        };
        if parts.is_empty() {
            return Ok(false);
        }
        self.set_parts(key, &parts, None).await
    }

    /// The same for what a room's head shows. `false` if it shows nothing of theirs.
    ///
    /// # Errors
    /// If DynamoDB does not answer; doing it again is safe.
    pub async fn anonymise_preview(&self, room: RoomId, erased: &User) -> Result<bool, Error> {
        let name = Part::named(&["preview", "author", "name"], erased);
        self.set_parts(key::head(room), &[name], Some(erased.id)).await
    }

    async fn set_parts(
        &self,
        key: Key,
        parts: &[Part],
        only_of: Option<UserId>,
    ) -> Result<bool, Error> {
        let mut update = UpdateItemInput::builder().table_name(&self.tables.chat);
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        for (number, Part { path, becomes }) in parts.iter().enumerate() {
            for segment in *path {
                update = update.expression_attribute_names(format!("#{segment}"), *segment);
            }
            let path = path.iter().map(|segment| format!("#{segment}"));
            let path = path.collect::<Vec<_>>().join(".");
            match becomes {
                Some(value) => {
                    let value = AttributeValue::S(value.clone());
                    update = update.expression_attribute_values(format!(":{number}"), value);
                    set.push(format!("{path} = :{number}"));
                }
                None => remove.push(path),
            }
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            expression.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        // An update makes the row that it does not find.
        let update = match only_of {
            None => update.condition_expression("attribute_exists(pk)"),
            Some(user) => update
                .condition_expression("#preview.#author.#id = :user")
                .expression_attribute_names("#id", "id")
                .expression_attribute_values(":user", AttributeValue::S(user.to_string())),
        };
        let update = update.set_key(Some(key.map())).update_expression(expression);
        unless_refused("take a name out", update.call(&self.client).await)
    }
}

/// Whether this is the user by another name.
fn is_named(author: Option<&Author>, erased: &User) -> bool {
    author.is_some_and(|author| author.id == erased.id && author.name != erased.name.as_str())
}

fn message_parts(message: &Message, erased: &User) -> Vec<Part> {
    let mut parts = Vec::new();
    match &message.kind {
        MessageKind::Regular { author, .. } | MessageKind::Deleted { author } => {
            if is_named(Some(author), erased) {
                parts.push(Part::named(&["author", "name"], erased));
            }
        }
        MessageKind::System(notice) => {
            if is_named(Some(&notice.actor), erased) {
                parts.push(Part::named(&["system", "actor", "name"], erased));
            }
            if is_named(notice.user.as_ref(), erased) {
                parts.push(Part::named(&["system", "user", "name"], erased));
            }
        }
    }
    parts
}

fn event_parts(event: &StoredEvent, erased: &User) -> Vec<Part> {
    let mut parts = Vec::new();
    if is_named(event.actor.as_ref(), erased) {
        parts.push(Part::named(&["actor", "name"], erased));
    }
    let StoredData::Whole(data) = &event.data else { return parts };
    if let EventData::MemberJoined(Member { user, .. })
    | EventData::MemberUpdated(Member { user, .. })
    | EventData::MemberLeft(Member { user, .. }) = data.as_ref()
        && user.id == erased.id
        && (user.name != erased.name || user.username != erased.username)
    {
        parts.push(Part::named(&["member", "name"], erased));
        let username = Some(erased.username.as_str().to_owned());
        parts.push(Part { path: &["member", "username"], becomes: username });
        parts.push(Part { path: &["member", "avatar_media_id"], becomes: None });
    }
    parts
}

#[cfg(test)]
mod tests {
    use crate::samples::{person, seconds_later};
    use crate::{Subject, testing};

    #[tokio::test]
    async fn what_somebody_signed_in_by_goes_with_their_username() {
        let store = testing::store().await;
        let ana = person(1, "ana", "Ana");
        let name = Some("Ana".to_owned());
        let subject =
            Subject { user_id: ana.id, name, is_staff: None, stated_at: seconds_later(0) };
        store.create_subject("hash", &subject, &ana).await.unwrap();
        // The control: it is nobody else's to forget.
        store.forget_username("ana", person(2, "ben", "Ben").id).await.unwrap();
        assert_eq!(store.subject("hash").await.unwrap(), Some(subject));
        store.forget_username("ana", ana.id).await.unwrap();
        assert_eq!(store.subject("hash").await.unwrap(), None);
        assert!(store.credentials("ana").await.unwrap().is_none());
    }
}
