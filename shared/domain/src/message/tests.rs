use uuid::Uuid;

use super::*;
use crate::samples::{self, ANA};
use crate::{Permissions, RoomType};

const BEN: UserId = UserId::new(Uuid::from_u128(2));
const ROOM: RoomId = RoomId::new(Uuid::from_u128(3));

fn message(kind: MessageKind) -> Message {
    Message {
        room_id: ROOM,
        seq: Seq::FIRST,
        client_id: None,
        ordinal: 1,
        kind,
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: Timestamp::UNIX_EPOCH,
        edited_at: None,
        version: 1,
    }
}

fn room(room_type: RoomType) -> Room {
    Room { room_type, ..samples::room() }
}

fn regular(by: UserId) -> Message {
    let author = Author { id: by, name: "Ana".to_owned() };
    let text = Some(MessageText("first".to_owned()));
    message(MessageKind::Regular { author, text, media: Vec::new() })
}

fn system() -> Message {
    let actor = Author { id: ANA, name: "Ana".to_owned() };
    let notice = SystemNotice { code: SystemCode::RoomCreated, actor, user: None, name: None };
    message(MessageKind::System(notice))
}

fn deleted(by: UserId) -> Message {
    message(MessageKind::Deleted { author: Author { id: by, name: "Ana".to_owned() } })
}

fn member(permissions: &[Permission]) -> (Actor, Membership) {
    let membership = Membership {
        room_id: ROOM,
        user_id: ANA,
        permissions: Permissions::of(permissions),
        is_owner: false,
        created_by: BEN,
        joined_at: Timestamp::UNIX_EPOCH,
    };
    (Actor { user_id: ANA, is_staff: false }, membership)
}

#[test]
fn text_at_and_past_its_limit() {
    for (chars, expected) in [
        (0, Err(Refusal::Invalid { pointer: "/text", reason: "must not be empty".to_owned() })),
        (1, Ok(())),
        (MAX_TEXT_CHARS, Ok(())),
        (MAX_TEXT_CHARS + 1, Err(Refusal::MessageTooLarge)),
    ] {
        assert_eq!(MessageText::parse(&"😀".repeat(chars)).map(drop), expected, "{chars}");
    }
    assert!(MessageText::parse(" \n\t").is_err());
}

#[test]
fn own_and_others_messages_take_their_own_permission() {
    use Permission as P;
    let edits = |permission, message: &Message| {
        let (actor, membership) = member(&[permission]);
        let text = MessageText("second".to_owned());
        edit_message(&actor, &membership, message, text, Timestamp::UNIX_EPOCH).map(drop)
    };
    let deletes = |permission, message: &Message| {
        let (actor, membership) = member(&[permission]);
        delete_message(actor, &room(RoomType::Group), Some(&membership), message).map(drop)
    };
    for (permission, own, others) in [
        (P::CanEditOwnMessages, Ok(()), Err(Refusal::Forbidden)),
        (P::CanEditMessages, Err(Refusal::Forbidden), Ok(())),
        (P::CanDeleteMessages, Err(Refusal::Forbidden), Err(Refusal::Forbidden)),
    ] {
        assert_eq!(edits(permission, &regular(ANA)), own, "{permission:?}");
        assert_eq!(edits(permission, &regular(BEN)), others, "{permission:?}");
    }
    for (permission, own, others) in [
        (P::CanDeleteOwnMessages, Ok(()), Err(Refusal::Forbidden)),
        (P::CanDeleteMessages, Err(Refusal::Forbidden), Ok(())),
        (P::CanEditMessages, Err(Refusal::Forbidden), Err(Refusal::Forbidden)),
    ] {
        assert_eq!(deletes(permission, &regular(ANA)), own, "{permission:?}");
        assert_eq!(deletes(permission, &regular(BEN)), others, "{permission:?}");
    }
}

