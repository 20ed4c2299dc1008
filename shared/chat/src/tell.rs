//! Who is told of an event. A failure to tell is logged and swallowed: the log has the event, and
//! every client finds it there.

use std::collections::BTreeMap;

use domain::{Event, EventData, MAX_SMALL_ROOM_MEMBERS, Room, RoomId, Standing, UserId};
use futures_util::TryFutureExt;
use futures_util::future::{join, join_all, try_join, try_join_all};
use jiff::Timestamp;
use push::{Pace, Prepared};
use storage::Connection;

use crate::known::Members;
use crate::{App, By, Error};

/// Sees to the members of a room while `issuing`, so that neither waits for the other: those that
/// are known, or else they are read. None where that failed, or where they are too many to be told
/// one by one, or were the last time. The head that comes with the number tells whether they may be
/// relied on.
///
/// # Errors
/// Those of `issuing`.
pub(crate) async fn with_members<T>(
    app: &App,
    by: &By,
    room_id: RoomId,
    issuing: impl Future<Output = Result<T, Error>>,
) -> Result<(T, Option<Members>), Error> {
    match app.known.members(room_id, by.now) {
        Some(members) => Ok((issuing.await?, Some(members))),
        None if app.known.was_large(room_id) => Ok((issuing.await?, None)),
        None => {
            let (issued, members) = join(issuing, read_few(app, room_id, by.now)).await;
            Ok((issued?, members))
        }
    }
}

async fn read_few(app: &App, room_id: RoomId, now: Timestamp) -> Option<Members> {
    const MOST: usize = MAX_SMALL_ROOM_MEMBERS as usize;
    let members = app.store.members_after(room_id, None, MOST + 1).await.ok()?;
    (members.len() <= MOST).then(|| Members::new(now, members))
}

/// Tells everybody in the room what `writing` wrote, if it did. `room` is the head with the numbers
/// that it writes at.
///
/// Who is told is read meanwhile, as for a message: whoever comes after the numbers were issued
/// finds what is written at them, or their holes, in the log that they then read.
///
/// # Errors
/// That of `writing`, or if the audience cannot be read.
pub(crate) async fn tell_while(
    app: &App,
    by: &By,
    room: &Room,
    early: Option<Members>,
    writing: impl Future<Output = Result<Option<Vec<Event>>, Error>>,
) -> Result<bool, Error> {
    let (written, audience) = join(writing, audience(app, room, early, by.now)).await;
    let Some(events) = written? else { return Ok(false) };
    tell_audience(app, by, room, events, audience?).await;
    Ok(true)
}

/// The open connections that hear what happens in a room: of a small one those of its members, of a
/// large one those that have it open.
///
/// The `early` members are read again if they may have changed before the number was issued:
/// whoever came meanwhile may have read the log before it, and whoever left is told no more.
///
/// # Errors
/// If they cannot be read.
pub(crate) async fn audience(
    app: &App,
    room: &Room,
    early: Option<Members>,
    now: Timestamp,
) -> Result<Vec<Connection>, Error> {
    app.known.set_large(room.id, room.is_large());
    if room.is_large() {
        return audience_among(app, room, &[], now).await;
    }
    let members = match early.filter(|early| early.are_those_of(room)) {
        Some(members) => members,
        None => Members::new(now, app.store.members(room.id).await?),
    };
    let users = members.users();
    app.known.set_members(room.id, Some(members).filter(|members| members.are_those_of(room)));
    audience_among(app, room, &users, now).await
}

/// The same where the members are known, of whom a large room needs none.
async fn audience_among(
    app: &App,
    room: &Room,
    members: &[UserId],
    now: Timestamp,
) -> Result<Vec<Connection>, Error> {
    let mut open = if room.is_large() {
        app.store.subscribers(room.id, now).await?
    } else {
        app.store.connections(members, now).await?
    };
    if room.details.staff_only {
        let mut users: Vec<_> = open.iter().map(|one| one.user_id).collect();
        users.sort_unstable();
        users.dedup();
        let staff = app.store.staff_among(&users).await?;
        open.retain(|one| staff.contains(&one.user_id));
    }
    Ok(open)
}

