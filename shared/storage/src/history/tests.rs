use domain::EventData;

use super::*;
use crate::samples::{self, a_message, issued, message, open_room, seq, start, user};
use crate::{Appended, Change, Commit, Entry, Issue, testing};

/// A room whose numbers are, from 1: event, notice, and then what `kinds` says.
async fn written(store: &Store, kinds: &str) -> RoomId {
    let room = open_room(store, &[user(1)]).await.id;
    for (number, kind) in (3..).zip(kinds.chars()) {
        issued(store, room, &Issue::Entries(1)).await;
        match kind {
            'm' => {
                let message = message(room, number, &format!("message {number}"));
                let client_id = format!("c-{number}").parse().unwrap();
                let stored =
                    store.append_message(&message, user(1), &client_id, "hash", start()).await;
                assert_eq!(stored.unwrap(), Appended::Stored);
            }
            'e' => {
                let event = [samples::event(room, number, EventData::RoomDeleted)];
                assert_eq!(store.commit(room, &event, &[]).await.unwrap(), Commit::Done);
            }
            'v' => assert!(store.void(room, seq(number), start()).await.unwrap()),
            other => panic!("{other}"),
        }
    }
    assert_eq!(testing::account(store, room).await, Ok(()));
    room
}

fn numbers(history: &History) -> Vec<u64> {
    history.messages.iter().map(|message| message.seq.get()).collect()
}

#[tokio::test]
async fn a_page_is_full_though_voids_lie_in_between() {
    let store = testing::store().await;
    //                            3456789012345
    let room = written(&store, "mvvmevmvvvvme").await;
    let all = [2, 3, 6, 9, 14];
    for limit in 1..=6 {
        for upto in [0, 1, 2, 3, 5, 8, 9, 13, 14, 15, u64::MAX] {
            let page = store.messages_upto(room, upto, limit).await.unwrap();
            let before: Vec<_> = all.iter().copied().filter(|number| *number <= upto).collect();
            let expected = &before[before.len().saturating_sub(limit)..];
            assert_eq!(numbers(&page), expected, "the last {limit} upto {upto}");
            if expected.len() < limit {
                assert!(page.exhausted, "the last {limit} upto {upto}");
            }
            if expected.len() < before.len() {
                assert!(!page.exhausted, "the last {limit} upto {upto}");
            }
        }
        for after in [0, 1, 2, 3, 5, 9, 13, 14, 15, u64::MAX] {
            let page = store.messages_after(room, after, limit).await.unwrap();
            let beyond: Vec<_> = all.iter().copied().filter(|number| *number > after).collect();
            let expected = &beyond[..beyond.len().min(limit)];
            assert_eq!(numbers(&page), expected, "the first {limit} after {after}");
            if expected.len() < limit {
                assert!(page.exhausted, "the first {limit} after {after}");
            }
            if expected.len() < beyond.len() {
                assert!(!page.exhausted, "the first {limit} after {after}");
            }
        }
    }
}

#[tokio::test]
async fn paging_shows_each_message_once_in_both_directions() {
    let store = testing::store().await;
    let room = written(&store, "mvmmmvvmevmmmmevm").await;
    let all = numbers(&store.messages_after(room, 0, 100).await.unwrap());
    assert_eq!(all.len(), 1 + 10);
    for limit in 1..=12 {
        let (mut back, mut upto) = (Vec::new(), u64::MAX);
        loop {
            let page = store.messages_upto(room, upto, limit).await.unwrap();
            back.splice(0..0, numbers(&page));
            upto = page.messages.first().map_or(0, |message| message.seq.get() - 1);
            if page.exhausted {
                break;
            }
        }
        assert_eq!(back, all, "back by {limit}");
        let (mut forth, mut after) = (Vec::new(), 0);
        loop {
            let page = store.messages_after(room, after, limit).await.unwrap();
            forth.extend(numbers(&page));
            after = page.messages.last().map_or(u64::MAX, |message| message.seq.get());
            if page.exhausted {
                break;
            }
        }
        assert_eq!(forth, all, "forth by {limit}");
    }
}

