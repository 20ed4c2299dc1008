//! Reactions: written with the message's counts and the events that tell of them, all or none.
//!
//! Unlike every other row of a log, a message's row has many writers here. So a change names the
//! change before it, and whoever is second reads again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::{Author, Event, Message, OwnReaction, Reacting, RoomId, Seq, UserId};

use crate::change::{Entry, entry_row};
use crate::client::Call as _;
use crate::item;
use crate::item::message::REGULAR;
use crate::query::{Direction, Read, Stretch};
use crate::rooms::number;
use crate::transaction::{built, cancelled, once};
use crate::{Error, Store, key};

/// What became of a change of a message's reactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reacted {
    /// All of it is written.
    Done,
    /// None of it: the message changed meanwhile, or somebody else was at its row.
    Lost,
    /// A reader took the writer for dead and voided one of the numbers.
    Voided,
}

/// One user's reactions to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserReactions {
    /// The room.
    pub room_id: RoomId,
    /// The message.
    pub message_seq: Seq,
    /// Who.
    pub author: Author,
    /// How, oldest first.
    pub reactions: Vec<OwnReaction>,
}

impl Store {
    /// A message, and the reactions of `user` to it: one strong batch.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn message_and_own(
        &self,
        room: RoomId,
        seq: Seq,
        user: UserId,
    ) -> Result<(Option<Message>, Vec<OwnReaction>), Error> {
        let keys = vec![key::message(room, seq), key::reactions(room, seq, user)];
        let rows = self.batch("read a message", &self.tables.chat, keys, Read::Strong).await?;
        let (mut message, mut own) = (None, Vec::new());
        for row in rows {
            if key::reactor_of(&row).is_some() {
                own = item::reaction::own(row)?.1;
            } else {
                message = crate::history::message_of(item::message::message(row)?);
            }
        }
        Ok((message, own))
    }

    /// Writes what becomes of `message` when `author` changes their reactions, with `events`, which
    /// carry their numbers. The message must be as it was read, as far as its reactions go.
    ///
    /// # Errors
    /// If DynamoDB does not answer. It may have written them: reading tells.
    pub async fn react(
        &self,
        message: &Message,
        author: &Author,
        reacting: &Reacting,
        events: &[Event],
    ) -> Result<Reacted, Error> {
        const OPERATION: &str = "write a reaction";
        let mut writes = Vec::with_capacity(events.len() + 3);
        for event in events {
            let entry = Entry::Event(Box::new(event.clone()));
            writes.push(self.put_absent(OPERATION, entry_row(&entry)?)?);
        }
        let last = events.iter().filter_map(|event| event.seq).max().map_or(0, Seq::get);
        writes.push(self.recount(OPERATION, message, reacting, last)?);
        for key in [
            key::reactions(message.room_id, message.seq, author.id),
            key::my_reactions(author.id, message.room_id, message.seq),
        ] {
            writes.push(self.own(OPERATION, key, author, &reacting.own)?);
        }
        match once(writes).call(&self.client).await {
            Ok(_) => Ok(Reacted::Done),
            Err(error) => match cancelled(error.as_service_error()) {
                None => Err(Error::unavailable(OPERATION, error)),
                Some(reasons) => {
                    let voided = reasons.iter().take(events.len()).any(|one| one.is_condition());
                    Ok(if voided { Reacted::Voided } else { Reacted::Lost })
                }
            },
        }
    }

    fn recount(
        &self,
        operation: &'static str,
        message: &Message,
        reacting: &Reacting,
        last: u64,
    ) -> Result<TransactWriteItem, Error> {
        let unchanged = match message.reaction_seq {
            0 => "attribute_not_exists(reaction_seq)",
            _ => "reaction_seq = :before",
        };
        let mut update = Update::builder()
            .table_name(&self.tables.chat)
            .set_key(Some(key::message(message.room_id, message.seq).map()))
            .update_expression("SET reactions = :counts, reaction_seq = :last")
            .condition_expression(format!("#kind = :regular AND {unchanged}"))
            .expression_attribute_names("#kind", item::log::KIND)
            .expression_attribute_values(":regular", AttributeValue::S(REGULAR.to_owned()))
            .expression_attribute_values(":counts", item::reaction::counts(&reacting.counts)?)
            .expression_attribute_values(":last", number(last));
        if message.reaction_seq > 0 {
            update = update.expression_attribute_values(":before", number(message.reaction_seq));
        }
        Ok(TransactWriteItem::builder().update(built(operation, update.build())?).build())
    }

    /// No condition: whoever changes the same user's reactions to the same message meets the one on
    /// the message.
    fn own(
        &self,
        operation: &'static str,
        key: key::Key,
        author: &Author,
        own: &[OwnReaction],
    ) -> Result<TransactWriteItem, Error> {
        let write = TransactWriteItem::builder();
        if own.is_empty() {
            let delete =
                Delete::builder().table_name(&self.tables.chat).set_key(Some(key.map())).build();
            return Ok(write.delete(built(operation, delete)?).build());
        }
        let row = item::reaction::own_row(key, author, own)?;
        let put = Put::builder().table_name(&self.tables.chat).set_item(Some(row)).build();
        Ok(write.put(built(operation, put)?).build())
    }

    /// The reactions of one user to a message, read strongly.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn user_reactions(
        &self,
        room: RoomId,
        seq: Seq,
        user: UserId,
    ) -> Result<Option<UserReactions>, Error> {
        let key = key::reactions(room, seq, user);
        let row = self.chat_row("read a reaction", key, Read::Strong).await?;
        row.map(|row| {
            let (author, reactions) = item::reaction::own(row)?;
            Ok(UserReactions { room_id: room, message_seq: seq, author, reactions })
        })
        .transpose()
    }

    /// At most `limit` users' reactions to a message, by user id, from `from` on.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn reactions_to(
        &self,
        room: RoomId,
        seq: Seq,
        from: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<UserReactions>, Error> {
        let mut stretch = Stretch::prefixed(key::room(room), &key::reactions_to(seq));
        if let Some(from) = from {
            stretch.from = key::reactions(room, seq, from).sk;
        }
        let rows = self
            .stretch("list reactions", &stretch, Direction::Ascending, limit, Read::Strong)
            .await?;
        let described = |row| {
            let (author, reactions) = item::reaction::own(row)?;
            Ok(UserReactions { room_id: room, message_seq: seq, author, reactions })
        };
        rows.into_iter().map(described).collect()
    }

    /// At most `limit` of the messages that a user reacted to, by room and number, from `from` on.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn my_reactions(
        &self,
        user: UserId,
        from: Option<(RoomId, Seq)>,
        limit: usize,
    ) -> Result<Vec<UserReactions>, Error> {
        let mut stretch = Stretch::prefixed(key::user(user), key::MY_REACTIONS);
        if let Some((room, seq)) = from {
            stretch.from = key::my_reactions_sk(room, seq.get());
        }
        self.mine("list a user's reactions", &stretch, limit, Read::Strong).await
    }

    /// A user's reactions to the messages of a room from one number to another, by message. As they
    /// were a moment ago: this goes with a page of history, which is read so too.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn my_reactions_between(
        &self,
        user: UserId,
        room: RoomId,
        from: Seq,
        to: Seq,
    ) -> Result<HashMap<Seq, Vec<OwnReaction>>, Error> {
        let stretch = Stretch {
            pk: key::user(user),
            from: key::my_reactions_sk(room, from.get()),
            to: key::my_reactions_sk(room, to.get()),
        };
        let found = self.mine("read own reactions", &stretch, usize::MAX, Read::Eventual).await?;
        Ok(found.into_iter().map(|one| (one.message_seq, one.reactions)).collect())
    }

    async fn mine(
        &self,
        operation: &'static str,
        stretch: &Stretch,
        limit: usize,
        read: Read,
    ) -> Result<Vec<UserReactions>, Error> {
        let rows = self.stretch(operation, stretch, Direction::Ascending, limit, read).await?;
        let described = |row| {
            let (room_id, message_seq) = key::reacted_to(&row)
                .ok_or_else(|| Error::corrupt("reactions", "a key of another shape"))?;
            let (author, reactions) = item::reaction::own(row)?;
            Ok(UserReactions { room_id, message_seq, author, reactions })
        };
        rows.into_iter().map(described).collect()
    }

    /// Forgets who reacted to a message that is deleted. Doing it again changes nothing.
    ///
    /// # Errors
    /// If DynamoDB does not answer. What is left over is about a tombstone, which shows no reactions.
    pub async fn forget_reactions(&self, room: RoomId, seq: Seq) -> Result<(), Error> {
        const OPERATION: &str = "forget reactions";
        let reacted = self.reactions_to(room, seq, None, usize::MAX).await?;
        let keys = reacted.iter().flat_map(|one| {
            let user = one.author.id;
            [key::reactions(room, seq, user), key::my_reactions(user, room, seq)]
        });
        self.delete_all(OPERATION, &self.tables.chat, &keys.collect::<Vec<_>>()).await
    }
}
