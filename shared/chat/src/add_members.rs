//! Letting people into a room.

use std::collections::HashMap;

use domain::{
    Action, Author, EventData, MAX_MEMBERS_PER_CALL, Member, NewMember, RateClass, Refusal, Room,
    RoomId, Standing, SystemCode, SystemNotice, User, UserId,
};
use futures_util::future::try_join;
use storage::{Change, Issue};

use crate::append::{Plan, append, event, notice};
use crate::enter::standing;
use crate::load::load_as_member;
use crate::tell::{tell_added, tell_and_count};
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Members written in one transaction: an event, a system message and two rows each, within 100.
const AT_ONCE: usize = 20;

/// What became of one of those named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedMember {
    /// Who.
    pub user_id: UserId,
    /// The new member, or why not.
    pub outcome: Result<Member, Refusal>,
}

/// Lets people in and tells everybody in the room. One result for each, in their order: that one is
/// a member already does not keep the others out.
///
/// # Errors
/// A refusal of the whole, or storage that does not answer. Asking again is safe.
pub async fn add_members(
    app: &App,
    by: &By,
    room_id: RoomId,
    members: Vec<NewMember>,
) -> Result<Vec<AddedMember>, Error> {
    within_rate(app, by, RateClass::Write).await?;
    if members.is_empty() || members.len() > MAX_MEMBERS_PER_CALL {
        let reason = format!("must name 1 to {MAX_MEMBERS_PER_CALL} users");
        return Err(Refusal::Invalid { pointer: "/members", reason }.into());
    }
    let mut added = Vec::with_capacity(members.len());
    for chunk in members.chunks(AT_ONCE) {
        added.extend(add_some(app, by, room_id, chunk).await?);
    }
    Ok(added)
}

async fn add_some(
    app: &App,
    by: &By,
    room_id: RoomId,
    members: &[NewMember],
) -> Result<Vec<AddedMember>, Error> {
    for _ in 0..MAX_TRIES {
        let (room, own) = load_as_member(app, by, room_id, Action::AddMembers).await?;
        let judged = judge(app, &room, &own, members).await?;
        let entering: Vec<_> =
            judged.iter().filter_map(|(_, judgement)| judgement.clone().ok()).collect();
        let added = |entered: &[(Standing, User)]| -> Vec<AddedMember> {
            judged
                .iter()
                .map(|(user_id, judgement)| AddedMember {
                    user_id: *user_id,
                    outcome: judgement.clone().and_then(|(user, _)| {
                        let found = entered.iter().find(|(_, entered)| entered.id == user.id);
                        found
                            .map(|(standing, user)| described(standing, user))
                            .ok_or(Refusal::AlreadyMember)
                    }),
                })
                .collect()
        };
        if entering.is_empty() {
            return Ok(added(&[]));
        }

        let mut entered = Vec::with_capacity(entering.len());
        let issue = Issue::Members(2 * entering.len() as u64);
        let written = append(app, room_id, issue, by.now, |room, first| {
            let mut seq = first;
            let mut plan = Plan { entries: Vec::new(), changes: Vec::new() };
            for (user, permissions) in entering {
                let place = standing(by, room, user.id, permissions, false);
                let author = Author { id: user.id, name: user.name.as_str().to_owned() };
                let told = SystemNotice {
                    code: SystemCode::MemberAdded,
                    actor: by.author(),
                    user: Some(author),
                    name: None,
                };
                let joined = EventData::MemberJoined(described(&place, &user));
                plan.entries.push(event(by, room_id, seq, joined));
                plan.entries.push(notice(by, room, seq.next(), told));
                plan.changes.push(Change::Enter(place.clone()));
                seq = seq.next().next();
                entered.push((place, user));
            }
            plan
        })
        .await?;
        if let Some((mut room, events)) = written {
            room.member_count = tell_and_count(app, by, &room, events).await?;
            tell_added(app, by, &room, entered.iter().map(|(place, _)| place)).await;
            return Ok(added(&entered));
        }
    }
    Err(Error::Contended)
}

fn described(standing: &Standing, user: &User) -> Member {
    Member {
        membership: standing.membership.clone(),
        user: user.clone(),
        my_room: Some(standing.my_room.clone()),
    }
}

type Judgement = Result<(User, domain::Permissions), Refusal>;

/// For each of those named: who enters with what, or why not.
async fn judge(
    app: &App,
    room: &Room,
    own: &Standing,
    members: &[NewMember],
) -> Result<Vec<(UserId, Judgement)>, Error> {
    let ids: Vec<_> = members.iter().map(|member| member.user_id).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    let (users, inside) =
        try_join(app.store.users(&unique), app.store.standings_in(room.id, &unique)).await?;
    let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let mut inside: Vec<_> = inside.into_iter().map(|one| one.membership.user_id).collect();

    let mut judged = Vec::with_capacity(members.len());
    for member in members {
        let judgement = match users.get(&member.user_id) {
            None => Err(Refusal::UserNotFound),
            Some(_) if inside.contains(&member.user_id) => Err(Refusal::AlreadyMember),
            Some(user) => room
                .details
                .admit(user)
                .and_then(|()| member.permissions(room.room_type, &own.membership))
                .map(|permissions| (user.clone(), permissions)),
        };
        if judgement.is_ok() {
            // Named twice, they enter once.
            inside.push(member.user_id);
        }
        judged.push((member.user_id, judgement));
    }
    Ok(judged)
}
