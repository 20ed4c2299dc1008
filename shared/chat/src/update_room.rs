//! Changing a room's details.

use domain::{
    Action, EventData, MediaUse, RateClass, Refusal, Room, RoomChange, RoomId, RoomType, RoomView,
    SystemCode, SystemNotice,
};
use storage::{Change, Issue};

use crate::append::{Plan, append, event, notice};
use crate::avatar::{discard_avatar, take_avatar};
use crate::load::load_as_member;
use crate::tell::{audience, tell, tell_added, tell_audience, to_user};
use crate::{App, By, Error, MAX_TRIES, within_rate};

/// Changes a room's details and tells everybody in it. `if_version` must be the version that the
/// caller saw, where they care.
///
/// # Errors
/// A refusal, [`Error::VersionMismatch`], or storage that does not answer.
pub async fn update_room(
    app: &App,
    by: &By,
    room_id: RoomId,
    change: RoomChange,
    if_version: Option<u64>,
) -> Result<RoomView, Error> {
    within_rate(app, by, RateClass::Write).await?;
    for _ in 0..MAX_TRIES {
        let (room, standing) = load_as_member(app, by, room_id, Action::EditRoom).await?;
        if if_version.is_some_and(|version| version != room.version) {
            return Err(Error::VersionMismatch);
        }
        let details = room.details.changed(room.room_type, change.clone())?;
        if details.staff_only && !by.actor.is_staff {
            return Err(Refusal::StaffOnly.into());
        }
        if details == room.details {
            return Ok(RoomView { room, standing: Some(standing) });
        }
        let (avatar, avatar_before) = (details.avatar_media_id, room.details.avatar_media_id);
        if let Some(avatar) = avatar.filter(|avatar| Some(*avatar) != avatar_before) {
            let of = MediaUse::RoomAvatar(room_id);
            take_avatar(&app.store, &app.bucket, by.actor.user_id, avatar, of, by.now).await?;
        }

        let version = room.version + 1;
        // Another name is worth a line between the messages; the rest shows by itself.
        let renamed = details.name != room.details.name;
        let issue = Issue::Entries(if renamed { 2 } else { 1 });
        let mut updated = None;
        let written = append(app, room_id, issue, by.now, |head, first| {
            let changed =
                Room { details: details.clone(), version, updated_at: by.now, ..head.clone() };
            updated = Some(changed.clone());
            let mut entries = vec![event(by, room_id, first, EventData::RoomUpdated(changed))];
            if renamed {
                let told = SystemNotice {
                    code: SystemCode::RoomUpdated,
                    actor: by.author(),
                    user: None,
                    name: details.name.clone(),
                };
                entries.push(notice(by, head, first.next(), told));
            }
            Plan {
                entries,
                changes: vec![
                    Change::Details { details: details.clone(), version, at: by.now },
                    Change::Listing { before: room.details.clone(), after: Some(details.clone()) },
                ],
            }
        })
        .await?;
        if let (Some((_, events)), Some(changed)) = (written, updated) {
            // To whom the room is open from now on.
            let audience = audience(app, &changed, None, by.now).await?;
            tell_audience(app, by, &changed, events, audience).await;
            if room.details.staff_only != changed.details.staff_only {
                tell_the_others(app, by, &changed).await?;
            }
            if let Some(before) = avatar_before.filter(|before| Some(*before) != avatar) {
                discard_avatar(&app.store, &app.bucket, before).await;
            }
            return Ok(RoomView { room: changed, standing: Some(standing) });
        }
    }
    Err(Error::Contended)
}

/// Tells the members who are not staff that the room left their list, or came back into it.
async fn tell_the_others(app: &App, by: &By, room: &Room) -> Result<(), Error> {
    let members = app.store.members(room.id).await?;
    let mut users: Vec<_> = members.into_iter().map(|member| member.user_id).collect();
    let staff = app.store.staff_among(&users).await?;
    users.retain(|user| !staff.contains(user));
    if room.details.staff_only {
        tell(app, by, vec![to_user(by, room.id, EventData::RoomRemoved)], &users).await;
        return Ok(());
    }
    tell_added(app, by, room, &app.store.standings_in(room.id, &users).await?).await;
    Ok(())
}

/// The two people of a room of private messages.
pub(crate) fn is_private(room: &Room) -> bool {
    room.room_type == RoomType::PrivateMessages
}
