//! Reading: how far the caller has got.

use domain::{Action, EventData, Room, RoomId, Seq, Standing};
use storage::MarkRead;

use crate::load::load_as_member;
use crate::tell::{tell, to_user};
use crate::{App, By, Error};

/// How far one has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    /// The number; 0 if nothing was read yet.
    pub last_read_seq: u64,
    /// What is left.
    pub unread_count: u64,
}

/// Moves the caller's reading mark forward, never back, and tells their other connections.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn read_room(app: &App, by: &By, room_id: RoomId, seq: u64) -> Result<ReadMark, Error> {
    let (room, standing) = load_as_member(app, by, room_id, Action::ReadRoom).await?;
    let Some(seq) = Seq::new(seq.min(room.seq.get())) else { return Ok(mark_of(&room, &standing)) };
    if standing.my_room.last_read_seq >= seq.get() {
        return Ok(mark_of(&room, &standing));
    }
    let mark = domain::ReadMark { seq, read_count: counted_upto(app, &room, seq).await? };
    match app.store.mark_read(room_id, by.actor.user_id, mark, by.now).await? {
        MarkRead::AlreadyPast(standing) => Ok(mark_of(&room, &standing)),
        MarkRead::NotAMember => Err(domain::Refusal::RoomNotFound.into()),
        MarkRead::Advanced => {
            let last_read_seq = seq.get();
            let unread_count = room.message_count.saturating_sub(mark.read_count);
            let read = EventData::RoomRead { last_read_seq, unread_count };
            tell(app, by, vec![to_user(by, room_id, read)], &[by.actor.user_id]).await;
            Ok(ReadMark { last_read_seq, unread_count })
        }
    }
}

/// Counted messages up to a number. Reading the newest message reads everything, so that what a
/// crash left too many is gone then.
async fn counted_upto(app: &App, room: &Room, seq: Seq) -> Result<u64, Error> {
    let newest = room.preview.as_ref().map(|preview| preview.seq);
    if newest.is_none_or(|newest| newest <= seq) {
        return Ok(room.message_count);
    }
    Ok(app.store.counted_upto(room.id, seq).await?)
}

fn mark_of(room: &Room, standing: &Standing) -> ReadMark {
    ReadMark {
        last_read_seq: standing.my_room.last_read_seq,
        unread_count: standing.my_room.unread_count(room),
    }
}

#[cfg(test)]
mod tests;
