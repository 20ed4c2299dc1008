//! Removing somebody from a room.

use domain::{Action, Member, RateClass, Refusal, RoomId, RoomView, SystemCode, UserId};
use futures_util::TryFutureExt;
use futures_util::future::try_join3;

use crate::load::{load, other_owner};
use crate::take_out::take_out;
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Removes a member, and tells them and everybody in the room.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn remove_member(
    app: &App,
    by: &By,
    room_id: RoomId,
    user_id: UserId,
) -> Result<(), Error> {
    if user_id == by.actor.user_id {
        return crate::leave_room(app, by, room_id).await;
    }
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let (RoomView { standing: own, .. }, found, user) = try_join3(
            load(app, by, room_id, Action::RemoveMember),
            app.store.room_and_standing(room_id, user_id).err_into(),
            app.store.user(user_id).err_into(),
        )
        .await?;
        let target = found.standing.ok_or(Refusal::MemberNotFound)?;
        let user = user.ok_or(Refusal::UserNotFound)?;
        let other = other_owner(app, &target.membership).await?;
        let member = Member { membership: target.membership.clone(), user, my_room: None };
        let own = own.as_ref().map(|own| &own.membership);
        domain::remove_member(by.actor, own, &member, other.as_ref())?;
        let code = SystemCode::MemberRemoved;
        if take_out(app, by, member, code, other.map(|owner| owner.user_id)).await? {
            return Ok(());
        }
    }
    Err(Error::Contended)
}
