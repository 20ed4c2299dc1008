use domain::EventData;
use futures_util::future::join_all;

use super::*;
use crate::samples::{
    a_message, every_row, issued, message, open_room, seconds_later, seq, standing, start, user,
};
use crate::{Issue, LogRow, samples, testing};

const HASH: &str = "hash";

fn client_id() -> ClientId {
    "c-1".parse().unwrap()
}

/// The rows of the log between two numbers, `after` excluded.
async fn log(store: &Store, room: RoomId, after: u64, upto: u64) -> Vec<LogRow> {
    store.log(room, after, upto).await.unwrap()
}

async fn append(store: &Store, message: &Message, client_id: &ClientId) -> Appended {
    store.append_message(message, user(1), client_id, HASH, start()).await.unwrap()
}

#[tokio::test]
async fn a_message_is_stored_once_for_each_client_id() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let first = message(room.id, 3, "hello");
    assert_eq!(append(&store, &first, &client_id()).await, Appended::Stored);
    let dedup = Dedup { room_id: room.id, seq: seq(3), body_hash: HASH.to_owned() };
    let rows = every_row(&store).await;
    // Its answer was lost, and the SDK asked again.
    assert_eq!(append(&store, &first, &client_id()).await, Appended::Stored);
    let again = append(&store, &message(room.id, 4, "hello"), &client_id()).await;
    assert_eq!(again, Appended::Duplicate(dedup.clone()));
    assert_eq!(every_row(&store).await, rows, "a message was written again");

    let begun = store.begin_send(room.id, user(1), &client_id(), start()).await.unwrap();
    assert_eq!(begun, (Some(standing(room.id, user(1)).membership), Some(dedup)));
    let stranger = store.begin_send(room.id, user(2), &client_id(), start()).await.unwrap();
    assert_eq!(stranger, (None, None), "another user's client_id is another");

    // Control: another client_id, and the same one of another user, are stored.
    let other = "c-2".parse().unwrap();
    assert_eq!(append(&store, &message(room.id, 4, "hello"), &other).await, Appended::Stored);
    let five = message(room.id, 5, "hello");
    let stored = store.append_message(&five, user(2), &client_id(), HASH, start()).await.unwrap();
    assert_eq!(stored, Appended::Stored);
    assert_eq!(log(&store, room.id, 2, 9).await.len(), 3);
}

#[tokio::test]
async fn one_of_many_sends_of_a_client_id_is_stored() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let send = async |client_id: ClientId| {
        let head = issued(&store, room.id, &a_message("hello")).await;
        let message = message(room.id, head.seq.get(), "hello");
        (head.seq, append(&store, &message, &client_id).await)
    };
    let outcomes = join_all((0..40).map(|_| send(client_id()))).await;
    let stored: Vec<_> =
        outcomes.iter().filter(|(_, outcome)| *outcome == Appended::Stored).collect();
    assert_eq!(stored.len(), 1);
    let winner = stored[0].0;
    for (number, outcome) in &outcomes {
        match outcome {
            Appended::Stored => {}
            Appended::Duplicate(dedup) => {
                assert_eq!(dedup.seq, winner);
                assert!(store.void(room.id, *number, start()).await.unwrap());
            }
            other => panic!("nobody voided {number}, and it shows nothing: {other:?}"),
        }
    }
    assert_eq!(store.messages_after(room.id, 2, 100).await.unwrap().messages.len(), 1);
    assert_eq!(testing::account(&store, room.id).await, Ok(()));

    // Control: forty client_ids are forty messages.
    join_all((0..40).map(|index| send(format!("d-{index}").parse().unwrap()))).await;
    assert_eq!(store.messages_after(room.id, 2, 100).await.unwrap().messages.len(), 41);
}

#[tokio::test]
async fn a_client_id_is_forgotten_when_its_row_expires() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    append(&store, &message(room.id, 3, "hello"), &client_id()).await;
    let kept = i64::try_from(DEDUP_KEPT.as_secs()).unwrap();
    let send = async |number, now| {
        let message = message(room.id, number, "hello");
        store.append_message(&message, user(1), &client_id(), HASH, now).await.unwrap()
    };
    // Nothing sweeps here: the row stays, as it may for days.
    let last = seconds_later(kept - 1);
    assert!(matches!(send(4, last).await, Appended::Duplicate(_)));
    assert!(store.begin_send(room.id, user(1), &client_id(), last).await.unwrap().1.is_some());
    let past = seconds_later(kept);
    assert!(store.begin_send(room.id, user(1), &client_id(), past).await.unwrap().1.is_none());
    assert_eq!(send(4, past).await, Appended::Stored);
    match send(5, past).await {
        Appended::Duplicate(dedup) => assert_eq!(dedup.seq, seq(4)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_void_never_becomes_a_message_nor_an_event() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    issued(&store, room.id, &a_message("lost")).await;
    assert!(store.void(room.id, seq(3), start()).await.unwrap());
    let rows = every_row(&store).await;
    assert_eq!(append(&store, &message(room.id, 3, "late"), &client_id()).await, Appended::Voided);
    let late = [samples::event(room.id, 3, EventData::RoomDeleted)];
    assert_eq!(store.commit(room.id, &late, &[]).await.unwrap(), Commit::Lost);
    assert_eq!(
        store.commit(room.id, &[samples::notice(room.id, 3)], &[]).await.unwrap(),
        Commit::Lost
    );
    assert!(!store.void(room.id, seq(3), start()).await.unwrap());
    assert_eq!(every_row(&store).await, rows);
    assert_eq!(testing::account(&store, room.id).await, Ok(()));
    // The voided send named nothing: its client_id is free for the next number.
    issued(&store, room.id, &a_message("again")).await;
    assert_eq!(append(&store, &message(room.id, 4, "again"), &client_id()).await, Appended::Stored);
}

#[tokio::test]
async fn a_number_in_use_is_never_voided() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    append(&store, &message(room.id, 3, "hello"), &client_id()).await;
    let rows = every_row(&store).await;
    for number in 1..=3 {
        assert!(!store.void(room.id, seq(number), start()).await.unwrap(), "{number}");
    }
    assert_eq!(every_row(&store).await, rows);
}

/// A control: the check of a log is able to fail.
#[tokio::test]
async fn a_void_at_one_place_only_would_let_a_number_be_two_things() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    issued(&store, room.id, &Issue::Entries(1)).await;
    assert_eq!(
        testing::account(&store, room.id).await,
        Err("number 3 is []".to_owned()),
        "a hole is seen"
    );
    let half = item::log::void_row(key::message(room.id, seq(3)), start(), false).unwrap();
    let half = vec![store.put_absent("void by half", half).unwrap()];
    assert_eq!(store.transact("void by half", half).await.unwrap(), Commit::Done);
    assert_eq!(
        testing::account(&store, room.id).await,
        Err("number 3 is [\"void message\"]".to_owned())
    );
    // A reader was told that 3 is void; the slow writer of the event comes after it.
    let late = [samples::event(room.id, 3, EventData::RoomDeleted)];
    assert_eq!(store.commit(room.id, &late, &[]).await.unwrap(), Commit::Done);
    assert_eq!(
        testing::account(&store, room.id).await,
        Err("number 3 is [\"void message\", \"event\"]".to_owned())
    );
    // Reading shows the number once whatever it is, which is why the check looks at the rows.
    assert_eq!(log(&store, room.id, 2, 3).await.len(), 1);
}
