use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Event, MAX_TEXT_CHARS, MediaId, Member, Membership, MessageKind, MessageMedia, MessageText,
    Name, Permissions, Reaction, ReactionCount, SystemCode, SystemNotice, User, UserId, Username,
};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::item::event::{event, event_row};
use crate::item::message::{message, message_row};
use crate::samples::{self, author, room_id, seconds_later, seq, start, user};

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter)
}

fn at() -> impl Strategy<Value = Timestamp> {
    let (min, max) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    (min..=max).prop_map(|at| Timestamp::from_millisecond(at).unwrap())
}

fn user_id() -> impl Strategy<Value = UserId> {
    any::<u128>().prop_map(user)
}

fn any_author() -> impl Strategy<Value = Author> {
    (user_id(), text()).prop_map(|(id, name)| Author { id, name })
}

fn code() -> impl Strategy<Value = SystemCode> {
    prop::sample::select(vec![
        SystemCode::RoomCreated,
        SystemCode::MemberAdded,
        SystemCode::MemberJoined,
        SystemCode::MemberLeft,
        SystemCode::MemberRemoved,
        SystemCode::RoomUpdated,
    ])
}

prop_compose! {
    fn system()(
        code in code(),
        actor in any_author(),
        user in proptest::option::of(any_author()),
        name in proptest::option::of(text()),
    ) -> MessageKind {
        MessageKind::System(SystemNotice { code, actor, user, name })
    }
}

prop_compose! {
    fn media()(
        id: u128,
        texts in (text(), text()),
        size_bytes: u64,
        size in proptest::option::of(any::<(u32, u32)>()),
    ) -> MessageMedia {
        MessageMedia {
            media_id: domain::MediaId::new(uuid::Uuid::from_u128(id)),
            content_type: texts.0,
            size_bytes,
            filename: texts.1,
            size: size.map(|(width, height)| domain::PixelSize { width, height }),
        }
    }
}

fn kind() -> impl Strategy<Value = MessageKind> {
    let said = text().prop_filter_map("not blank", |text| MessageText::parse(&text).ok());
    prop_oneof![
        (any_author(), proptest::option::of(said), prop::collection::vec(media(), 0..3))
            .prop_map(|(author, text, media)| MessageKind::Regular { author, text, media }),
        any_author().prop_map(|author| MessageKind::Deleted { author }),
        system(),
    ]
}

prop_compose! {
    fn any_message()(
        kind in kind(),
        numbers in (1..=u64::MAX, any::<u64>(), any::<u64>()),
        reactions in proptest::collection::vec(("[a-z👍❤]{1,3}", any::<u64>()), 0..3),
        reaction_seq: u64,
        client_id in proptest::option::of("[!-\"$-~]{1,64}"),
        reply_to in proptest::option::of(1..=u64::MAX),
        created_at in at(),
        edited_at in proptest::option::of(at()),
    ) -> Message {
        let (number, ordinal, version) = numbers;
        let counts = reactions.into_iter().map(|(text, count)| ReactionCount {
            reaction: Reaction::named(&text),
            count,
            mine: false,
        });
        Message {
            reactions: counts.collect(),
            reaction_seq,
            room_id: room_id(1),
            seq: seq(number),
            client_id: client_id.map(|id| id.parse().unwrap()),
            ordinal,
            kind,
            reply_to_seq: reply_to.map(seq),
            created_at,
            edited_at,
            version,
        }
    }
}

prop_compose! {
    fn any_member()(
        id in user_id(),
        username in "[a-z0-9_.-]{3,32}",
        name in text().prop_filter_map("a line", |text| Name::parse(&text).ok()),
        avatar in any::<Option<u128>>(),
        flags: (bool, bool, u16),
        created_by in user_id(),
        times in (at(), at()),
    ) -> Member {
        let (is_staff, is_owner, bits) = flags;
        Member {
            membership: Membership {
                room_id: room_id(1),
                user_id: id,
                permissions: Permissions::from_bits(bits),
                is_owner,
                created_by,
                joined_at: times.0,
            },
            user: User {
                id,
                username: Username::parse(&username).unwrap(),
                name,
                avatar_media_id: avatar.map(|id| MediaId::new(Uuid::from_u128(id))),
                is_staff,
                is_banned: !is_staff && is_owner,
                created_at: times.1,
            },
            my_room: None,
        }
    }
}

