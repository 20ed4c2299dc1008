use aws_sdk_dynamodb::types::AttributeValue;
use domain::MediaId;
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::samples::{self, room_id, row_bytes, seq, user};

/// Any text: DynamoDB takes every Unicode string, the empty one too.
fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter)
}

fn time() -> impl Strategy<Value = Timestamp> {
    let (min, max) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    (min..=max).prop_map(|at| Timestamp::from_millisecond(at).unwrap())
}

fn user_id() -> impl Strategy<Value = UserId> {
    any::<u128>().prop_map(user)
}

prop_compose! {
    fn details()(
        name in proptest::option::of(text()),
        description in proptest::option::of(text()),
        avatar in any::<Option<u128>>(),
        is_public: bool,
        staff_only: bool,
    ) -> RoomDetails {
        let avatar_media_id = avatar.map(|id| MediaId::new(Uuid::from_u128(id)));
        RoomDetails { name, description, avatar_media_id, is_public, staff_only }
    }
}

prop_compose! {
    fn preview()(
        number in 1..=u64::MAX,
        author in proptest::option::of((user_id(), text())),
        text in proptest::option::of(text()),
        media_count: u64,
        at in time(),
    ) -> Preview {
        let author = author.map(|(id, name)| Author { id, name });
        Preview { seq: seq(number), author, text, media_count, at }
    }
}

prop_compose! {
    fn any_room()(
        room_type in prop::sample::select(
            vec![RoomType::PrivateMessages, RoomType::Group, RoomType::Channel]
        ),
        details in details(),
        preview in proptest::option::of(preview()),
        number in 1..=u64::MAX,
        counts: (u64, u64, u64),
        created_by in user_id(),
        times in (time(), time(), time()),
    ) -> Room {
        Room {
            id: room_id(7),
            room_type,
            details,
            member_count: counts.0,
            seq: seq(number),
            message_count: counts.1,
            last_activity_at: times.0,
            pace_since: None,
            members_changed_at: None,
            preview,
            created_by,
            created_at: times.1,
            updated_at: times.2,
            version: counts.2,
        }
    }
}

prop_compose! {
    fn any_standing()(
        member in user_id(),
        created_by in user_id(),
        bits: u16,
        is_owner: bool,
        joined_at in time(),
        counts: (u64, u64),
        muted: bool,
        last_seen_at in proptest::option::of(time()),
    ) -> Standing {
        let permissions = Permissions::from_bits(bits);
        let (room_id, user_id) = (room_id(7), member);
        Standing {
            membership: Membership {
                room_id, user_id, permissions, is_owner, created_by, joined_at,
            },
            my_room: MyRoom {
                room_id, last_read_seq: counts.0, read_count: counts.1, muted, last_seen_at,
            },
        }
    }
}

fn room_row(of: &Room) -> Row {
    crate::item::row(key::head(of.id), ROOM, &RoomItem::from(of)).unwrap()
}

fn member_row(of: &Membership) -> Row {
    let key = key::member(of.room_id, of.user_id);
    crate::item::row(key, MEMBER, &MembershipItem::from(of)).unwrap()
}

fn my_room_row(of: &Standing) -> Row {
    let key = key::my_room(of.membership.user_id, of.membership.room_id);
    crate::item::row(key, MEMBER, &MyRoomItem::from(of)).unwrap()
}

/// As a newer version of this crate may write it.
fn with_more(mut row: Row) -> Row {
    row.insert("reactions".to_owned(), AttributeValue::M(Row::new()));
    row.insert("shade".to_owned(), AttributeValue::S("blue".to_owned()));
    row
}

proptest! {
    #[test]
    fn a_room_survives_its_row(before in any_room()) {
        let row = room_row(&before);
        prop_assert_eq!(room(row.clone()).unwrap(), Some(before.clone()));
        prop_assert_eq!(room(with_more(row)).unwrap(), Some(before));
    }

    #[test]
    fn a_standing_survives_its_two_rows(before in any_standing()) {
        let (member, my_room) = (member_row(&before.membership), my_room_row(&before));
        prop_assert_eq!(&membership(with_more(member)).unwrap(), &before.membership);
        prop_assert_eq!(standing(with_more(my_room)).unwrap(), before);
    }
}

/// The audience of every push is read from these rows: 24 of them to a read unit of 4 KiB.
#[test]
fn a_member_row_stays_small() {
    let row = member_row(&samples::standing(room_id(1), user(u128::MAX)).membership);
    assert!(row_bytes(&row) <= 170, "{} bytes", row_bytes(&row));
    // Control: the row of what a user keeps for themselves is larger.
    let row = my_room_row(&samples::standing(room_id(1), user(u128::MAX)));
    assert!(row_bytes(&row) > 170, "{} bytes", row_bytes(&row));
}

#[test]
fn a_row_without_the_attributes_that_came_later_is_read() {
    let mut row = my_room_row(&samples::standing(room_id(1), user(1)));
    for later in ["last_read_seq", "read_count", "muted", "last_seen_at"] {
        row.remove(later);
    }
    assert_eq!(standing(row).unwrap(), samples::standing(room_id(1), user(1)));
    let mut row = room_row(&samples::room(room_id(1)));
    row.remove("deleted");
    assert_eq!(room(row).unwrap(), Some(samples::room(room_id(1))));
}

#[test]
fn a_row_that_this_version_cannot_read_is_corrupt_and_never_half_read() {
    let good = room_row(&samples::room(room_id(1)));
    for (attribute, value) in [
        ("room_type", AttributeValue::S("forum".to_owned())),
        ("seq", AttributeValue::N("0".to_owned())),
        ("created_by", AttributeValue::S("ana".to_owned())),
        ("created_at", AttributeValue::S("yesterday".to_owned())),
        ("pk", AttributeValue::S("U#ana".to_owned())),
    ] {
        let mut row = good.clone();
        row.insert(attribute.to_owned(), value);
        assert!(matches!(room(row), Err(Error::Corrupt { .. })), "{attribute}");
    }
    for missing in ["room_type", "seq", "created_by", "version"] {
        let mut row = good.clone();
        row.remove(missing);
        assert!(matches!(room(row), Err(Error::Corrupt { .. })), "{missing}");
    }
}
