//! Who is told of an event. A failure to tell is logged and swallowed: the log has the event, and
//! every client finds it there.

use domain::{Event, EventData, Room, RoomId, Standing, UserId};
use futures_util::future::{join_all, try_join};

use crate::{App, By, Error};

/// Tells everybody in the room who may hear of it these events in one frame; returns everybody.
///
/// The head is read again: the change that is told may have made the room staff-only.
///
/// # Errors
/// If the room or its members cannot be read.
pub(crate) async fn tell_room(
    app: &App,
    by: &By,
    room_id: RoomId,
    events: Vec<Event>,
) -> Result<Vec<UserId>, Error> {
    let (room, members) = try_join(app.store.room(room_id), app.store.members(room_id)).await?;
    let users: Vec<_> = members.into_iter().map(|member| member.user_id).collect();
    let staff_only = room.is_some_and(|room| room.details.staff_only);
    let listeners = listeners(app, staff_only, users.clone()).await?;
    tell(app, by, events, &listeners).await;
    Ok(users)
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

/// Tells these users these events in one frame, but not the connection that gets the ack.
pub(crate) async fn tell(app: &App, by: &By, events: Vec<Event>, users: &[UserId]) {
    if let Err(error) = app.push.tell(events, users, by.connection.as_ref(), by.now).await {
        tracing::warn!(error = %error, "nobody was told");
    }
}

/// Tells everybody in the room of a change of its members, and counts them anew.
///
/// The audience is read after the change anyway, so the count costs one write.
///
/// # Errors
/// If the members cannot be read or counted.
pub(crate) async fn tell_and_count(
    app: &App,
    by: &By,
    room_id: RoomId,
    events: Vec<Event>,
) -> Result<u64, Error> {
    let as_of = events.iter().filter_map(|event| event.seq).max().map_or(0, domain::Seq::get);
    let users = tell_room(app, by, room_id, events).await?;
    let count = users.len() as u64;
    app.store.set_member_count(room_id, count, as_of).await?;
    Ok(count)
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