/// Of the members of a room those who may hear of it: of a staff-only room those who are staff
/// now, whatever they were when they came in.
///
/// # Errors
/// If the users cannot be read.
pub(crate) async fn listeners(
    app: &App,
    staff_only: bool,
    members: Vec<UserId>,
) -> Result<Vec<UserId>, Error> {
    Ok(if staff_only { app.store.staff_among(&members).await? } else { members })
}

/// Tells these connections these events of a room in one frame, but not the one that gets the ack.
pub(crate) async fn tell_audience(
    app: &App,
    by: &By,
    room: &Room,
    events: Vec<Event>,
    audience: Vec<Connection>,
) {
    app.push.tell_prepared(prepared(by, room, events, audience), by.now).await;
}

/// What [`tell_audience`] tells, for events that are still being written.
pub(crate) fn prepared(
    by: &By,
    room: &Room,
    events: Vec<Event>,
    audience: Vec<Connection>,
) -> Prepared {
    let pace = if room.is_busy(audience.len(), by.now) { Pace::Busy } else { Pace::Quiet };
    Prepared::new(events, audience, by.connection.as_ref(), pace)
}

/// Tells these users these events in one frame, but not the connection that gets the ack.
pub(crate) async fn tell(app: &App, by: &By, events: Vec<Event>, users: &[UserId]) {
    if let Err(error) = app.push.tell(events, users, by.connection.as_ref(), by.now).await {
        tracing::warn!(error = %error, "nobody was told");
    }
}

/// Tells everybody in the room of a change of its members, and counts them anew. `room` is the head
/// with the last number of the change.
///
/// # Errors
/// If the members cannot be read or counted.
pub(crate) async fn tell_and_count(
    app: &App,
    by: &By,
    room: &Room,
    events: Vec<Event>,
) -> Result<u64, Error> {
    let members = app.store.members(room.id).await?;
    let users: Vec<_> = members.into_iter().map(|member| member.user_id).collect();
    let count = users.len() as u64;
    let (audience, before) = try_join(
        audience_among(app, room, &users, by.now),
        app.store.set_member_count(room.id, count, room.seq.get()).err_into(),
    )
    .await?;
    tell_audience(app, by, room, events, audience).await;
    let was_small = before.is_some_and(|before| before <= MAX_SMALL_ROOM_MEMBERS);
    if was_small && count > MAX_SMALL_ROOM_MEMBERS {
        subscribe_everybody(app, room.id, &users, by.now).await?;
    }
    Ok(count)
}

/// Lets those who are connected while a room becomes a large one hear of it on: they may have it
/// open. Whoever connects after it was counted as large says so.
async fn subscribe_everybody(
    app: &App,
    room_id: RoomId,
    members: &[UserId],
    now: Timestamp,
) -> Result<(), Error> {
    let mut by_user: BTreeMap<UserId, Vec<Connection>> = BTreeMap::new();
    for connection in app.store.connections(members, now).await? {
        by_user.entry(connection.user_id).or_default().push(connection);
    }
    // One after the other for each user: their connections share a row.
    try_join_all(by_user.into_values().map(|connections| async move {
        for connection in connections {
            app.store.subscribe(room_id, &connection).await?;
        }
        Ok::<_, Error>(())
    }))
    .await?;
    Ok(())
}

/// Tells each of these, on every device, that a room came into their list.
pub(crate) async fn tell_added(
    app: &App,
    by: &By,
    room: &Room,
    standings: impl IntoIterator<Item = &Standing>,
) {
    join_all(standings.into_iter().map(|standing| tell_one_added(app, by, room, standing))).await;
}

async fn tell_one_added(app: &App, by: &By, room: &Room, standing: &Standing) {
    let user = standing.membership.user_id;
    let data = EventData::RoomAdded { room: room.clone(), standing: standing.clone() };
    tell(app, by, vec![to_user(by, room.id, data)], &[user]).await;
}

/// An event to one user, which has no number.
pub(crate) fn to_user(by: &By, room_id: RoomId, data: EventData) -> Event {
    Event { room_id, seq: None, at: by.now, actor: Some(by.author()), data }
}

#[cfg(test)]
mod tests;
