//! The nine permissions of a member, and the sets that rooms hand out.

use std::fmt;
use std::ops::BitOr;

use crate::RoomType;

/// One thing that a member may be allowed to do.
///
/// The discriminant is the bit in a stored set: append, never reorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum Permission {
    CanAddUsers = 0,
    CanRemoveUsers = 1,
    CanCreateMessages = 2,
    CanDeleteMessages = 3,
    CanDeleteOwnMessages = 4,
    CanEditMessages = 5,
    CanEditOwnMessages = 6,
    CanEditRoom = 7,
    CanDeleteRoom = 8,
}

impl Permission {
    /// All nine, in the order of their bits.
    pub const ALL: [Self; 9] = [
        Self::CanAddUsers,
        Self::CanRemoveUsers,
        Self::CanCreateMessages,
        Self::CanDeleteMessages,
        Self::CanDeleteOwnMessages,
        Self::CanEditMessages,
        Self::CanEditOwnMessages,
        Self::CanEditRoom,
        Self::CanDeleteRoom,
    ];

    /// The name that clients see.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CanAddUsers => "can_add_users",
            Self::CanRemoveUsers => "can_remove_users",
            Self::CanCreateMessages => "can_create_messages",
            Self::CanDeleteMessages => "can_delete_messages",
            Self::CanDeleteOwnMessages => "can_delete_own_messages",
            Self::CanEditMessages => "can_edit_messages",
            Self::CanEditOwnMessages => "can_edit_own_messages",
            Self::CanEditRoom => "can_edit_room",
            Self::CanDeleteRoom => "can_delete_room",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u16);

impl Permissions {
    /// No permission at all: may read, and nothing else.
    pub const NONE: Self = Self(0);
    /// All nine.
    pub const ALL: Self = Self((1 << Permission::ALL.len()) - 1);

    /// What a new member of a room of this type gets when nothing else is said.
    #[must_use]
    pub fn preset(room_type: RoomType) -> Self {
        use Permission as P;
        match room_type {
            RoomType::PrivateMessages => Self::of(&[
                P::CanCreateMessages,
                P::CanEditOwnMessages,
                P::CanDeleteOwnMessages,
                P::CanDeleteRoom,
            ]),
            RoomType::Group => Self::of(&[
                P::CanAddUsers,
                P::CanCreateMessages,
                P::CanEditOwnMessages,
                P::CanDeleteOwnMessages,
            ]),
            RoomType::Channel => Self::of(&[P::CanAddUsers]),
        }
    }

    /// The set of exactly these.
    #[must_use]
    pub fn of(permissions: &[Permission]) -> Self {
        Self(permissions.iter().fold(0, |bits, permission| bits | permission.bit()))
    }

    /// The set whose bits are these; bits that name no permission are dropped.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The bits, for storage.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// The same set with one permission granted or taken.
    #[must_use]
    pub const fn set(self, permission: Permission, granted: bool) -> Self {
        if granted { Self(self.0 | permission.bit()) } else { Self(self.0 & !permission.bit()) }
    }

    /// Those in `self` that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names =
            Permission::ALL.into_iter().filter(|one| self.contains(*one)).map(Permission::name);
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_bits_never_move() {
        for (bit, permission) in Permission::ALL.into_iter().enumerate() {
            assert_eq!(Permissions::of(&[permission]).bits(), 1 << bit, "{}", permission.name());
        }
        assert_eq!(Permissions::from_bits(u16::MAX), Permissions::ALL);
    }

    #[test]
    fn presets_are_those_of_the_room_types() {
        let names = |room_type| format!("{:?}", Permissions::preset(room_type));
        assert_eq!(
            names(RoomType::PrivateMessages),
            r#"{"can_create_messages", "can_delete_own_messages", "can_edit_own_messages", "can_delete_room"}"#
        );
        assert_eq!(
            names(RoomType::Group),
            r#"{"can_add_users", "can_create_messages", "can_delete_own_messages", "can_edit_own_messages"}"#
        );
        assert_eq!(names(RoomType::Channel), r#"{"can_add_users"}"#);
    }

    #[test]
    fn sets_subtract() {
        let left = Permissions::of(&[Permission::CanEditRoom, Permission::CanAddUsers]);
        let right = Permissions::of(&[Permission::CanEditRoom]);
        assert_eq!(left.minus(right), Permissions::of(&[Permission::CanAddUsers]));
        assert!(right.minus(left).is_empty());
    }
}
