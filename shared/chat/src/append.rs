//! Writing to a room's log what is no message of a user: changes of members, messages, the room.

use domain::{
    Author, Event, EventData, Member, Message, MessageKind, Refusal, Room, RoomId, Seq,
    SystemNotice,
};
use jiff::Timestamp;
use storage::{Change, Commit, Entry, Issue, Issued};

use crate::known::Members;
use crate::tell::{tell_while, with_members};
use crate::{App, By, Error};

/// What a change writes: the entries that tell of it, and the rows that it touches.
pub(crate) struct Plan {
    pub(crate) entries: Vec<Entry>,
    pub(crate) changes: Vec<Change>,
}

/// Numbers of a room's log that nothing is written at yet.
pub(crate) struct Numbers {
    /// The head with the last one.
    pub(crate) room: Room,
    /// How many.
    pub(crate) count: u64,
}

impl Numbers {
    /// Issues them.
    ///
    /// # Errors
    /// [`Refusal::RoomNotFound`] if the room is gone, or storage that does not answer.
    pub(crate) async fn issue(
        app: &App,
        room_id: RoomId,
        issue: Issue,
        now: Timestamp,
    ) -> Result<Self, Error> {
        match app.store.issue(room_id, &issue, now).await? {
            Issued::Numbered(room) => Ok(Self { room: *room, count: issue.count() }),
            Issued::NoRoom | Issued::StaffOnly => Err(Refusal::RoomNotFound.into()),
            // Only messages have a rate, or members that they rely on.
            Issued::Beyond(_) | Issued::MembersChanged => Err(Error::Contended),
        }
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Seq {
        Seq::new(self.room.seq.get() + 1 - self.count).unwrap_or(Seq::FIRST)
    }

    /// Voids them, so that no reader has to wait for them.
    ///
    /// # Errors
    /// If storage does not answer.
    pub(crate) async fn give_back(&self, app: &App, now: Timestamp) -> Result<(), Error> {
        let mut seq = self.first();
        for _ in 0..self.count {
            app.store.void(self.room.id, seq, now).await?;
            seq = seq.next();
        }
        Ok(())
    }

    /// Issues them, and reads who is in the room meanwhile.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub(crate) async fn issue_with_members(
        app: &App,
        by: &By,
        room_id: RoomId,
        issue: Issue,
    ) -> Result<(Self, Option<Members>), Error> {
        with_members(app, by, room_id, Self::issue(app, room_id, issue, by.now)).await
    }

    /// Writes a plan at them. `None` if the transaction lost a race: the numbers are void then, and
    /// the caller loads again.
    ///
    /// # Errors
    /// If storage does not answer.
    pub(crate) async fn write(
        &self,
        app: &App,
        plan: Plan,
        now: Timestamp,
    ) -> Result<Option<Vec<Event>>, Error> {
        let Plan { entries, changes } = plan;
        if app.store.commit(self.room.id, &entries, &changes).await? == Commit::Lost {
            self.give_back(app, now).await?;
            return Ok(None);
        }
        Ok(Some(entries.into_iter().map(told).collect()))
    }
}

/// Issues numbers, and writes what `plan` makes of them: given the head with the last one, and the
/// first. Gives that head too.
///
/// `None` if the transaction lost a race.
///
/// # Errors
/// As [`Numbers::issue`] and [`Numbers::write`].
pub(crate) async fn append(
    app: &App,
    room_id: RoomId,
    issue: Issue,
    now: Timestamp,
    plan: impl FnOnce(&Room, Seq) -> Plan + Send,
) -> Result<Option<(Room, Vec<Event>)>, Error> {
    let numbers = Numbers::issue(app, room_id, issue, now).await?;
    let plan = plan(&numbers.room, numbers.first());
    let written = numbers.write(app, plan, now).await?;
    Ok(written.map(|events| (numbers.room, events)))
}

/// Writes another standing of a member, with the event that says so, and tells everybody in the
/// room. `false` if the transaction lost a race.
///
/// # Errors
/// As [`append`], or if the audience cannot be read.
pub(crate) async fn change_member(
    app: &App,
    by: &By,
    member: Member,
    changes: Vec<Change>,
) -> Result<bool, Error> {
    let room_id = member.membership.room_id;
    let data = EventData::MemberUpdated(member);
    let numbers = Numbers::issue(app, room_id, Issue::Members(1), by.now).await?;
    let plan = Plan { entries: vec![event(by, room_id, numbers.first(), data)], changes };
    let writing = numbers.write(app, plan, by.now);
    tell_while(app, by, &numbers.room, None, writing).await
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
