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
    /// Edit or delete some message: which one decides the rest.
    ChangeMessage,
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
    let Some(member) = membership else {
        return match action {
            _ if !room.details.is_public => Err(Refusal::RoomNotFound),
            Action::SeeRoom => Ok(()),
            _ => Err(Refusal::RoomAccessDenied),
        };
    };
    let needs = |permission| {
        if member.permissions.contains(permission) { Ok(()) } else { Err(Refusal::Forbidden) }
    };
    let owner = || if member.is_owner { Ok(()) } else { Err(Refusal::Forbidden) };
    let private = room.room_type == RoomType::PrivateMessages;
    let not_private = |reason| if private { Err(Refusal::RoomTypeForbids(reason)) } else { Ok(()) };
    match action {
        Action::SeeRoom | Action::ReadRoom | Action::ChangeMessage => Ok(()),
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

/// The permissions with which somebody enters `room` by themselves.
///
/// # Errors
/// [`Refusal::RoomNotFound`] if it is not public, [`Refusal::StaffOnly`] if it is not for them.
pub fn join(actor: Actor, room: &Room) -> Result<Permissions, Refusal> {
    enter(actor, room)?;
    if room.details.is_public {
        Ok(Permissions::preset(room.room_type))
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

/// Whether `by` may remove `target`. Only an owner removes an owner.
///
/// # Errors
/// [`Refusal::Forbidden`], or [`Refusal::LastOwner`] if nobody would own the room.
pub fn remove_member(
    by: &Membership,
    target: &Member,
    other_owner: Option<&Membership>,
) -> Result<(), Refusal> {
    if target.membership.is_owner && !by.is_owner {
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
