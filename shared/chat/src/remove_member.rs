//! Removing somebody from a room.

use domain::{
    Action, EventData, Member, RateClass, Refusal, RoomId, RoomView, SystemCode, SystemNotice,
    UserId,
};
use futures_util::TryFutureExt;
use futures_util::future::{join, try_join3};
use storage::Change;

use crate::append::{Plan, append, event, notice};
use crate::load::{load, other_owner};
use crate::tell::{tell, tell_and_count, to_user};
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

/// Writes that a member is one no more, and tells. `false` if somebody else was quicker.
///
/// They hear nothing more of a large room from before it is written, so that a crash leaves nobody
/// listening; and once more after it, in case they opened the room in between.
pub(crate) async fn take_out(
    app: &App,
    by: &By,
    member: Member,
    code: SystemCode,
    owner_left: Option<UserId>,
) -> Result<bool, Error> {
    let Member { membership, user, .. } = &member;
    let (room_id, user_id) = (membership.room_id, user.id);
    let author = domain::Author { id: user_id, name: user.name.as_str().to_owned() };
    let mut changes = vec![Change::Leave(membership.clone())];
    // Two owners who leave at once would each count on the other.
    changes.extend(owner_left.map(Change::StillOwner));
    app.store.unsubscribe(room_id, user_id, by.now).await?;
    let written = append(app, room_id, 2, by.now, |head, first| {
        let removed = code == SystemCode::MemberRemoved;
        let told =
            SystemNotice { code, actor: by.author(), user: removed.then_some(author), name: None };
        Plan {
            entries: vec![
                event(by, room_id, first, EventData::MemberLeft(member)),
                notice(by, head, first.next(), told),
            ],
            changes,
        }
    })
    .await?;
    let Some((room, events)) = written else { return Ok(false) };
    app.store.unsubscribe(room_id, user_id, by.now).await?;
    let gone = vec![to_user(by, room_id, EventData::RoomRemoved)];
    let users = [user_id];
    let (_, counted) =
        join(tell(app, by, gone, &users), tell_and_count(app, by, &room, events)).await;
    counted?;
    Ok(true)
}
