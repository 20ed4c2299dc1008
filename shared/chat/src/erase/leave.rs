//! Leaving a room for good: it is handed over where it must be, and deleted where nobody is left.

use domain::{Member, Membership, Permissions, RoomId, RoomType, SystemCode, User};
use jiff::Timestamp;
use storage::{Change, RoomAndStanding};

use super::as_erased;
use crate::append::change_member;
use crate::delete_room::remove_room;
use crate::list_members::described;
use crate::take_out::take_out;
use crate::{App, By, Error, MAX_TRIES};

/// What became of a room that was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The others have it.
    Left,
    /// They were the last owner: whoever has been there the longest owns it now.
    HandedOver,
    /// Nobody else was in it: it is deleted.
    Deleted,
    /// They were no member.
    NoMember,
}

/// Takes an erased user out of a room, whatever its rules say of leaving.
///
/// # Errors
/// If storage does not answer.
pub async fn leave_for_good(
    app: &App,
    erased: &User,
    room_id: RoomId,
    now: Timestamp,
) -> Result<Left, Error> {
    let by = &as_erased(erased, now);
    let mut left = Left::Left;
    for _ in 0..MAX_TRIES {
        let found = app.store.room_and_standing(room_id, erased.id).await?;
        let RoomAndStanding { room, standing: Some(standing) } = found else {
            return Ok(Left::NoMember);
        };
        let Some(room) = room else {
            // It was deleted, and whoever did that was cut short.
            app.store.forget_members(room_id, &[erased.id]).await?;
            return Ok(Left::NoMember);
        };
        let own = standing.membership;
        let mut others = app.store.members(room_id).await?;
        others.retain(|member| member.user_id != erased.id);
        others.sort_unstable_by_key(|member| (member.joined_at, member.user_id));
        let Some(oldest) = others.first() else {
            if remove_room(app, by, &room).await? {
                return Ok(Left::Deleted);
            }
            continue;
        };
        let owner = others.iter().find(|member| member.is_owner);
        if owner.is_none() && own.is_owner && room.room_type != RoomType::PrivateMessages {
            if hand_over(app, by, oldest).await? {
                left = Left::HandedOver;
            }
            continue;
        }
        let owner_left = owner.filter(|_| own.is_owner).map(|owner| owner.user_id);
        let member = Member { membership: own, user: erased.clone(), my_room: None };
        if take_out(app, by, member, SystemCode::MemberLeft, owner_left).await? {
            return Ok(left);
        }
    }
    Err(Error::Contended)
}

/// Makes an owner of a member. `false` if somebody else was quicker.
async fn hand_over(app: &App, by: &By, heir: &Membership) -> Result<bool, Error> {
    let owner = Membership { is_owner: true, permissions: Permissions::ALL, ..heir.clone() };
    let Some(member) = described(app, vec![owner.clone()]).await?.pop() else { return Ok(false) };
    let changes = vec![Change::Stand { from: heir.clone(), to: owner }];
    change_member(app, by, member, changes).await
}
