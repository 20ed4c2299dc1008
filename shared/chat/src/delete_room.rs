//! Deleting a room.

use domain::{Action, EventData, RateClass, Room, RoomId};
use storage::{Change, Issue};

use crate::append::{Plan, append, event};
use crate::load::load;
use crate::tell::{listeners, tell, to_user};
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Deletes a room and tells everybody who was in it.
///
/// The head decides: once it says so, nobody gets in any more. What is left of the rows of its
/// members shows nowhere and is cleared away last.
///
/// # Errors
/// A refusal, or storage that does not answer.
pub async fn delete_room(app: &App, by: &By, room_id: RoomId) -> Result<(), Error> {
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let room = load(app, by, room_id, Action::DeleteRoom).await?.room;
        if remove_room(app, by, &room).await? {
            return Ok(());
        }
    }
    Err(Error::Contended)
}

/// Writes that a room is gone and tells everybody who was in it. `false` if somebody else was
/// quicker.
pub(crate) async fn remove_room(app: &App, by: &By, room: &Room) -> Result<bool, Error> {
    let room_id = room.id;
    let members = app.store.members(room_id).await?;
    let users: Vec<_> = members.into_iter().map(|member| member.user_id).collect();
    let pair = match users.as_slice() {
        [one, other] if crate::update_room::is_private(room) => Some((*one, *other)),
        _ => None,
    };
    let written = append(app, room_id, Issue::Entries(1), by.now, |head, seq| Plan {
        entries: vec![event(by, room_id, seq, EventData::RoomDeleted)],
        changes: vec![
            Change::Delete { version: head.version, pair },
            Change::Listing { before: head.details.clone(), after: None },
        ],
    })
    .await?;
    let Some((_, mut events)) = written else { return Ok(false) };
    events.push(to_user(by, room_id, EventData::RoomRemoved));
    let listeners = listeners(app, room.details.staff_only, users.clone()).await?;
    tell(app, by, events, &listeners).await;
    app.store.forget_members(room_id, &users).await?;
    Ok(true)
}
