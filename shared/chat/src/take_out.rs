//! Taking a member out of a room, whoever wants it.

use domain::{Author, EventData, Member, SystemCode, SystemNotice, UserId};
use futures_util::future::join;
use storage::{Change, Issue};

use crate::append::{Plan, append, event, notice};
use crate::tell::{tell, tell_and_count, to_user};
use crate::{App, By, Error};

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
    let author = Author { id: user_id, name: user.name.as_str().to_owned() };
    let mut changes = vec![Change::Leave(membership.clone())];
    // Two owners who leave at once would each count on the other.
    changes.extend(owner_left.map(Change::StillOwner));
    app.store.unsubscribe(room_id, user_id, by.now).await?;
    let written = append(app, room_id, Issue::Members(2), by.now, |head, first| {
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
