//! Nouns for the tables: what a test is not about stands here.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Room, RoomDetails, RoomId, RoomType, Seq, UserId};

pub(crate) const ANA: UserId = UserId::new(Uuid::from_u128(1));

/// Ana's group of two, in which nothing was said.
pub(crate) fn room() -> Room {
    Room {
        id: RoomId::new(Uuid::nil()),
        room_type: RoomType::Group,
        details: RoomDetails::default(),
        member_count: 2,
        seq: Seq::FIRST,
        message_count: 0,
        last_activity_at: Timestamp::UNIX_EPOCH,
        pace_since: None,
        members_changed_at: None,
        preview: None,
        created_by: ANA,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}
