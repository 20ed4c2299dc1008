//! Writing to a room's log what is no message of a user: changes of members, messages, the room.

use domain::{Author, Event, EventData, Message, MessageKind, Room, RoomId, Seq, SystemNotice};
use jiff::Timestamp;
use storage::{Change, Commit, Entry, Issue, Issued};

use crate::{App, By, Error};

/// What a change writes: the entries that tell of it, and the rows that it touches.
pub(crate) struct Plan {
    pub(crate) entries: Vec<Entry>,
    pub(crate) changes: Vec<Change>,
}

/// Issues `count` numbers, and writes what `plan` makes of them: given the first number, and the
/// head with the last one.
///
/// `None` if the transaction lost a race: its numbers are void then, and the caller loads again.
///
/// # Errors
/// [`domain::Refusal::RoomNotFound`] if the room is gone, [`Error::Unavailable`] if storage does not answer.
pub(crate) async fn append(
    app: &App,
    room_id: RoomId,
    count: u64,
    now: Timestamp,
    plan: impl FnOnce(&Room, Seq) -> Plan + Send,
) -> Result<Option<Vec<Event>>, Error> {
    let room = match app.store.issue(room_id, &Issue::Entries(count), now).await? {
        Issued::Numbered(room) => room,
        Issued::NoRoom | Issued::StaffOnly => return Err(domain::Refusal::RoomNotFound.into()),
        // Only messages have a rate.
        Issued::Beyond(_) => return Err(Error::Contended),
    };
    let first = Seq::new(room.seq.get() + 1 - count).unwrap_or(Seq::FIRST);
    let Plan { entries, changes } = plan(&room, first);
    if app.store.commit(room_id, &entries, &changes).await? == Commit::Lost {
        let mut seq = first;
        for _ in 0..count {
            app.store.void(room_id, seq, now).await?;
            seq = seq.next();
        }
        return Ok(None);
    }
    Ok(Some(entries.into_iter().map(told).collect()))
}

fn told(entry: Entry) -> Event {
    match entry {
        Entry::Event(event) => *event,
        Entry::Message(message) => message_created(*message),
    }
}

/// The event that tells of a new message.
pub(crate) fn message_created(message: Message) -> Event {
    Event {
        room_id: message.room_id,
        seq: Some(message.seq),
        at: message.created_at,
        actor: message.author().cloned(),
        data: EventData::MessageCreated(message),
    }
}

/// A numbered event of `by`.
pub(crate) fn event(by: &By, room_id: RoomId, seq: Seq, data: EventData) -> Entry {
    let actor: Author = by.author();
    Entry::Event(Box::new(Event { room_id, seq: Some(seq), at: by.now, actor: Some(actor), data }))
}

/// A system message. It carries the count of messages before it and adds nothing to it.
pub(crate) fn notice(by: &By, room: &Room, seq: Seq, notice: SystemNotice) -> Entry {
    Entry::Message(Box::new(Message {
        room_id: room.id,
        seq,
        client_id: None,
        ordinal: room.message_count,
        kind: MessageKind::System(notice),
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: by.now,
        edited_at: None,
        version: 1,
    }))
}
