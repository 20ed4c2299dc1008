//! Who may do what: the one place that decides.
//!
//! 404 where the caller may not know that a room exists, 403 where they know and may not.

use crate::{
    Member, MemberChange, Membership, NewMember, Permission, Permissions, Refusal, Room, RoomType,
    UserId,
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user_id: UserId,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
}

/// What they ask for. Editing and deleting a message have rules of their own beside the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See the room's name and details.
    SeeRoom,
    /// Read its messages, its members and its log; keep a reading mark.
    ReadRoom,
    /// Send a message.
    SendMessage,
    /// Edit some message: which one decides the rest.
    ChangeMessage,
    /// Delete some message: which one decides the rest.
    DeleteMessage,
    /// Change the room's details.
    EditRoom,
    /// Delete the room.
    DeleteRoom,
    /// Let somebody in.
    AddMembers,
    /// Change somebody's standing.
    ChangeMember,
    /// Remove somebody else.
    RemoveMember,
    /// Leave it.
    Leave,
}

/// Whether `actor`, whose membership of `room` this is, may do `action`.
///
/// # Errors
/// The refusal that the client is to see.
pub fn authorize(
    actor: Actor,
    room: &Room,
    membership: Option<&Membership>,
    action: Action,
) -> Result<(), Refusal> {
    enter(actor, room)?;
    let answer = match membership {
        Some(member) => as_member(member, room, action),
        None => as_stranger(actor, room, action),
    };
    if staff_may(actor, room, action) { Ok(()) } else { answer }
}

/// What staff may do everywhere, so that what must go can go: look, and remove. Private messages
/// stay private: staff see that they are there, and may delete them whole.
pub(crate) fn staff_may(actor: Actor, room: &Room, action: Action) -> bool {
    actor.is_staff
        && match action {
            Action::SeeRoom | Action::DeleteRoom => true,
            Action::ReadRoom | Action::DeleteMessage | Action::RemoveMember => {
                room.room_type != RoomType::PrivateMessages
            }
            Action::SendMessage
            | Action::ChangeMessage
            | Action::EditRoom
            | Action::AddMembers
            | Action::ChangeMember
            | Action::Leave => false,
        }
}

fn as_stranger(actor: Actor, room: &Room, action: Action) -> Result<(), Refusal> {
    match join(actor, room) {
        Ok(_) if action == Action::SeeRoom => Ok(()),
        Ok(_) => Err(Refusal::RoomAccessDenied),
        Err(refusal) => Err(refusal),
    }
}

fn as_member(member: &Membership, room: &Room, action: Action) -> Result<(), Refusal> {
    let needs = |permission| {
        if member.permissions.contains(permission) { Ok(()) } else { Err(Refusal::Forbidden) }
    };
    let owner = || if member.is_owner { Ok(()) } else { Err(Refusal::Forbidden) };
    let private = room.room_type == RoomType::PrivateMessages;
    let not_private = |reason| if private { Err(Refusal::RoomTypeForbids(reason)) } else { Ok(()) };
    match action {
        Action::SeeRoom | Action::ReadRoom | Action::ChangeMessage | Action::DeleteMessage => {
            Ok(())
        }
        Action::SendMessage => needs(Permission::CanCreateMessages),
        Action::EditRoom => {
            not_private("private messages have nothing to edit")?;
            needs(Permission::CanEditRoom)
        }
        Action::DeleteRoom if private => needs(Permission::CanDeleteRoom),
        Action::DeleteRoom => owner().and_then(|()| needs(Permission::CanDeleteRoom)),
        Action::AddMembers => {
            not_private("nobody is added to private messages")?;
            needs(Permission::CanAddUsers)
        }
        Action::ChangeMember => {
            not_private("both sides of private messages are equal")?;
            owner()
        }
        Action::RemoveMember => {
            not_private("nobody is removed from private messages")?;
            needs(Permission::CanRemoveUsers)
        }
        Action::Leave => not_private("private messages are deleted, not left"),
    }
}

fn enter(actor: Actor, room: &Room) -> Result<(), Refusal> {
    if room.details.staff_only && !actor.is_staff { Err(Refusal::StaffOnly) } else { Ok(()) }
}

/// The permissions with which somebody enters `room` by themselves: anyone a public room, staff
/// a staff-only one too.
///
/// # Errors
/// [`Refusal::StaffOnly`] if it is not for them, [`Refusal::RoomNotFound`] if they may not know
/// of it, [`Refusal::Forbidden`] if they may: staff see every room.
pub fn join(actor: Actor, room: &Room) -> Result<Permissions, Refusal> {
    enter(actor, room)?;
    if room.details.is_listed() {
        Ok(Permissions::preset(room.room_type))
    } else if actor.is_staff {
        Err(Refusal::Forbidden)
    } else {
        Err(Refusal::RoomNotFound)
    }
}

impl NewMember {
    /// The permissions they get from `by`: nobody grants what they lack. What is not named follows
    /// the room's type, as far as `by` has it.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if more is asked for than `by` has.
    pub fn permissions(
        &self,
        room_type: RoomType,
        by: &Membership,
    ) -> Result<Permissions, Refusal> {
        if !self.granted.minus(by.permissions).is_empty() {
            return Err(Refusal::Forbidden);
        }
        let preset = Permissions::preset(room_type);
        let preset = preset.minus(preset.minus(by.permissions));
        Ok((preset | self.granted).minus(self.withheld))
    }
}

/// `target` after `change` by the owner `by`. An owner has every permission.
///
/// # Errors
/// [`Refusal::Forbidden`] for granting what `by` lacks, [`Refusal::LastOwner`] if nobody would own
/// the room.
pub fn change_member(
    by: &Membership,
    target: &Membership,
    change: MemberChange,
    other_owner: Option<&Membership>,
) -> Result<Membership, Refusal> {
    if !change.granted.minus(by.permissions).is_empty() {
        return Err(Refusal::Forbidden);
    }
    let is_owner = change.is_owner.unwrap_or(target.is_owner);
    if target.is_owner && !is_owner && other_owner.is_none() {
        return Err(Refusal::LastOwner);
    }
    let permissions = if is_owner {
        Permissions::ALL
    } else {
        (target.permissions | change.granted).minus(change.withheld)
    };
    Ok(Membership { permissions, is_owner, ..target.clone() })
}

/// Whether `actor`, whose membership is `by`, may remove `target`. Only owners and staff remove an
/// owner, and nobody the last one: the room is deleted instead.
///
/// # Errors
/// [`Refusal::Forbidden`], or [`Refusal::LastOwner`] if nobody would own the room.
pub fn remove_member(
    actor: Actor,
    by: Option<&Membership>,
    target: &Member,
    other_owner: Option<&Membership>,
) -> Result<(), Refusal> {
    let is_above = actor.is_staff || by.is_some_and(|by| by.is_owner);
    if target.membership.is_owner && !is_above {
        return Err(Refusal::Forbidden);
    }
    leave(&target.membership, other_owner)
}

/// Whether `member` may leave, given some other owner of the room.
///
/// # Errors
/// [`Refusal::LastOwner`] if nobody would own the room.
pub fn leave(member: &Membership, other_owner: Option<&Membership>) -> Result<(), Refusal> {
    if member.is_owner && other_owner.is_none() { Err(Refusal::LastOwner) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
