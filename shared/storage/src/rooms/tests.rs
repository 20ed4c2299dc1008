use domain::{MessageKind, MessageText};

use super::*;
use crate::samples::{a_message, issued, message, open_room, room_id, seconds_later, seq, user};
use crate::{Change, testing};

fn mark(number: u64, read_count: u64) -> ReadMark {
    ReadMark { seq: Seq::new(number).unwrap(), read_count }
}

async fn my_room(store: &Store, room: RoomId, user: UserId) -> domain::MyRoom {
    store.room_and_standing(room, user).await.unwrap().standing.unwrap().my_room
}

#[tokio::test]
async fn a_reading_mark_never_moves_back() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let read = async |number, count| {
        store.mark_read(room, user(1), mark(number, count), seconds_later(9)).await.unwrap()
    };
    assert_eq!(read(5, 3).await, MarkRead::Advanced);
    let there = my_room(&store, room, user(1)).await;
    assert_eq!((there.last_read_seq, there.read_count), (5, 3));
    assert_eq!(there.last_seen_at, Some(seconds_later(9)));
    for (number, count) in [(5, 9), (4, 2), (1, 0)] {
        match read(number, count).await {
            MarkRead::AlreadyPast(standing) => assert_eq!(standing.my_room, there),
            other => panic!("{other:?}"),
        }
        assert_eq!(my_room(&store, room, user(1)).await, there);
    }
    assert_eq!(read(6, 4).await, MarkRead::Advanced);
}

#[tokio::test]
async fn many_devices_leave_the_mark_at_the_furthest() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let reads = (1..=30)
        .rev()
        .chain(31..=60)
        .map(|number| store.mark_read(room, user(1), mark(number, number), seconds_later(1)));
    futures_util::future::try_join_all(reads).await.unwrap();
    let there = my_room(&store, room, user(1)).await;
    assert_eq!((there.last_read_seq, there.read_count), (60, 60));
}

#[tokio::test]
async fn a_stranger_has_no_mark_to_move() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let now = seconds_later(1);
    let read = store.mark_read(room, user(2), mark(1, 1), now).await.unwrap();
    assert_eq!(read, MarkRead::NotAMember);
    assert!(!store.mark_sent(room, user(2), mark(1, 1), now).await.unwrap());
    assert!(!store.set_muted(room, user(2), true).await.unwrap());
    assert_eq!(store.room_and_standing(room, user(2)).await.unwrap().standing, None);
}

#[tokio::test]
async fn an_own_message_counts_as_read_only_where_all_before_it_is() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let sent = async |number, count| {
        store.mark_sent(room, user(1), mark(number, count), seconds_later(1)).await.unwrap()
    };
    assert!(sent(3, 1).await);
    // The message 4 of somebody else is unread: 5 must not hide it.
    assert!(!sent(5, 3).await);
    assert_eq!(my_room(&store, room, user(1)).await.read_count, 1);
    store.mark_read(room, user(1), mark(5, 3), seconds_later(2)).await.unwrap();
    assert!(sent(6, 4).await);
    let there = my_room(&store, room, user(1)).await;
    assert_eq!((there.last_read_seq, there.read_count), (6, 4));
    // A late answer to an older send changes nothing.
    assert!(!sent(6, 5).await);
    assert!(!sent(3, 1).await);
    assert_eq!(my_room(&store, room, user(1)).await, there);
}

#[tokio::test]
async fn the_count_of_members_is_that_of_the_latest_change() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    for (count, as_of, before, then) in
        [(3, 10, Some(1), 3), (2, 8, None, 3), (9, 10, None, 3), (4, 11, Some(3), 4)]
    {
        assert_eq!(store.set_member_count(room, count, as_of).await.unwrap(), before, "{as_of}");
        let head = store.room(room).await.unwrap().unwrap();
        assert_eq!(head.member_count, then, "{as_of}");
    }
    assert_eq!(store.set_member_count(room_id(9), 1, 1).await.unwrap(), None);
    assert_eq!(store.room(room_id(9)).await.unwrap(), None);
}

