//! Catching up: every change after a cursor, in order, or an explicit reset.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    Event, EventData, LogScan, Message, Refusal, Room, RoomId, RoomView, Seq, Slot, Standing, Sync,
    SyncRoom, Used, scan_log,
};
use futures_util::TryFutureExt as _;
use futures_util::future::{try_join, try_join_all};
use storage::{LogRow, StoredData, StoredEvent};

use crate::append::message_created;
use crate::list_rooms::{may_enter, with_rooms};
use crate::void::show_before;
use crate::{App, By, Error};

/// Most rooms in one call.
pub const MAX_SYNC_ROOMS: usize = 200;

/// A client further behind than this fetches the room afresh: it would show one screen of it anyway.
const MAX_BEHIND: u64 = 500;

/// Numbers that are told again after a reset: more than a room issues while a writer may be slow.
const RESET_OVERLAP: u64 = 100;

/// Events that one answer carries at the most. Rooms past it are answered with their own cursor, so
/// the client asks again.
const MAX_EVENTS: usize = 2_000;

/// Which rooms a client asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that it names, and whether it is in others.
    All,
    /// Those that it names: a gap is filled without reading the rest of the list.
    Named,
}

/// What happened in these rooms after these cursors.
///
/// Reads strongly, and voids the holes that it finds old: whoever asks twice is answered in full.
///
/// # Errors
/// [`Refusal::Invalid`] past [`MAX_SYNC_ROOMS`], or storage that does not answer.
pub async fn sync(
    app: &App,
    by: &By,
    cursors: &BTreeMap<RoomId, u64>,
    scope: Scope,
) -> Result<Sync, Error> {
    if cursors.len() > MAX_SYNC_ROOMS {
        let reason = format!("must name at most {MAX_SYNC_ROOMS} rooms");
        return Err(Refusal::Invalid { pointer: "/rooms", reason }.into());
    }
    let Found { rooms, others } = find(app, by, cursors, scope).await?;
    let mut sync = Sync::default();
    let mut left = MAX_EVENTS;
    for (room_id, cursor) in cursors {
        let Some(room) = rooms.get(room_id).filter(|room| may_enter(by, room)) else {
            sync.removed.push(*room_id);
            continue;
        };
        let answer = if left == 0 {
            unread(*cursor, room)
        } else {
            catch_up(app, by, room, *cursor).await?
        };
        if answer.reset {
            tracing::info!(target: "metrics", sync_resets = 1_u64);
        }
        left = left.saturating_sub(answer.events.len());
        sync.rooms.insert(*room_id, answer);
    }
    let view = |(room, standing)| RoomView { room, standing: Some(standing) };
    sync.added = others.into_iter().filter(|(room, _)| may_enter(by, room)).map(view).collect();
    Ok(sync)
}

/// The rooms that a caller is in.
struct Found {
    /// Those that they name, as they are now.
    rooms: HashMap<RoomId, Room>,
    /// The rest, as far as they ask for it, as it was a moment ago.
    others: Vec<(Room, Standing)>,
}

/// For all rooms one query tells which those are: reading a place beside every head would cost as much
/// as the heads, and reading the list as well half of that again.
async fn find(
    app: &App,
    by: &By,
    cursors: &BTreeMap<RoomId, u64>,
    scope: Scope,
) -> Result<Found, Error> {
    let caller = by.actor.user_id;
    if scope == Scope::Named {
        let asked: Vec<_> = cursors.keys().copied().collect();
        let found = app.store.rooms_and_standings(caller, &asked).await?;
        let inside = found.into_values().filter(|one| one.standing.is_some());
        let rooms = inside.filter_map(|one| one.room).map(|room| (room.id, room)).collect();
        return Ok(Found { rooms, others: Vec::new() });
    }
    let standings = app.store.standings(caller).await?;
    let (asked, others): (Vec<_>, Vec<_>) =
        standings.into_iter().partition(|one| cursors.contains_key(&one.membership.room_id));
    let asked: Vec<_> = asked.iter().map(|one| one.membership.room_id).collect();
    let (rooms, others) =
        try_join(app.store.rooms_now(&asked).map_err(Error::from), with_rooms(app, others)).await?;
    Ok(Found { rooms: rooms.into_iter().map(|room| (room.id, room)).collect(), others })
}

const fn unread(cursor: u64, room: &Room) -> SyncRoom {
    SyncRoom { events: Vec::new(), upto: cursor, head: room.seq.get(), reset: false }
}

/// Not the head itself is where to go on from: a writer may still be at work on a number before it,
/// which no page of history shows. The client knows most of what comes again, and drops it.
const fn reset(room: &Room) -> SyncRoom {
    let head = room.seq.get();
    SyncRoom { events: Vec::new(), upto: head.saturating_sub(RESET_OVERLAP), head, reset: true }
}

