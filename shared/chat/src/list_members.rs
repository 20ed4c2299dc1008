//! Who is in a room.

use std::collections::HashMap;

use domain::{Action, Member, Membership, MyRoom, Refusal, RoomId, UserId};
use futures_util::future::try_join;

use crate::load::load;
use crate::{App, By, Error};

/// A page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The members, by user id.
    pub members: Vec<Member>,
    /// Where the next page begins.
    pub next: Option<UserId>,
}

/// At most `limit` members of a room, after `after`.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn list_members(
    app: &App,
    by: &By,
    room_id: RoomId,
    after: Option<UserId>,
    limit: usize,
) -> Result<MemberPage, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let mut memberships = app.store.members_after(room_id, after, limit + 1).await?;
    let more = memberships.len() > limit;
    memberships.truncate(limit);
    let next = memberships.last().filter(|_| more).map(|member| member.user_id);
    Ok(MemberPage { members: described(app, memberships).await?, next })
}

/// One member of a room.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn retrieve_member(
    app: &App,
    by: &By,
    room_id: RoomId,
    user_id: UserId,
) -> Result<Member, Error> {
    load(app, by, room_id, Action::ReadRoom).await?;
    let found = app.store.room_and_standing(room_id, user_id).await?;
    let membership = found.standing.ok_or(Refusal::MemberNotFound)?.membership;
    let mut members = described(app, vec![membership]).await?;
    Ok(members.pop().ok_or(Refusal::MemberNotFound)?)
}

/// These members with their profiles and how far they have read, in the same order.
pub(crate) async fn described(app: &App, members: Vec<Membership>) -> Result<Vec<Member>, Error> {
    let Some(room_id) = members.first().map(|member| member.room_id) else { return Ok(Vec::new()) };
    let ids: Vec<_> = members.iter().map(|member| member.user_id).collect();
    let (users, standings) =
        try_join(app.store.users(&ids), app.store.standings_in(room_id, &ids)).await?;
    let mut users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let mut rows: HashMap<UserId, MyRoom> =
        standings.into_iter().map(|one| (one.membership.user_id, one.my_room)).collect();
    Ok(members
        .into_iter()
        .filter_map(|membership| {
            let user = users.remove(&membership.user_id)?;
            let my_room = rows.remove(&membership.user_id);
            Some(Member { membership, user, my_room })
        })
        .collect())
}
