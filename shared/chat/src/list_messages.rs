//! Reading a page of history.

use domain::{Action, Message, RoomId};
use futures_util::future::try_join;
use storage::History;

use crate::load::load;
use crate::mine::mark_mine;
use crate::{App, By, Error};

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// The newest messages.
    Newest,
    /// Those before this number.
    Before(u64),
    /// Those after this number.
    After(u64),
    /// Those around this number, itself included.
    Seq(u64),
}

/// A page of history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// Nothing is before them.
    pub found_oldest: bool,
    /// Nothing is after them.
    pub found_newest: bool,
    /// The last number that was looked at, where only some were looked for.
    pub searched_to_seq: Option<u64>,
}

/// At most `limit` messages of a room.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn list_messages(
    app: &App,
    by: &By,
    room_id: RoomId,
    around: Around,
    limit: usize,
) -> Result<MessagePage, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let (before, after) = match around {
        Around::Newest => (app.store.messages_upto(room_id, u64::MAX, limit).await?, End::Reached),
        Around::Before(seq) => {
            (app.store.messages_upto(room_id, seq.saturating_sub(1), limit).await?, End::Beyond)
        }
        Around::After(seq) => {
            let after = app.store.messages_after(room_id, seq, limit).await?;
            let nothing = History { messages: Vec::new(), exhausted: seq == 0 };
            (nothing, End::Read(after))
        }
        Around::Seq(seq) => {
            let half = limit.div_ceil(2);
            let (before, after) = try_join(
                app.store.messages_upto(room_id, seq, half),
                app.store.messages_after(room_id, seq, limit - half),
            )
            .await?;
            (before, End::Read(after))
        }
    };
    let History { mut messages, exhausted: found_oldest } = before;
    let found_newest = match after {
        End::Reached => true,
        End::Beyond => false,
        End::Read(after) => {
            messages.extend(after.messages);
            after.exhausted
        }
    };
    mark_mine(app, by, room_id, &mut messages).await?;
    Ok(MessagePage { messages, found_oldest, found_newest, searched_to_seq: None })
}

/// What is known about the messages after a page.
enum End {
    /// The page was read from the end.
    Reached,
    /// The page was asked for before some message.
    Beyond,
    /// They were read too.
    Read(History),
}
