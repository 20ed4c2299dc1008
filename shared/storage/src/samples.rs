//! Values and rooms for the tests of this crate.

use domain::{
    Author, Event, EventData, Membership, Message, MessageKind, MessageText, MyRoom, Name,
    Permissions, Preview, Room, RoomDetails, RoomId, RoomType, Seq, Standing, SystemCode,
    SystemNotice, User, UserId, Username,
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::item::Row;
use crate::{Created, Entry, Issue, Issued, Store};

/// When the tests begin.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_780_000_000).unwrap()
}

pub(crate) fn seconds_later(seconds: i64) -> Timestamp {
    Timestamp::from_second(start().as_second() + seconds).unwrap()
}

pub(crate) fn user(id: u128) -> UserId {
    UserId::new(Uuid::from_u128(id))
}

/// Somebody; those with an even number are staff.
pub(crate) fn person(id: u128, username: &str, name: &str) -> User {
    User {
        id: user(id),
        username: Username::parse(username).unwrap(),
        name: Name::parse(name).unwrap(),
        avatar_media_id: None,
        is_staff: id.is_multiple_of(2),
        is_banned: false,
        created_at: Timestamp::new(1_700_000_000, 123_000_000).unwrap(),
    }
}

pub(crate) fn room_id(id: u128) -> RoomId {
    RoomId::new(Uuid::from_u128(1_000_000 + id))
}

pub(crate) fn seq(number: u64) -> Seq {
    Seq::new(number).unwrap()
}

pub(crate) fn author(id: u128) -> Author {
    Author { id: user(id), name: format!("User {id}") }
}

/// A new room: its first number is an event, its second a system message.
pub(crate) fn room(id: RoomId) -> Room {
    Room {
        id,
        room_type: RoomType::Group,
        details: RoomDetails { name: Some("Lobby".to_owned()), ..RoomDetails::default() },
        member_count: 1,
        seq: seq(2),
        message_count: 0,
        last_activity_at: start(),
        pace_since: None,
        members_changed_at: None,
        preview: None,
        created_by: user(1),
        created_at: start(),
        updated_at: start(),
        version: 1,
    }
}

pub(crate) fn standing(room: RoomId, member: UserId) -> Standing {
    Standing {
        membership: Membership {
            room_id: room,
            user_id: member,
            permissions: Permissions::preset(RoomType::Group),
            is_owner: member == user(1),
            created_by: user(1),
            joined_at: start(),
        },
        my_room: MyRoom::entering(room, None),
    }
}

pub(crate) fn message(room: RoomId, number: u64, text: &str) -> Message {
    Message {
        room_id: room,
        seq: seq(number),
        client_id: Some(format!("c-{number}").parse().unwrap()),
        ordinal: number,
        kind: MessageKind::Regular {
            author: author(1),
            text: Some(MessageText::parse(text).unwrap()),
            media: Vec::new(),
        },
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: start(),
        edited_at: None,
        version: 1,
    }
}

pub(crate) fn event(room: RoomId, number: u64, data: EventData) -> Entry {
    Entry::Event(Box::new(Event {
        room_id: room,
        seq: Some(seq(number)),
        at: start(),
        actor: Some(author(1)),
        data,
    }))
}

pub(crate) fn notice(room: RoomId, number: u64) -> Entry {
    let code = SystemCode::RoomCreated;
    let notice = SystemNotice { code, actor: author(1), user: None, name: None };
    Entry::Message(Box::new(Message {
        client_id: None,
        kind: MessageKind::System(notice),
        ..message(room, number, "-")
    }))
}

/// The entries that every new room has.
pub(crate) fn first_entries(room: &Room) -> [Entry; 2] {
    [event(room.id, 1, EventData::RoomCreated(room.clone())), notice(room.id, 2)]
}

/// A stored room with these members, numbered up to 2.
pub(crate) async fn open_room(store: &Store, members: &[UserId]) -> Room {
    let room = room(room_id(1));
    let standings: Vec<_> = members.iter().map(|member| standing(room.id, *member)).collect();
    let created = store.create_room(&room, None, &standings, &first_entries(&room)).await;
    assert_eq!(created.unwrap(), Created::Room);
    room
}

/// The head after these were issued.
pub(crate) async fn issued(store: &Store, room: RoomId, issue: &Issue) -> Room {
    match store.issue(room, issue, start()).await.unwrap() {
        Issued::Numbered(room) => *room,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn a_message(preview: &str) -> Issue {
    let text = Some(preview.to_owned());
    let preview =
        Preview { seq: seq(1), author: Some(author(1)), text, media_count: 0, at: start() };
    Issue::Message { preview, is_staff: false, members_read_at: None }
}

/// Every row of the chat table, in one order: what a write that lost must leave as it was.
pub(crate) async fn every_row(store: &Store) -> Vec<Row> {
    let answer = store.client.sdk().scan().table_name(&store.tables.chat).send().await.unwrap();
    assert_eq!(answer.last_evaluated_key, None);
    let mut rows = answer.items.unwrap();
    rows.sort_by_key(|row| format!("{:?} {:?}", row["pk"], row["sk"]));
    rows
}

/// The bytes of a row that DynamoDB bills.
pub(crate) fn row_bytes(row: &Row) -> usize {
    use aws_sdk_dynamodb::types::AttributeValue as Value;
    fn value_bytes(value: &Value) -> usize {
        match value {
            Value::S(text) => text.len(),
            Value::N(number) => number.len().div_ceil(2) + 1,
            Value::Bool(_) => 1,
            Value::M(map) => 3 + map.len() + row_bytes(map),
            other => panic!("{other:?}"),
        }
    }
    row.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}