/// What an event says, and what its row says of it.
fn data() -> impl Strategy<Value = (EventData, StoredData)> {
    let whole = |data: EventData| (data.clone(), StoredData::Whole(Box::new(data)));
    let room = || samples::room(room_id(1));
    prop_oneof![
        any_message().prop_map(|message| {
            let stored = StoredData::MessageUpdated(message.seq);
            (EventData::MessageUpdated(message), stored)
        }),
        any_message().prop_map(|message| {
            let stored = StoredData::MessageDeleted(message.seq);
            (EventData::MessageDeleted(message), stored)
        }),
        Just((EventData::RoomCreated(room()), StoredData::RoomCreated)),
        Just((EventData::RoomUpdated(room()), StoredData::RoomUpdated)),
        Just(whole(EventData::RoomDeleted)),
        any_member().prop_map(move |member| whole(EventData::MemberJoined(member))),
        any_member().prop_map(move |member| whole(EventData::MemberUpdated(member))),
        any_member().prop_map(move |member| whole(EventData::MemberLeft(member))),
    ]
}

/// As a newer version of this crate may write it.
fn with_more(mut row: Row) -> Row {
    row.insert("of_a_newer_version".to_owned(), AttributeValue::M(Row::new()));
    row.insert(key::EXPIRES_AT.to_owned(), AttributeValue::N("1".to_owned()));
    row
}

proptest! {
    #[test]
    fn a_message_survives_its_row(before in any_message()) {
        let row = message_row(&before).unwrap();
        prop_assert_eq!(message(with_more(row)).unwrap(), LogRow::Message(before));
    }

    #[test]
    fn an_event_survives_its_row(
        (data, stored) in data(),
        number in 1..=u64::MAX,
        at in at(),
        actor in proptest::option::of(any_author()),
    ) {
        let (room_id, seq) = (room_id(1), seq(number));
        let before = Event { room_id, seq: Some(seq), at, actor: actor.clone(), data };
        let row = event_row(&before, seq).unwrap();
        let after = StoredEvent { room_id, seq, at, actor, data: stored };
        prop_assert_eq!(event(with_more(row)).unwrap(), LogRow::Event(after));
    }
}

#[test]
fn a_void_is_a_void_at_both_places() {
    let (room, number, at) = (room_id(1), seq(9), seconds_later(1));
    for lapsed in [false, true] {
        let void = LogRow::Void { seq: number, at, lapsed };
        let row = |key| void_row(key, at, lapsed).unwrap();
        assert_eq!(message(row(key::message(room, number))).unwrap(), void);
        assert_eq!(event(row(key::event(room, number))).unwrap(), void);
    }
}

#[test]
fn an_event_row_refers_to_a_message_and_never_quotes_it() {
    let secret = samples::message(room_id(1), 3, "secret");
    for data in [EventData::MessageUpdated(secret.clone()), EventData::MessageDeleted(secret)] {
        let (room_id, at) = (room_id(1), start());
        let event = Event { room_id, seq: Some(seq(4)), at, actor: Some(author(1)), data };
        let row = event_row(&event, seq(4)).unwrap();
        assert!(!format!("{row:?}").contains("secret"));
    }
}

#[test]
fn what_is_told_to_one_user_has_no_row() {
    let (room_id, at) = (room_id(1), start());
    let told = samples::message(room_id, 3, "hello");
    for data in [EventData::MessageCreated(told), EventData::Void, EventData::RoomRemoved] {
        let event = Event { room_id, seq: Some(seq(4)), at, actor: None, data };
        assert!(matches!(event_row(&event, seq(4)), Err(Error::Corrupt { .. })), "{event:?}");
    }
}

#[test]
fn rows_that_this_version_cannot_read_are_corrupt() {
    let good = message_row(&samples::message(room_id(1), 3, "hello")).unwrap();
    let long = "a".repeat(MAX_TEXT_CHARS + 1);
    for (attribute, value) in [
        ("kind", AttributeValue::S("poll".to_owned())),
        ("text", AttributeValue::S(long)),
        ("created_at", AttributeValue::N(i64::MAX.to_string())),
        ("sk", AttributeValue::S("M#".to_owned())),
        ("pk", AttributeValue::S("R#lobby".to_owned())),
    ] {
        let mut row = good.clone();
        row.insert(attribute.to_owned(), value);
        assert!(matches!(message(row), Err(Error::Corrupt { .. })), "{attribute}");
    }
}