async fn catch_up(app: &App, by: &By, room: &Room, cursor: u64) -> Result<SyncRoom, Error> {
    let head = room.seq.get();
    // A cursor past the head is of another room's making: nothing can be proven from it.
    if cursor > head || head - cursor > MAX_BEHIND {
        return Ok(reset(room));
    }
    if cursor == head {
        return Ok(unread(cursor, room));
    }
    // Voiding old holes may uncover no new ones, so the second look is enough; a third is for a
    // writer that was quicker than the void.
    for _ in 0..3 {
        // With the row at the cursor itself, which dates the hole that may follow it.
        let mut rows = app.store.log(room.id, cursor.saturating_sub(1), head).await?;
        let known = rows.first().filter(|row| row.slot().seq.get() == cursor).map(LogRow::slot);
        let since = match known {
            Some(Slot { used: Used::Entry(at), .. }) => at,
            _ => room.created_at,
        };
        rows.retain(|row| row.slot().seq.get() > cursor);
        let slots: Vec<_> = rows.iter().map(LogRow::slot).collect();
        match scan_log(cursor, since, head, room.last_activity_at, &slots, by.now) {
            // From a little before the head, as every reset; but past all that has lapsed, or the
            // client would be sent back for ever.
            LogScan::Expired { upto } => {
                let answer = reset(room);
                return Ok(SyncRoom { upto: answer.upto.max(upto), ..answer });
            }
            LogScan::Holes { void, lapsed } => retire(app, by, room, &void, &lapsed).await?,
            LogScan::Proven { upto } => {
                rows.retain(|row| row.slot().seq.get() <= upto);
                let events = events(app, room, rows).await?;
                return Ok(SyncRoom { events, upto, head, reset: false });
            }
        }
    }
    Ok(unread(cursor, room))
}

/// Holes that are made useless at a time: a client from long ago may meet hundreds.
const RETIRED_AT_ONCE: usize = 32;

async fn retire(
    app: &App,
    by: &By,
    room: &Room,
    void: &[Seq],
    lapsed: &[Seq],
) -> Result<(), Error> {
    for holes in void.chunks(RETIRED_AT_ONCE) {
        try_join_all(holes.iter().map(|hole| app.store.void(room.id, *hole, by.now))).await?;
    }
    for holes in lapsed.chunks(RETIRED_AT_ONCE) {
        try_join_all(holes.iter().map(|hole| app.store.lapse(room.id, *hole, by.now))).await?;
    }
    // The head may show a message that will never be: show the one before it.
    if let Some(shown) = room.preview.as_ref().map(|preview| preview.seq)
        && (void.contains(&shown) || lapsed.contains(&shown))
        && app.store.message(room.id, shown).await?.is_none()
    {
        show_before(&app.store, room.id, shown).await?;
    }
    Ok(())
}

/// The events that these rows tell of, with messages and the room as they are now.
async fn events(app: &App, room: &Room, rows: Vec<LogRow>) -> Result<Vec<Event>, Error> {
    let wanted: HashSet<_> = rows
        .iter()
        .filter_map(|row| match row {
            LogRow::Event(event) => match event.data {
                StoredData::MessageUpdated(seq) | StoredData::MessageDeleted(seq) => Some(seq),
                _ => None,
            },
            LogRow::Message(_) | LogRow::Void { .. } => None,
        })
        .collect();
    let wanted: Vec<_> = wanted.into_iter().collect();
    let messages =
        if wanted.is_empty() { Vec::new() } else { app.store.messages(room.id, &wanted).await? };
    let messages: HashMap<_, _> =
        messages.into_iter().map(|message| (message.seq, message)).collect();
    // The head was read before the log: a change may have been numbered by then and written since.
    let changed =
        if rows.iter().any(tells_of_room) { app.store.room(room.id).await? } else { None };
    let room = changed.as_ref().unwrap_or(room);
    Ok(rows.into_iter().map(|row| told(room, &messages, row)).collect())
}

const fn tells_of_room(row: &LogRow) -> bool {
    matches!(row, LogRow::Event(StoredEvent { data: StoredData::RoomUpdated, .. }))
}

fn told(room: &Room, messages: &HashMap<Seq, Message>, row: LogRow) -> Event {
    match row {
        LogRow::Message(message) => message_created(message),
        LogRow::Void { seq, at, .. } => {
            Event { room_id: room.id, seq: Some(seq), at, actor: None, data: EventData::Void }
        }
        LogRow::Event(StoredEvent { room_id, seq, at, actor, data }) => {
            let message = |seq: Seq| messages.get(&seq).cloned();
            let data = match data {
                StoredData::Whole(data) => *data,
                StoredData::RoomCreated => EventData::RoomCreated(room.clone()),
                StoredData::RoomUpdated => EventData::RoomUpdated(room.clone()),
                StoredData::MessageUpdated(seq) => {
                    message(seq).map_or(EventData::Void, EventData::MessageUpdated)
                }
                StoredData::MessageDeleted(seq) => {
                    message(seq).map_or(EventData::Void, EventData::MessageDeleted)
                }
            };
            Event { room_id, seq: Some(seq), at, actor, data }
        }
    }
}

#[cfg(test)]
mod tests;