#[tokio::test]
async fn muting_is_kept_apart_from_reading() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let before = my_room(&store, room, user(1)).await;
    for muted in [true, true, false] {
        assert!(store.set_muted(room, user(1), muted).await.unwrap());
        let expected = domain::MyRoom { muted, ..before.clone() };
        assert_eq!(my_room(&store, room, user(1)).await, expected);
    }
}

#[tokio::test]
async fn rooms_are_read_in_more_than_one_batch() {
    let store = testing::store().await;
    let ids: Vec<_> = (1..=130).map(room_id).collect();
    for id in &ids {
        let room = crate::samples::room(*id);
        let member = [crate::samples::standing(*id, user(1))];
        store.create_room(&room, None, &member, &[]).await.unwrap();
    }
    let found = store.rooms_and_standings(user(1), &ids).await.unwrap();
    assert_eq!(found.len(), ids.len());
    assert!(found.values().all(|one| one.room.is_some() && one.standing.is_some()));
    assert_eq!(store.rooms(&ids).await.unwrap().len(), ids.len());
    assert_eq!(store.standings(user(1)).await.unwrap().len(), ids.len());
    assert_eq!(store.standings(user(2)).await.unwrap(), []);
    assert_eq!(store.rooms(&[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_preview_is_replaced_only_where_it_is_shown() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let shown = async || store.room(room).await.unwrap().unwrap().preview;
    let other = message(room, 2, "before");
    assert!(!store.replace_preview(room, seq(3), Some(&other)).await.unwrap(), "nothing is shown");
    assert_eq!(shown().await, None);

    issued(&store, room, &a_message("lost")).await;
    assert!(!store.replace_preview(room, seq(4), Some(&other)).await.unwrap());
    assert!(!store.replace_preview(room, seq(4), None).await.unwrap());
    assert_eq!(shown().await.unwrap().text.as_deref(), Some("lost"));
    assert!(store.replace_preview(room, seq(3), Some(&other)).await.unwrap());
    assert_eq!(shown().await, Some(other.preview()));
    assert!(store.replace_preview(room, seq(2), None).await.unwrap());
    assert_eq!(shown().await, None);
    // The next message shows again.
    issued(&store, room, &a_message("next")).await;
    assert_eq!(shown().await.unwrap().seq, seq(4));
}

#[tokio::test]
async fn a_preview_gives_way_only_to_a_later_version_of_its_message() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    issued(&store, room, &a_message("secret")).await;
    let first = message(room, 3, "secret");
    let author = first.author().cloned().unwrap();
    let edited = MessageKind::Regular {
        author: author.clone(),
        text: Some(MessageText::parse("another secret").unwrap()),
        media: Vec::new(),
    };
    let edited = Message { kind: edited, version: 2, ..first.clone() };
    let deleted = Message { kind: MessageKind::Deleted { author }, version: 3, ..first.clone() };
    // The deletion was written later, and its writer came here first.
    assert!(store.replace_preview(room, seq(3), Some(&deleted)).await.unwrap());
    for late in [&edited, &first, &deleted] {
        assert!(!store.replace_preview(room, seq(3), Some(late)).await.unwrap());
        let head = store.room(room).await.unwrap().unwrap();
        assert_eq!(head.preview, Some(deleted.preview()));
    }
}

#[tokio::test]
async fn a_late_preview_does_not_come_back_to_a_deleted_room() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    issued(&store, room, &a_message("secret")).await;
    store.commit(room, &[], &[Change::Delete { version: 1, pair: None }]).await.unwrap();
    let edited = Message { version: 2, ..message(room, 3, "secret") };
    assert!(!store.replace_preview(room, seq(3), Some(&edited)).await.unwrap());
}
