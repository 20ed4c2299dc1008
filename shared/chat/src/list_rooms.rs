//! The rooms of one user, by last activity.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::{Room, RoomId, RoomView, Standing};
use jiff::Timestamp;

use crate::{App, By, Error};

/// A place in the list: after the room with this activity and identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomCursor {
    /// Its last activity.
    pub last_activity_at: Timestamp,
    /// The room.
    pub room_id: RoomId,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPage {
    /// The rooms, liveliest first.
    pub rooms: Vec<RoomView>,
    /// Where the next page begins.
    pub next: Option<RoomCursor>,
}

/// At most `limit` of the caller's rooms, the one with the latest activity first.
///
/// Activity is kept in the rooms' heads only, so that a send writes nothing per member; the price
/// is that every head is read to sort them.
///
/// # Errors
/// If storage does not answer.
pub async fn list_rooms(
    app: &App,
    by: &By,
    after: Option<RoomCursor>,
    limit: usize,
) -> Result<RoomPage, Error> {
    let mut rooms = my_rooms(app, by).await?;
    rooms.sort_by_key(|(room, _)| order(room));
    if let Some(RoomCursor { last_activity_at, room_id }) = after {
        rooms.retain(|(room, _)| order(room) > (Reverse(last_activity_at), room_id));
    }
    let more = rooms.len() > limit;
    rooms.truncate(limit);
    let last = rooms.last().filter(|_| more);
    let next = last
        .map(|(room, _)| RoomCursor { last_activity_at: room.last_activity_at, room_id: room.id });
    let rooms = rooms
        .into_iter()
        .map(|(room, standing)| RoomView { room, standing: Some(standing) })
        .collect();
    Ok(RoomPage { rooms, next })
}

fn order(room: &Room) -> (Reverse<Timestamp>, RoomId) {
    (Reverse(room.last_activity_at), room.id)
}

/// Every room that the caller is in and may enter, in no order.
pub(crate) async fn my_rooms(app: &App, by: &By) -> Result<Vec<(Room, Standing)>, Error> {
    let standings = app.store.standings(by.actor.user_id).await?;
    let mut rooms = with_rooms(app, standings).await?;
    rooms.retain(|(room, _)| may_enter(by, room));
    Ok(rooms)
}

/// These places with their rooms as they were a moment ago, without those that are gone.
pub(crate) async fn with_rooms(
    app: &App,
    standings: Vec<Standing>,
) -> Result<Vec<(Room, Standing)>, Error> {
    let ids: Vec<_> = standings.iter().map(|one| one.membership.room_id).collect();
    let mut rooms: HashMap<_, _> =
        app.store.rooms(&ids).await?.into_iter().map(|room| (room.id, room)).collect();
    Ok(standings
        .into_iter()
        .filter_map(|standing| Some((rooms.remove(&standing.membership.room_id)?, standing)))
        .collect())
}

/// Whether a room that the caller is in is open to them still.
pub(crate) const fn may_enter(by: &By, room: &Room) -> bool {
    by.actor.is_staff || !room.details.staff_only
}
