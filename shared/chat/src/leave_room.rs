//! Leaving a room.

use domain::{Action, Member, RateClass, Refusal, RoomId, SystemCode};
use futures_util::TryFutureExt;
use futures_util::future::try_join;

use crate::load::{load_as_member, other_owner};
use crate::take_out::take_out;
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Takes the caller out of a room, and tells everybody in it.
///
/// # Errors
/// A refusal, [`Refusal::LastOwner`] among them, or storage that does not answer.
pub async fn leave_room(app: &App, by: &By, room_id: RoomId) -> Result<(), Error> {
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let ((_, own), user) = try_join(
            load_as_member(app, by, room_id, Action::Leave),
            app.store.user(by.actor.user_id).err_into(),
        )
        .await?;
        let other = other_owner(app, &own.membership).await?;
        domain::leave(&own.membership, other.as_ref())?;
        let user = user.ok_or(Refusal::UserNotFound)?;
        let member = Member { membership: own.membership, user, my_room: None };
        let owner_left = other.map(|owner| owner.user_id);
        if take_out(app, by, member, SystemCode::MemberLeft, owner_left).await? {
            return Ok(());
        }
    }
    Err(Error::Contended)
}
