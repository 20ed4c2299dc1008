//! Joining a public room.

use domain::{
    Action, EventData, Member, RateClass, Refusal, RoomId, RoomView, SystemCode, SystemNotice,
};
use storage::{Change, Issue, RoomAndStanding};

use crate::append::{Plan, append, event, notice};
use crate::enter::standing;
use crate::load::load;
use crate::tell::{tell_added, tell_and_count};
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Makes the caller a member of a public room and tells everybody in it. A member stays one.
///
/// From a socket it also opens the room: its connection hears what happens there from now on, however
/// large the room is.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn join_room(app: &App, by: &By, room_id: RoomId) -> Result<RoomView, Error> {
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let found = app.store.room_and_standing(room_id, by.actor.user_id).await?;
        let RoomAndStanding { room: Some(room), standing: place } = found else {
            return Err(Refusal::RoomNotFound.into());
        };
        if let Some(place) = place {
            domain::authorize(by.actor, &room, Some(&place.membership), Action::ReadRoom)?;
            return open(app, by, RoomView { room, standing: Some(place) }).await;
        }
        let permissions = domain::join(by.actor, &room)?;
        let user = app.store.user(by.actor.user_id).await?.ok_or(Refusal::UserNotFound)?;
        // A token may still say that they are staff: a place would outlive it.
        room.details.admit(&user)?;
        let mut joined = None;
        let written = append(app, room_id, Issue::Members(2), by.now, |head, first| {
            let place = standing(by, head, user.id, permissions, false);
            joined = Some(place.clone());
            let membership = place.membership.clone();
            let member = Member { membership, user, my_room: None };
            let told = SystemNotice {
                code: SystemCode::MemberJoined,
                actor: by.author(),
                user: None,
                name: None,
            };
            Plan {
                entries: vec![
                    event(by, room_id, first, EventData::MemberJoined(member)),
                    notice(by, head, first.next(), told),
                ],
                changes: vec![Change::Enter(place)],
            }
        })
        .await?;
        if let (Some((mut room, events)), Some(place)) = (written, joined) {
            room.member_count = tell_and_count(app, by, &room, events).await?;
            tell_added(app, by, &room, [&place]).await;
            return open(app, by, RoomView { room, standing: Some(place) }).await;
        }
    }
    Err(Error::Contended)
}

/// Lets the caller's connection hear of a large room; everybody in a small one hears of it anyway.
///
/// The room is read again after it, so that everything is either in it or told.
async fn open(app: &App, by: &By, view: RoomView) -> Result<RoomView, Error> {
    let (true, Some(id)) = (view.room.is_large(), &by.connection) else { return Ok(view) };
    let own = app.store.connections(&[by.actor.user_id], by.now).await?;
    let Some(connection) = own.into_iter().find(|one| one.id == *id) else { return Ok(view) };
    // Whoever was removed meanwhile is refused here, and by the reading after it.
    app.store.subscribe(view.room.id, &connection).await?;
    load(app, by, view.room.id, Action::ReadRoom).await
}
