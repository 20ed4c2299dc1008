//! Changing what a member may do, or how they want to hear of a room.

use domain::{Action, Member, MemberChange, RateClass, Refusal, RoomId, UserId};
use storage::Change;

use crate::list_members::described;
use crate::load::{load_as_member, other_owner};
use crate::{App, By, Error, MAX_TRIES, append, within_rate};

/// What somebody wants changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemberUpdate {
    /// Permissions and ownership: an owner's business.
    pub standing: Option<MemberChange>,
    /// Notifications: everybody's own business.
    pub muted: Option<bool>,
}

/// Changes a member and tells everybody in the room, except of what is the member's own.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn update_member(
    app: &App,
    by: &By,
    room_id: RoomId,
    user_id: UserId,
    update: MemberUpdate,
) -> Result<Member, Error> {
    within_rate(app, by, RateClass::Write).await?;
    if let Some(muted) = update.muted {
        load_as_member(app, by, room_id, Action::ReadRoom).await?;
        if user_id != by.actor.user_id {
            return Err(Refusal::Forbidden.into());
        }
        app.store.set_muted(room_id, user_id, muted).await?;
    }
    match update.standing {
        Some(change) => change_standing(app, by, room_id, user_id, change).await,
        None => crate::retrieve_member(app, by, room_id, user_id).await,
    }
}

async fn change_standing(
    app: &App,
    by: &By,
    room_id: RoomId,
    user_id: UserId,
    change: MemberChange,
) -> Result<Member, Error> {
    for _ in 0..MAX_TRIES {
        let (_, own) = load_as_member(app, by, room_id, Action::ChangeMember).await?;
        let found = app.store.room_and_standing(room_id, user_id).await?;
        let target = found.standing.ok_or(Refusal::MemberNotFound)?.membership;
        let other = other_owner(app, &target).await?;
        let changed = domain::change_member(&own.membership, &target, change, other.as_ref())?;
        let mut members = described(app, vec![changed.clone()]).await?;
        let member = members.pop().ok_or(Refusal::MemberNotFound)?;
        if changed == target {
            return Ok(member);
        }

        let steps_down = target.is_owner && !changed.is_owner;
        let mut changes = vec![Change::Stand { from: target, to: changed }];
        // Two owners who step down at once would each count on the other.
        changes.extend(other.filter(|_| steps_down).map(|owner| Change::StillOwner(owner.user_id)));
        if append::change_member(app, by, member.clone(), changes).await? {
            return Ok(member);
        }
    }
    Err(Error::Contended)
}

#[cfg(test)]
mod tests;
