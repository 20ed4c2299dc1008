use domain::{Author, Membership, MessageKind, MessageText};
use storage::{Appended, Change, Commit, Entry, Issue, Issued};

use super::*;
use crate::testing::{House, at, later, seq};

/// A number for a message whose writer is then not heard of.
async fn lose(house: &House, by: &By, room: RoomId, text: &str) -> Seq {
    let issue = Issue::Message {
        preview: domain::Preview {
            seq: Seq::FIRST,
            author: Some(by.author()),
            text: Some(text.to_owned()),
            media_count: 0,
            at: by.now,
        },
        is_staff: false,
        members_read_at: None,
    };
    match house.app.store.issue(room, &issue, by.now).await.unwrap() {
        Issued::Numbered(room) => room.seq,
        other => panic!("{other:?}"),
    }
}

async fn catch_up_from(house: &House, by: &By, room: RoomId, cursor: u64) -> SyncRoom {
    let answer = sync(&house.app, by, &BTreeMap::from([(room, cursor)]), Scope::All).await.unwrap();
    assert_eq!((answer.added, answer.removed), (vec![], vec![]));
    answer.rooms[&room].clone()
}

fn told(answer: &SyncRoom) -> Vec<(u64, &'static str)> {
    let told = |event: &Event| (event.seq.unwrap().get(), event.data.name());
    answer.events.iter().map(told).collect()
}

fn late_message(by: &By, room_id: RoomId, seq: Seq) -> Message {
    let text = MessageText::parse("late").unwrap();
    Message {
        room_id,
        seq,
        client_id: Some("late".parse().unwrap()),
        ordinal: 1,
        kind: MessageKind::Regular { author: by.author(), text: Some(text), media: Vec::new() },
        reactions: Vec::new(),
        reaction_seq: 0,
        reply_to_seq: None,
        created_at: by.now,
        edited_at: None,
        version: 1,
    }
}

#[tokio::test]
async fn a_number_without_a_row_holds_up_its_readers_until_it_is_old() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.send(&later(&ana, 9.0), room, "c-1", "before").await;
    assert_eq!(lose(&house, &later(&ben, 10.0), room, "lost").await, seq(4));
    house.send(&later(&ana, 11.0), room, "c-2", "after").await;

    for seconds in [11.0, 13.0, 15.999] {
        let answer = catch_up_from(&house, &later(&ana, seconds), room, 2).await;
        assert_eq!(told(&answer), [(3, "message.created")], "at {seconds}");
        assert_eq!((answer.upto, answer.head, answer.reset), (3, 5, false));
    }
    let answer = catch_up_from(&house, &later(&ana, 16.0), room, 2).await;
    let expected = [(3, "message.created"), (4, "void"), (5, "message.created")];
    assert_eq!(told(&answer), expected);
    assert_eq!((answer.upto, answer.head), (5, 5));
    house.account(room).await;

    // The writer was slow, not dead. It learns of it, and its client_id is free for another number.
    let late = late_message(&later(&ben, 10.0), room, seq(4));
    let (client_id, sender) = ("late".parse().unwrap(), ben.actor.user_id);
    let store = &house.app.store;
    let appended = store.append_message(&late, sender, &client_id, "hash", at(17.0)).await.unwrap();
    assert_eq!(appended, Appended::Voided);
    let sent = house.send(&later(&ben, 17.0), room, "late", "late").await;
    assert_eq!((sent.message.seq, sent.duplicate), (seq(6), false));
    house.account(room).await;
}

#[tokio::test]
async fn an_old_hole_at_the_head_is_voided_and_its_preview_gives_way() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    house.send(&later(&ana, 1.0), room, "c-1", "before").await;
    lose(&house, &later(&ana, 2.0), room, "lost").await;
    let answer = catch_up_from(&house, &later(&ana, 6.9), room, 3).await;
    assert_eq!((answer.upto, told(&answer)), (3, vec![]));
    let preview = house.head(room).await.preview.unwrap();
    assert_eq!((preview.seq, preview.text.as_deref()), (seq(4), Some("lost")));

    let answer = catch_up_from(&house, &later(&ana, 7.0), room, 3).await;
    assert_eq!((answer.upto, told(&answer)), (4, vec![(4, "void")]));
    let preview = house.head(room).await.preview.unwrap();
    assert_eq!((preview.seq, preview.text.as_deref()), (seq(3), Some("before")));
    house.account(room).await;
}

#[tokio::test]
async fn a_room_whose_only_message_was_lost_shows_none() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    lose(&house, &later(&ana, 1.0), room, "lost").await;
    assert!(house.head(room).await.preview.is_some());
    catch_up_from(&house, &later(&ana, 6.0), room, 2).await;
    assert_eq!(house.head(room).await.preview, None);
}

