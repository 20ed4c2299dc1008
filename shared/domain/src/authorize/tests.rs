use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::samples::{self, ANA};
use crate::{RoomDetails, RoomId, Seq, User};

const ROOM: RoomId = RoomId::new(Uuid::from_u128(3));

fn actor(is_staff: bool) -> Actor {
    Actor { user_id: ANA, is_staff }
}

fn room(room_type: RoomType, is_public: bool, staff_only: bool) -> Room {
    let details = RoomDetails { is_public, staff_only, ..RoomDetails::default() };
    Room { room_type, details, ..samples::room() }
}

fn member(permissions: Permissions, is_owner: bool) -> Membership {
    Membership {
        room_id: ROOM,
        user_id: ANA,
        permissions,
        is_owner,
        created_by: ANA,
        joined_at: Timestamp::UNIX_EPOCH,
    }
}

fn user(is_staff: bool) -> User {
    User {
        id: ANA,
        username: crate::Username::parse("ana").unwrap(),
        name: crate::Name::parse("Ana").unwrap(),
        avatar_media_id: None,
        is_staff,
        is_banned: false,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

const ACTIONS: [Action; 11] = [
    Action::SeeRoom,
    Action::ReadRoom,
    Action::SendMessage,
    Action::ChangeMessage,
    Action::DeleteMessage,
    Action::EditRoom,
    Action::DeleteRoom,
    Action::AddMembers,
    Action::ChangeMember,
    Action::RemoveMember,
    Action::Leave,
];

#[test]
fn a_stranger_does_not_learn_that_a_private_room_exists() {
    for room_type in [RoomType::PrivateMessages, RoomType::Group, RoomType::Channel] {
        for action in ACTIONS {
            let answer = authorize(actor(false), &room(room_type, false, false), None, action);
            assert_eq!(answer, Err(Refusal::RoomNotFound), "{room_type:?} {action:?}");
        }
    }
}

#[test]
fn a_stranger_sees_a_public_room_and_must_join_for_the_rest() {
    for action in ACTIONS {
        let expected = match action {
            Action::SeeRoom => Ok(()),
            _ => Err(Refusal::RoomAccessDenied),
        };
        let answer = authorize(actor(false), &room(RoomType::Group, true, false), None, action);
        assert_eq!(answer, expected, "{action:?}");
    }
}

#[test]
fn a_staff_room_is_closed_even_to_a_member_who_is_staff_no_more() {
    let owner = member(Permissions::ALL, true);
    for action in ACTIONS {
        for membership in [None, Some(&owner)] {
            let staff_room = room(RoomType::Group, true, true);
            let answer = authorize(actor(false), &staff_room, membership, action);
            assert_eq!(answer, Err(Refusal::StaffOnly), "{action:?}");
        }
        let answer =
            authorize(actor(true), &room(RoomType::Group, true, true), Some(&owner), action);
        assert_eq!(answer, Ok(()), "{action:?}");
    }
}

/// Each type of room by each standing: what is allowed, and how the rest is refused.
#[test]
fn the_table_of_types_and_standings() {
    use Action as A;
    use RoomType as T;
    let forbids = |reason| Err(Refusal::RoomTypeForbids(reason));
    let forbidden = || Err(Refusal::Forbidden);
    let side = member(Permissions::preset(T::PrivateMessages), false);
    let in_group = member(Permissions::preset(T::Group), false);
    let reader = member(Permissions::preset(T::Channel), false);
    let nothing = member(Permissions::NONE, false);
    let owner = member(Permissions::ALL, true);
    // Every permission and yet no owner: what only an owner may do stays closed.
    let trusted = member(Permissions::ALL, false);

    let table = [
        (T::PrivateMessages, &side, A::SendMessage, Ok(())),
        (T::PrivateMessages, &side, A::ReadRoom, Ok(())),
        (T::PrivateMessages, &side, A::DeleteRoom, Ok(())),
        (T::PrivateMessages, &side, A::EditRoom, forbids("private messages have nothing to edit")),
        (T::PrivateMessages, &side, A::AddMembers, forbids("nobody is added to private messages")),
        (T::PrivateMessages, &owner, A::AddMembers, forbids("nobody is added to private messages")),
        (
            T::PrivateMessages,
            &side,
            A::ChangeMember,
            forbids("both sides of private messages are equal"),
        ),
        (
            T::PrivateMessages,
            &side,
            A::RemoveMember,
            forbids("nobody is removed from private messages"),
        ),
        (T::PrivateMessages, &side, A::Leave, forbids("private messages are deleted, not left")),
        (T::Group, &in_group, A::SendMessage, Ok(())),
        (T::Group, &in_group, A::AddMembers, Ok(())),
        (T::Group, &in_group, A::EditRoom, forbidden()),
        (T::Group, &in_group, A::DeleteRoom, forbidden()),
        (T::Group, &in_group, A::ChangeMember, forbidden()),
        (T::Group, &in_group, A::RemoveMember, forbidden()),
        (T::Group, &in_group, A::Leave, Ok(())),
        (T::Group, &nothing, A::ReadRoom, Ok(())),
        (T::Group, &nothing, A::SendMessage, forbidden()),
        (T::Group, &nothing, A::AddMembers, forbidden()),
        (T::Channel, &reader, A::ReadRoom, Ok(())),
        (T::Channel, &reader, A::AddMembers, Ok(())),
        (T::Channel, &reader, A::SendMessage, forbidden()),
        (T::Channel, &owner, A::SendMessage, Ok(())),
        (T::Channel, &owner, A::EditRoom, Ok(())),
        (T::Channel, &owner, A::DeleteRoom, Ok(())),
        (T::Channel, &owner, A::ChangeMember, Ok(())),
        (T::Group, &trusted, A::EditRoom, Ok(())),
        (T::Group, &trusted, A::RemoveMember, Ok(())),
        (T::Group, &trusted, A::DeleteRoom, forbidden()),
        (T::Group, &trusted, A::ChangeMember, forbidden()),
    ];
    for (room_type, membership, action, expected) in table {
        let room = room(room_type, false, false);
        let answer = authorize(actor(false), &room, Some(membership), action);
        assert_eq!(answer, expected, "{room_type:?} {action:?} {membership:?}");
    }
}

#[test]
fn nobody_grants_what_they_lack() {
    use Permission as P;
    let by = member(Permissions::of(&[P::CanAddUsers, P::CanCreateMessages]), false);
    let new = |granted: &[P], withheld: &[P]| NewMember {
        user_id: ANA,
        granted: Permissions::of(granted),
        withheld: Permissions::of(withheld),
    };
    for (granted, withheld, expected) in [
        (&[][..], &[][..], Ok(Permissions::of(&[P::CanAddUsers, P::CanCreateMessages]))),
        (&[], &[P::CanAddUsers], Ok(Permissions::of(&[P::CanCreateMessages]))),
        (
            &[P::CanCreateMessages],
            &[],
            Ok(Permissions::of(&[P::CanAddUsers, P::CanCreateMessages])),
        ),
        (&[P::CanDeleteRoom], &[], Err(Refusal::Forbidden)),
    ] {
        assert_eq!(new(granted, withheld).permissions(RoomType::Group, &by), expected);
    }
    let change = MemberChange { granted: Permissions::ALL, ..MemberChange::default() };
    let target = member(Permissions::NONE, false);
    assert_eq!(change_member(&by, &target, change, None), Err(Refusal::Forbidden));
}

#[test]
fn a_room_keeps_an_owner() {
    let owner = member(Permissions::ALL, true);
    let second = member(Permissions::ALL, true);
    let step_down = MemberChange { is_owner: Some(false), ..MemberChange::default() };
    assert_eq!(change_member(&owner, &owner, step_down, None), Err(Refusal::LastOwner));
    assert!(change_member(&owner, &owner, step_down, Some(&second)).is_ok());
    assert_eq!(leave(&owner, None), Err(Refusal::LastOwner));
    assert_eq!(leave(&owner, Some(&second)), Ok(()));
    assert_eq!(leave(&member(Permissions::NONE, false), None), Ok(()));
}

/// What staff may do as strangers, by type, and how the rest is refused.
#[test]
fn staff_look_and_remove_everywhere_but_in_private() {
    use Action as A;
    use RoomType as T;
    for room_type in [T::PrivateMessages, T::Group, T::Channel] {
        for action in ACTIONS {
            let private = room_type == T::PrivateMessages;
            let may = match action {
                A::SeeRoom | A::DeleteRoom => true,
                A::ReadRoom | A::DeleteMessage | A::RemoveMember => !private,
                _ => false,
            };
            let expected = if may { Ok(()) } else { Err(Refusal::Forbidden) };
            let hidden = room(room_type, false, false);
            assert_eq!(authorize(actor(true), &hidden, None, action), expected, "{action:?}");
            if private {
                continue;
            }
            for (is_public, staff_only) in [(true, false), (false, true), (true, true)] {
                let listed = room(room_type, is_public, staff_only);
                let expected = if may { Ok(()) } else { Err(Refusal::RoomAccessDenied) };
                assert_eq!(authorize(actor(true), &listed, None, action), expected, "{action:?}");
            }
        }
    }
}

/// Being staff adds to what a member may do, and takes nothing.
#[test]
fn staff_who_are_members_may_what_either_may() {
    let nothing = member(Permissions::NONE, false);
    let owner = member(Permissions::ALL, true);
    for room_type in [RoomType::PrivateMessages, RoomType::Group, RoomType::Channel] {
        let room = room(room_type, false, false);
        for membership in [&nothing, &owner] {
            for action in ACTIONS {
                let as_member = authorize(actor(false), &room, Some(membership), action);
                let as_staff = authorize(actor(true), &room, None, action);
                let both = authorize(actor(true), &room, Some(membership), action);
                assert_eq!(
                    both.is_ok(),
                    as_member.is_ok() || as_staff.is_ok(),
                    "{room_type:?} {action:?}"
                );
            }
        }
    }
}

#[test]
fn an_owner_is_removed_by_owners_and_staff_and_the_last_one_by_nobody() {
    let target = |is_owner| Member {
        membership: member(Permissions::ALL, is_owner),
        user: user(false),
        my_room: None,
    };
    let (trusted, owner) = (member(Permissions::ALL, false), member(Permissions::ALL, true));
    let table = [
        (false, Some(&trusted), false, Ok(())),
        (false, Some(&trusted), true, Err(Refusal::Forbidden)),
        (false, Some(&owner), true, Ok(())),
        (true, None, true, Ok(())),
        (true, Some(&trusted), true, Ok(())),
    ];
    for (is_staff, by, owns, expected) in table {
        let removed = remove_member(actor(is_staff), by, &target(owns), Some(&owner));
        assert_eq!(removed, expected, "{is_staff} {owns}");
    }
    let last = remove_member(actor(true), None, &target(true), None);
    assert_eq!(last, Err(Refusal::LastOwner));
}

#[test]
fn only_staff_is_let_into_a_staff_room_and_nobody_who_is_banned() {
    for (staff_only, is_staff, expected) in [
        (false, false, Ok(())),
        (false, true, Ok(())),
        (true, true, Ok(())),
        (true, false, Err(Refusal::StaffOnly)),
    ] {
        let details = RoomDetails { staff_only, ..RoomDetails::default() };
        assert_eq!(details.admit(&user(is_staff)), expected);
        let banned = User { is_banned: true, ..user(is_staff) };
        assert_eq!(details.admit(&banned), Err(Refusal::AccountBanned));
    }
}

/// Who reads what the newest message says: whoever may read the room.
#[test]
fn a_preview_is_for_readers() {
    let preview = crate::Preview {
        seq: Seq::FIRST,
        author: None,
        text: Some("hello".to_owned()),
        media_count: 0,
        at: Timestamp::UNIX_EPOCH,
    };
    let place = crate::Standing {
        membership: member(Permissions::NONE, false),
        my_room: crate::MyRoom::entering(ROOM, None),
    };
    let table = [
        (room(RoomType::Group, true, false), false, None, false),
        (room(RoomType::Group, true, false), false, Some(&place), true),
        (room(RoomType::Group, false, true), false, None, false),
        (room(RoomType::Group, false, true), false, Some(&place), false),
        (room(RoomType::Group, false, true), true, None, true),
        (room(RoomType::Group, false, false), true, None, true),
        (room(RoomType::PrivateMessages, false, false), true, None, false),
        (room(RoomType::PrivateMessages, false, false), true, Some(&place), true),
    ];
    for (room, is_staff, standing, shown) in table {
        let room = Room { preview: Some(preview.clone()), ..room };
        let view = crate::RoomView::seen_by(actor(is_staff), room.clone(), standing.cloned());
        let expected = Some(preview.clone()).filter(|_| shown);
        assert_eq!(view.room, Room { preview: expected, ..room });
        assert_eq!(view.standing.as_ref(), standing);
    }
}

#[test]
fn a_public_room_is_joined_and_a_private_one_is_not() {
    let joined = join(actor(false), &room(RoomType::Group, true, false));
    assert_eq!(joined, Ok(Permissions::preset(RoomType::Group)));
    let hidden = join(actor(false), &room(RoomType::Group, false, false));
    assert_eq!(hidden, Err(Refusal::RoomNotFound));
    let preset = Ok(Permissions::preset(RoomType::Channel));
    for is_public in [false, true] {
        let staff_room = room(RoomType::Channel, is_public, true);
        assert_eq!(join(actor(false), &staff_room), Err(Refusal::StaffOnly));
        assert_eq!(join(actor(true), &staff_room), preset);
    }
    // Staff know of it, and yet nobody enters uninvited.
    let seen = join(actor(true), &room(RoomType::Group, false, false));
    assert_eq!(seen, Err(Refusal::Forbidden));
}
