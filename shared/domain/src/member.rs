//! Members of a room, and what one of them keeps about it.

use jiff::Timestamp;

use crate::{Permissions, Room, RoomId, Seq, User, UserId};

/// That a user is in a room, and what they may do there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The room.
    pub room_id: RoomId,
    /// The user.
    pub user_id: UserId,
    /// What they may do.
    pub permissions: Permissions,
    /// Owners change permissions, hand the room over and delete it.
    pub is_owner: bool,
    /// Who let them in; themselves if they joined.
    pub created_by: UserId,
    /// Since when.
    pub joined_at: Timestamp,
}

/// What one member keeps about a room, for their eyes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyRoom {
    /// The room.
    pub room_id: RoomId,
    /// How far they have read; 0 before the first reading.
    pub last_read_seq: u64,
    /// How many counted messages there were up to there.
    pub read_count: u64,
    /// Whether they want no notifications.
    pub muted: bool,
    /// When they last read or sent.
    pub last_seen_at: Option<Timestamp>,
}

impl MyRoom {
    /// The row of somebody who enters now: nothing is unread, the past is there to scroll to.
    #[must_use]
    pub fn entering(room_id: RoomId, head: Option<&Room>) -> Self {
        Self {
            room_id,
            last_read_seq: head.map_or(0, |room| room.seq.get()),
            read_count: head.map_or(0, |room| room.message_count),
            muted: false,
            last_seen_at: None,
        }
    }

    /// Messages not yet read. A number lost to a crash may show one too many until the room is
    /// read; never one too few.
    #[must_use]
    pub const fn unread_count(&self, room: &Room) -> u64 {
        room.message_count.saturating_sub(self.read_count)
    }
}

/// A user's place in a room: what they may do, and what they keep about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What they may do.
    pub membership: Membership,
    /// What they keep about it.
    pub my_room: MyRoom,
}

/// A member as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What they may do.
    pub membership: Membership,
    /// Who they are.
    pub user: User,
    /// How far they have read; absent where nobody asked for it.
    pub my_room: Option<MyRoom>,
}

/// Somebody to be let in, with the permissions asked for (all that are not named follow the room).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Who.
    pub user_id: UserId,
    /// Those to grant.
    pub granted: Permissions,
    /// Those to withhold.
    pub withheld: Permissions,
}

/// A change of a member's standing: those not named stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemberChange {
    /// Permissions to grant.
    pub granted: Permissions,
    /// Permissions to take.
    pub withheld: Permissions,
    /// Make an owner of them, or an owner no more.
    pub is_owner: Option<bool>,
}

/// Where a reader stands: which number, and how many counted messages up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    /// The number.
    pub seq: Seq,
    /// Counted messages up to it.
    pub read_count: u64,
}
