//! Making a room.

use domain::{
    EventData, MAX_MEMBERS_PER_CALL, MediaUse, Membership, NewMember, Permissions, RateClass,
    Refusal, Room, RoomChange, RoomDetails, RoomId, RoomType, RoomView, Seq, Standing, SystemCode,
    SystemNotice,
};
use storage::{Created, Entry};
use uuid::Uuid;

use crate::append::{event, notice};
use crate::avatar::take_avatar;
use crate::enter::standing;
use crate::tell::tell_added;
use crate::{App, By, Error, add_members, within_rate};

/// Members that are written together with a new room: two rows each, beside its head, two entries
/// and ten rows of lists, within the 100 of one transaction. The others are added to the room once it is there.
const FIRST_MEMBERS: usize = 40;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoom {
    /// Its kind.
    pub room_type: RoomType,
    /// Its details.
    pub details: RoomChange,
    /// Who is in it from the start, besides its maker.
    pub members: Vec<NewMember>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedRoom {
    /// The room as its maker sees it.
    pub view: RoomView,
    /// Whether it is new: two people have one room of private messages, whoever asks again.
    pub is_new: bool,
}

/// Makes a room and tells everybody in it.
///
/// # Errors
/// A refusal, or storage that does not answer. Asking again is safe for private messages; another
/// room of another type may come of it.
pub async fn create_room(app: &App, by: &By, new: NewRoom) -> Result<CreatedRoom, Error> {
    within_rate(app, by, RateClass::Write).await?;
    let details = RoomDetails::default().changed(new.room_type, new.details)?;
    if details.staff_only && !by.actor.is_staff {
        return Err(Refusal::StaffOnly.into());
    }
    let others = others(by, new.room_type, new.members)?;
    let ids: Vec<_> = others.iter().map(|member| member.user_id).collect();
    // The maker too: a token from before may outlive a ban.
    let everybody: Vec<_> = ids.iter().copied().chain([by.actor.user_id]).collect();
    let users = app.store.users(&everybody).await?;
    if users.len() < everybody.len() {
        return Err(Refusal::UserNotFound.into());
    }
    users.iter().try_for_each(|user| details.admit(user))?;

    let pair = match (new.room_type, ids.as_slice()) {
        (RoomType::PrivateMessages, [other]) => Some((by.actor.user_id, *other)),
        _ => None,
    };
    // Looking first spares the usual repeat a transaction that is bound to fail.
    if let Some((one, other)) = pair
        && let Some(room_id) = app.store.pair_room(one, other).await?
    {
        return existing(app, by, room_id).await;
    }

    let room = new_room(by, new.room_type, details, ids.len());
    if let Some(avatar) = room.details.avatar_media_id {
        let of = MediaUse::RoomAvatar(room.id);
        take_avatar(&app.store, &app.bucket, by.actor.user_id, avatar, of, by.now).await?;
    }
    let maker = maker(by, &room);
    let (first, later) = others.split_at(others.len().min(FIRST_MEMBERS));
    let mut standings = vec![maker.clone()];
    for member in first {
        standings.push(entering(by, &room, &maker.membership, member)?);
    }
    match app.store.create_room(&room, pair, &standings, &entries(by, &room)).await? {
        Created::PairHas(room_id) => return existing(app, by, room_id).await,
        Created::Room => {}
    }
    tell_added(app, by, &room, &standings).await;
    if !later.is_empty() {
        add_members(app, by, room.id, later.to_vec()).await?;
    }
    Ok(CreatedRoom { view: RoomView { room, standing: Some(maker) }, is_new: true })
}

/// The members asked for, each once, without the maker.
fn others(
    by: &By,
    room_type: RoomType,
    members: Vec<NewMember>,
) -> Result<Vec<NewMember>, Refusal> {
    let invalid =
        |reason: &str| Refusal::Invalid { pointer: "/members", reason: reason.to_owned() };
    if members.len() > MAX_MEMBERS_PER_CALL {
        return Err(invalid("must name at most 100 users"));
    }
    let mut others: Vec<NewMember> = Vec::with_capacity(members.len());
    for member in members {
        let known = others.iter().any(|other| other.user_id == member.user_id);
        if !known && member.user_id != by.actor.user_id {
            others.push(member);
        }
    }
    if room_type == RoomType::PrivateMessages && others.len() != 1 {
        return Err(invalid("must name exactly one other user for private messages"));
    }
    Ok(others)
}

fn new_room(by: &By, room_type: RoomType, details: RoomDetails, others: usize) -> Room {
    Room {
        id: RoomId::new(Uuid::now_v7()),
        room_type,
        details,
        member_count: 1 + others.min(FIRST_MEMBERS) as u64,
        seq: Seq::FIRST.next(),
        message_count: 0,
        last_activity_at: by.now,
        pace_since: None,
        members_changed_at: None,
        preview: None,
        created_by: by.actor.user_id,
        created_at: by.now,
        updated_at: by.now,
        version: 1,
    }
}

fn maker(by: &By, room: &Room) -> Standing {
    // Both sides of private messages are equal: nobody owns them.
    let private = room.room_type == RoomType::PrivateMessages;
    let permissions = if private { Permissions::preset(room.room_type) } else { Permissions::ALL };
    standing(by, room, by.actor.user_id, permissions, !private)
}

fn entering(
    by: &By,
    room: &Room,
    maker: &Membership,
    member: &NewMember,
) -> Result<Standing, Refusal> {
    let permissions = member.permissions(room.room_type, maker)?;
    Ok(standing(by, room, member.user_id, permissions, false))
}

fn entries(by: &By, room: &Room) -> Vec<Entry> {
    let name = room.details.name.clone();
    let created =
        SystemNotice { code: SystemCode::RoomCreated, actor: by.author(), user: None, name };
    vec![
        event(by, room.id, Seq::FIRST, EventData::RoomCreated(room.clone())),
        notice(by, room, Seq::FIRST.next(), created),
    ]
}

async fn existing(app: &App, by: &By, room_id: RoomId) -> Result<CreatedRoom, Error> {
    let view = crate::retrieve_room(app, by, room_id).await?;
    Ok(CreatedRoom { view, is_new: false })
}

#[cfg(test)]
mod tests;