#[test]
fn a_system_message_or_tombstone_is_not_edited() {
    let (actor, membership) = member(&Permission::ALL);
    for target in [system(), deleted(ANA)] {
        let text = MessageText("second".to_owned());
        let edited = edit_message(&actor, &membership, &target, text, Timestamp::UNIX_EPOCH);
        assert_eq!(edited, Err(Refusal::MessageNotFound));
    }
    assert_eq!(
        delete_message(actor, &room(RoomType::Group), Some(&membership), &system()),
        Err(Refusal::MessageNotFound)
    );
    assert_eq!(
        delete_message(actor, &room(RoomType::Group), Some(&membership), &deleted(ANA)),
        Ok(None)
    );
}

#[test]
fn a_message_says_or_shows_something() {
    let id = |number: u128| Uuid::from_u128(number).to_string();
    let ids = |count: u128| (1..=count).map(id).collect::<Vec<_>>();
    let invalid = |pointer, reason: &str| Refusal::Invalid { pointer, reason: reason.to_owned() };
    let empty = || Some(invalid("/text", "must not be empty"));
    for (text, media, refused) in [
        (Some("hello"), Vec::new(), None),
        (Some("hello"), ids(1), None),
        (None, ids(1), None),
        (Some(""), ids(MAX_MEDIA as u128), None),
        (None, Vec::new(), empty()),
        (Some(""), Vec::new(), empty()),
        (Some("  "), ids(1), empty()),
        (None, ids(MAX_MEDIA as u128 + 1), Some(invalid("/media", "must name at most 10"))),
        (None, vec![id(1), id(1)], Some(invalid("/media", "must name each once"))),
        (None, vec!["x".to_owned()], Some(Refusal::MediaNotFound)),
    ] {
        assert_eq!(parse_content(text, &media).err(), refused, "{text:?} {media:?}");
    }
}

#[test]
fn a_picture_alone_does_not_look_deleted_and_outlives_an_edit() {
    let (actor, membership) = member(&Permission::ALL);
    let media = vec![MessageMedia {
        media_id: MediaId::new(Uuid::from_u128(5)),
        content_type: "image/png".to_owned(),
        size_bytes: 1,
        filename: "a.png".to_owned(),
        size: None,
    }];
    let author = Author { id: ANA, name: "Ana".to_owned() };
    let shown = message(MessageKind::Regular { author, text: None, media: media.clone() });
    let Preview { text, media_count, .. } = shown.preview();
    assert_eq!((text, media_count), (None, 1));
    let text = MessageText("second".to_owned());
    let edited = edit_message(&actor, &membership, &shown, text, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(edited.media(), media);
    let tombstone = delete_message(actor, &room(RoomType::Group), Some(&membership), &edited);
    let tombstone = tombstone.unwrap().unwrap();
    assert_eq!((tombstone.media(), tombstone.preview().media_count), (&[][..], 0));
}

#[test]
fn a_tombstone_keeps_no_text() {
    let (actor, membership) = member(&Permission::ALL);
    let tombstone = delete_message(actor, &room(RoomType::Group), Some(&membership), &regular(ANA));
    assert_eq!(tombstone, Ok(Some(Message { version: 2, ..deleted(ANA) })));
    assert_eq!(deleted(ANA).preview().text, None);
}

#[test]
fn staff_delete_any_message_but_in_private() {
    let (actor, membership) = member(&[]);
    let staff = Actor { is_staff: true, ..actor };
    for (room_type, expected) in [
        (RoomType::Group, Ok(())),
        (RoomType::Channel, Ok(())),
        (RoomType::PrivateMessages, Err(Refusal::Forbidden)),
    ] {
        for membership in [None, Some(&membership)] {
            for message in [regular(ANA), regular(BEN)] {
                let deleted = delete_message(staff, &room(room_type), membership, &message);
                assert_eq!(deleted.map(drop), expected, "{room_type:?}");
                let others = delete_message(actor, &room(room_type), membership, &message);
                assert_eq!(others, Err(Refusal::Forbidden), "{room_type:?}");
            }
        }
    }
}
