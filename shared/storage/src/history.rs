//! Reading a room's log: pages of messages, single messages, and stretches for sync.

use domain::{Message, RoomId, Seq};

use crate::item::{self, log::LogRow};
use crate::query::{Direction, Read, Stretch};
use crate::{Error, Store, key};

/// Some messages of a room, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether the stretch ended there: nothing more lies beyond.
    pub exhausted: bool,
}

impl Store {
    /// The newest messages with a number of at most `upto`, at most `limit` of them.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn messages_upto(
        &self,
        room: RoomId,
        upto: u64,
        limit: usize,
    ) -> Result<History, Error> {
        let mut history =
            self.page(room, 1, upto, Direction::Descending, limit, Read::Eventual).await?;
        history.messages.reverse();
        Ok(history)
    }

    /// How many counted messages were numbered up to the newest message that is not after `seq`.
    ///
    /// Read strongly: who reads a message just after it was sent must not keep it as unread.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn counted_upto(&self, room: RoomId, seq: Seq) -> Result<u64, Error> {
        let page = self.page(room, 1, seq.get(), Direction::Descending, 1, Read::Strong).await?;
        Ok(page.messages.first().map_or(0, |message| message.ordinal))
    }

    /// The oldest messages with a number above `after`, at most `limit` of them.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn messages_after(
        &self,
        room: RoomId,
        after: u64,
        limit: usize,
    ) -> Result<History, Error> {
        let from = after.saturating_add(1);
        self.page(room, from, u64::MAX, Direction::Ascending, limit, Read::Eventual).await
    }

    /// The newest message before `seq` that somebody wrote, read strongly: what a room list shows
    /// instead of a message that never came to be.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn written_before(&self, room: RoomId, seq: Seq) -> Result<Option<Message>, Error> {
        // More than one look only behind a long run of notices.
        const LOOK: usize = 20;
        let mut upto = seq.get() - 1;
        loop {
            let page = self.page(room, 1, upto, Direction::Descending, LOOK, Read::Strong).await?;
            upto = page.messages.last().map_or(0, |message| message.seq.get() - 1);
            let found = page.messages.into_iter().find(|message| message.author().is_some());
            if found.is_some() || page.exhausted {
                return Ok(found);
            }
        }
    }

    async fn page(
        &self,
        room: RoomId,
        from: u64,
        to: u64,
        direction: Direction,
        limit: usize,
        read: Read,
    ) -> Result<History, Error> {
        let (mut from, mut to) = (from, to);
        let mut messages = Vec::new();
        // Voids are rows that no page shows, so a page may take more than one look.
        loop {
            if messages.len() == limit || from > to {
                return Ok(History { messages, exhausted: from > to });
            }
            let stretch = Stretch {
                pk: key::room(room),
                from: key::message_sk(from),
                to: key::message_sk(to),
            };
            let missing = limit - messages.len();
            let rows = self.stretch("read messages", &stretch, direction, missing, read).await?;
            let full = rows.len() == missing;
            for row in rows {
                let row = item::message::message(row)?;
                match direction {
                    Direction::Ascending => from = row.slot().seq.get().saturating_add(1),
                    Direction::Descending => to = row.slot().seq.get() - 1,
                }
                if let LogRow::Message(message) = row {
                    messages.push(message);
                }
            }
            if !full {
                return Ok(History { messages, exhausted: true });
            }
        }
    }

    /// One message, read strongly.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn message(&self, room: RoomId, seq: Seq) -> Result<Option<Message>, Error> {
        let row = self.chat_row("read a message", key::message(room, seq), Read::Strong).await?;
        Ok(row.map(item::message::message).transpose()?.and_then(message_of))
    }

    /// These messages of a room, in no order, without those that are not there. Strong reads.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn messages(&self, room: RoomId, seqs: &[Seq]) -> Result<Vec<Message>, Error> {
        let keys = seqs.iter().map(|seq| key::message(room, *seq)).collect();
        let rows = self.batch("read messages", &self.tables.chat, keys, Read::Strong).await?;
        let rows: Result<Vec<_>, _> = rows.into_iter().map(item::message::message).collect();
        Ok(rows?.into_iter().filter_map(message_of).collect())
    }

    /// Every row of the log above `after` up to `upto`, in order, read strongly.
    ///
    /// # Errors
    /// If DynamoDB does not answer.
    pub async fn log(&self, room: RoomId, after: u64, upto: u64) -> Result<Vec<LogRow>, Error> {
        const OPERATION: &str = "read a room's log";
        let from = after.saturating_add(1);
        if from > upto {
            return Ok(Vec::new());
        }
        let stretch =
            |sk: fn(u64) -> String| Stretch { pk: key::room(room), from: sk(from), to: sk(upto) };
        let (messages, events) = (stretch(key::message_sk), stretch(key::event_sk));
        let (messages, events) = futures_util::future::try_join(
            self.stretch(OPERATION, &messages, Direction::Ascending, usize::MAX, Read::Strong),
            self.stretch(OPERATION, &events, Direction::Ascending, usize::MAX, Read::Strong),
        )
        .await?;
        let mut rows = Vec::with_capacity(messages.len() + events.len());
        for row in messages {
            rows.push(item::message::message(row)?);
        }
        for row in events {
            rows.push(item::event::event(row)?);
        }
        rows.sort_by_key(|row| row.slot().seq);
        // A void is written at both places.
        rows.dedup_by_key(|row| row.slot().seq);
        Ok(rows)
    }
}

pub(crate) fn message_of(row: LogRow) -> Option<Message> {
    match row {
        LogRow::Message(message) => Some(message),
        LogRow::Event(_) | LogRow::Void { .. } => None,
    }
}

#[cfg(test)]
mod tests;
