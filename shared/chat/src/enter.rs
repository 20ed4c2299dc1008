//! Entering a room, whoever lets one in.

use domain::{Membership, MyRoom, Permissions, Room, Standing, UserId};

use crate::By;

/// The place of somebody who enters now.
pub(crate) fn standing(
    by: &By,
    room: &Room,
    user_id: UserId,
    permissions: Permissions,
    is_owner: bool,
) -> Standing {
    let created_by = by.actor.user_id;
    let membership = Membership {
        room_id: room.id,
        user_id,
        permissions,
        is_owner,
        created_by,
        joined_at: by.now,
    };
    Standing { membership, my_room: MyRoom::entering(room.id, Some(room)) }
}