#[tokio::test]
async fn a_lost_event_is_voided_at_both_places() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    let store = &house.app.store;
    store.issue(room, &Issue::Entries(1), at(1.0)).await.unwrap();
    catch_up_from(&house, &later(&ana, 6.0), room, 2).await;
    let event = Event {
        room_id: room,
        seq: Some(seq(3)),
        at: at(1.0),
        actor: Some(Author { id: ana.actor.user_id, name: "ana".to_owned() }),
        data: EventData::RoomDeleted,
    };
    let late = [Entry::Event(Box::new(event))];
    let commit =
        store.commit(room, &late, &[Change::Delete { version: 1, pair: None }]).await.unwrap();
    assert_eq!(commit, Commit::Lost);
    let late = late_message(&ana, room, seq(3));
    let client_id = "late".parse().unwrap();
    let appended = store.append_message(&late, ana.actor.user_id, &client_id, "hash", at(1.0));
    assert_eq!(appended.await.unwrap(), Appended::Voided);
    house.account(room).await;
}

#[tokio::test]
async fn readers_who_meet_the_same_hole_agree() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    for index in 0..5 {
        lose(&house, &ana, room, &format!("lost {index}")).await;
    }
    let reader = later(&ana, 5.0);
    let answers =
        futures_util::future::join_all((0..8).map(|_| catch_up_from(&house, &reader, room, 2)));
    for answer in answers.await {
        assert_eq!(answer.upto, 7);
        assert_eq!(
            told(&answer),
            [(3, "void"), (4, "void"), (5, "void"), (6, "void"), (7, "void")]
        );
    }
    assert_eq!(house.head(room).await.preview, None);
    house.account(room).await;
}

#[tokio::test]
async fn what_is_told_is_what_is_there_now() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    let sent = house.send(&ana, room, "c-1", "first").await.message;
    crate::edit_message(&house.app, &later(&ana, 1.0), room, sent.seq, "second").await.unwrap();
    crate::delete_message(&house.app, &later(&ana, 2.0), room, sent.seq).await.unwrap();
    let answer = catch_up_from(&house, &later(&ana, 3.0), room, 2).await;
    let expected = [(3, "message.created"), (4, "message.updated"), (5, "message.deleted")];
    assert_eq!(told(&answer), expected);
    let telling = format!("{answer:?}");
    assert!(!telling.contains("first") && !telling.contains("second"), "{telling}");
}

#[tokio::test]
async fn a_client_sent_back_once_is_not_sent_back_again() {
    const DAY: f64 = 24.0 * 60.0 * 60.0;
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    // To a reader, a number without a row that is this old is an event that has expired.
    house.app.store.issue(room, &Issue::Entries(1), at(1.0)).await.unwrap();
    house.send(&later(&ana, 2.0), room, "c-1", "old").await;

    let reader = later(&ana, 40.0 * DAY);
    let answer = catch_up_from(&house, &reader, room, 0).await;
    assert!(answer.reset);
    let again = catch_up_from(&house, &reader, room, answer.upto).await;
    assert!(!again.reset, "sent back from {} too", answer.upto);
    assert_eq!(again.upto, 4);

    // Nor where the room came to life again.
    house.send(&later(&ana, 40.0 * DAY), room, "c-2", "new").await;
    let answer = catch_up_from(&house, &reader, room, 0).await;
    assert!(answer.reset);
    let again = catch_up_from(&house, &reader, room, answer.upto).await;
    assert_eq!(
        (again.reset, told(&again)),
        (false, vec![(4, "message.created"), (5, "message.created")])
    );
}

#[tokio::test]
async fn an_expired_event_between_an_old_message_and_a_new_one_is_no_void() {
    const DAY: f64 = 24.0 * 60.0 * 60.0;
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    house.send(&later(&ana, 1.0), room, "c-1", "old").await;
    // A deletion of long ago, whose row is gone: number 4.
    house.app.store.issue(room, &Issue::Entries(1), at(2.0)).await.unwrap();
    house.send(&later(&ana, 40.0 * DAY), room, "c-2", "new").await;

    // Whoever comes first is sent back, and so is everybody after them who has not seen it.
    for seconds in [6.0, 7.0] {
        let reader = later(&ana, 40.0 * DAY + seconds);
        let answer = catch_up_from(&house, &reader, room, 3).await;
        assert!(answer.reset && told(&answer).is_empty(), "{answer:?}");
        assert_eq!(answer.upto, 4);
        let again = catch_up_from(&house, &reader, room, answer.upto).await;
        assert_eq!((again.reset, told(&again)), (false, vec![(5, "message.created")]));
    }
    house.account(room).await;
}

#[tokio::test]
async fn rooms_come_and_go_with_their_members() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let (shared, own) = (house.group(&ana, &[&ben]).await, house.group(&ana, &[]).await);
    let asked = BTreeMap::from([(own, 0)]);
    let answer = sync(&house.app, &ben, &asked, Scope::All).await.unwrap();
    assert_eq!(answer.removed, [own]);
    let added: Vec<_> = answer.added.iter().map(|view| view.room.id).collect();
    assert_eq!(added, [shared]);
    let standing = answer.added[0].standing.as_ref().map(|one| &one.membership);
    assert!(matches!(standing, Some(Membership { is_owner: false, .. })));

    let too_many: BTreeMap<_, _> = (0..=MAX_SYNC_ROOMS)
        .map(|id| (RoomId::new(uuid::Uuid::from_u128(id as u128)), 0))
        .collect();
    let refused = sync(&house.app, &ben, &too_many, Scope::All).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Invalid { pointer: "/rooms", .. }))));
}