#[tokio::test]
async fn the_log_shows_every_number_once_and_in_order() {
    let store = testing::store().await;
    let room = written(&store, "mevmeevvm").await;
    let kind = |row: &LogRow| match row {
        LogRow::Message(_) => 'm',
        LogRow::Event(_) => 'e',
        LogRow::Void { .. } => 'v',
    };
    let all = "emmevmeevvm";
    for after in 0..=11 {
        for upto in 0..=12 {
            let rows = store.log(room, after, upto).await.unwrap();
            let expected: Vec<_> = (after + 1..=upto.min(11)).collect();
            let numbers: Vec<_> = rows.iter().map(|row| row.slot().seq.get()).collect();
            assert_eq!(numbers, expected, "{after} to {upto}");
            for (number, row) in numbers.iter().zip(&rows) {
                let index = usize::try_from(*number).unwrap() - 1;
                assert_eq!(Some(kind(row)), all.chars().nth(index), "{number}");
            }
        }
    }
}

#[tokio::test]
async fn single_messages_are_found_where_they_are() {
    let store = testing::store().await;
    let room = written(&store, "mvem").await;
    let found = store.message(room, seq(3)).await.unwrap();
    assert_eq!(found, Some(message(room, 3, "message 3")));
    for (number, kind) in [(4, "a void"), (5, "an event"), (99, "nothing")] {
        assert_eq!(store.message(room, seq(number)).await.unwrap(), None, "{kind}");
    }
    let asked: Vec<_> = (1..=120).map(seq).collect();
    let found = store.messages(room, &asked).await.unwrap();
    let mut found: Vec<_> = found.iter().map(|message| message.seq.get()).collect();
    found.sort_unstable();
    assert_eq!(found, [2, 3, 6]);
}

#[tokio::test]
async fn pages_go_on_past_a_megabyte() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    // 4,000 characters of four bytes: DynamoDB ends a page of its own after some 65 of them.
    let text = "😀".repeat(domain::MAX_TEXT_CHARS);
    let messages: Vec<_> =
        (3..153).map(|number| Entry::Message(Box::new(message(room, number, &text)))).collect();
    for some in messages.chunks(50) {
        assert_eq!(store.commit(room, some, &[]).await.unwrap(), Commit::Done);
    }
    assert_eq!(store.log(room, 0, 200).await.unwrap().len(), 152);
    let page = store.messages_upto(room, 200, 150).await.unwrap();
    assert_eq!(numbers(&page), (3..153).collect::<Vec<_>>());
    let page = store.messages_after(room, 2, 149).await.unwrap();
    assert_eq!(numbers(&page), (3..152).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_message_survives_storage_in_any_script() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    issued(&store, room, &a_message("-")).await;
    let text = "שלום 李小龍 👩‍👩‍👧‍👦 e\u{301} \u{0} \u{FFFF} \n\t\"\\";
    let sent = message(room, 3, text);
    let client_id = "!~".parse().unwrap();
    store.append_message(&sent, user(1), &client_id, "hash", start()).await.unwrap();
    assert_eq!(store.message(room, seq(3)).await.unwrap(), Some(sent.clone()));
    let edited = domain::Message { version: 2, edited_at: Some(start()), ..sent };
    store.commit(room, &[], &[Change::Message(edited.clone())]).await.unwrap();
    assert_eq!(store.messages_after(room, 2, 1).await.unwrap().messages, [edited]);
}

#[tokio::test]
async fn what_was_written_before_passes_over_voids_events_and_notices() {
    let store = testing::store().await;
    let room = written(&store, "mvevmve").await;
    for (before, expected) in [(1, None), (3, None), (4, Some(3)), (7, Some(3)), (9, Some(7))] {
        let found = store.written_before(room, seq(before)).await.unwrap();
        assert_eq!(found.map(|message| message.seq.get()), expected, "before {before}");
    }
    let notices: Vec<_> = (20..70).map(|number| samples::notice(room, number)).collect();
    assert_eq!(store.commit(room, &notices, &[]).await.unwrap(), Commit::Done);
    let found = store.written_before(room, seq(70)).await.unwrap();
    assert_eq!(found.map(|message| message.seq.get()), Some(7), "behind many notices");
}
