//! The load step: the room, the caller's place in it, and whether they may.

use domain::{Action, Membership, Refusal, Room, RoomId, RoomView, Standing, authorize};
use storage::{RoomAndStanding, Store};

use crate::{App, By, Error};

/// One room, if the caller may see it.
///
/// # Errors
/// The refusal of [`Action::SeeRoom`].
pub async fn retrieve_room(app: &App, by: &By, room_id: RoomId) -> Result<RoomView, Error> {
    let RoomView { room, standing } = load(app, by, room_id, Action::SeeRoom).await?;
    Ok(RoomView::seen_by(by.actor, room, standing))
}

/// The room and the caller's place in it, if they may do `action` there.
pub(crate) async fn load(
    app: &App,
    by: &By,
    room_id: RoomId,
    action: Action,
) -> Result<RoomView, Error> {
    load_from(&app.store, by, room_id, action).await
}

/// The same for an operation that tells nobody.
pub(crate) async fn load_from(
    store: &Store,
    by: &By,
    room_id: RoomId,
    action: Action,
) -> Result<RoomView, Error> {
    let RoomAndStanding { room, standing } =
        store.room_and_standing(room_id, by.actor.user_id).await?;
    let room = room.ok_or(Refusal::RoomNotFound)?;
    authorize(by.actor, &room, standing.as_ref().map(|one| &one.membership), action)?;
    Ok(RoomView { room, standing })
}

/// The same for what takes a place in the room.
pub(crate) async fn load_as_member(
    app: &App,
    by: &By,
    room_id: RoomId,
    action: Action,
) -> Result<(Room, Standing), Error> {
    let RoomView { room, standing } = load(app, by, room_id, action).await?;
    // Staff may look at a room without a place in it; what takes a place is not for them.
    let listed = room.details.is_listed();
    let stranger = if listed { Refusal::RoomAccessDenied } else { Refusal::Forbidden };
    Ok((room, standing.ok_or(stranger)?))
}

/// Some owner of the room besides `member`, where that matters: only if `member` owns it.
pub(crate) async fn other_owner(
    app: &App,
    member: &Membership,
) -> Result<Option<Membership>, Error> {
    if !member.is_owner {
        return Ok(None);
    }
    let members = app.store.members(member.room_id).await?;
    Ok(members.into_iter().find(|other| other.is_owner && other.user_id != member.user_id))
}
