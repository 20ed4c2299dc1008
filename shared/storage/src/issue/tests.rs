use futures_util::future::join_all;

use super::*;
use crate::samples::{
    a_message, author, every_row, first_entries, issued, open_room, room_id, seconds_later, seq,
    standing, start, user,
};
use crate::transaction::Commit;
use crate::{Change, samples, testing};

fn is_dense(mut numbers: Vec<u64>, first: u64) -> bool {
    numbers.sort_unstable();
    numbers.iter().copied().eq(first..first + numbers.len() as u64)
}

#[tokio::test]
async fn many_writers_at_once_get_dense_numbers() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let issues: Vec<_> = (0..50)
        .map(|index| match index % 3 {
            0 => Issue::Entries(2),
            1 => Issue::Entries(1),
            _ => a_message("hello"),
        })
        .collect();
    let heads = join_all(issues.iter().map(|issue| issued(&store, room.id, issue))).await;
    let mut numbers = Vec::new();
    for (issue, head) in issues.iter().zip(heads) {
        let last = head.seq.get();
        numbers.extend(if let Issue::Entries(2) = issue { last - 1..=last } else { last..=last });
    }
    assert!(is_dense(numbers, 3));

    // Control: numbers taken by reading the head and adding one are taken twice.
    let heads = join_all((0..50).map(|_| store.room(room.id))).await;
    let numbers = heads.into_iter().map(|head| head.unwrap().unwrap().seq.get() + 1).collect();
    assert!(!is_dense(numbers, 3 + 67));
}

#[tokio::test]
async fn the_head_shows_a_message_under_the_number_issued_for_it() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let texts: Vec<_> = (0..20).map(|index| format!("text {index}")).collect();
    let heads =
        join_all(texts.iter().map(async |text| issued(&store, room.id, &a_message(text)).await));
    let mut counts = Vec::new();
    for (text, head) in texts.iter().zip(heads.await) {
        let preview = head.preview.unwrap();
        assert_eq!((preview.seq, preview.text), (head.seq, Some(text.clone())));
        assert_eq!((preview.author, preview.at), (Some(author(1)), start()));
        assert_eq!(head.message_count, head.seq.get() - 2);
        counts.push(head.message_count);
    }
    assert!(is_dense(counts, 1));

    let before = store.room(room.id).await.unwrap().unwrap();
    let after = store.issue(room.id, &Issue::Entries(3), seconds_later(9)).await.unwrap();
    let expected = Room { seq: seq(25), last_activity_at: seconds_later(9), ..before };
    assert_eq!(after, Issued::Numbered(Box::new(expected)));
}

#[tokio::test]
async fn the_head_remembers_when_members_began_to_change() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    assert_eq!(issued(&store, room, &Issue::Entries(1)).await.members_changed_at, None);
    for (second, issue, changed) in [
        (1, Issue::Members(2), 1),
        (2, Issue::Entries(1), 1),
        (3, a_message("hello"), 1),
        (4, Issue::Members(1), 4),
    ] {
        let after = store.issue(room, &issue, seconds_later(second)).await.unwrap();
        let Issued::Numbered(head) = after else { panic!("{after:?}") };
        assert_eq!(head.members_changed_at, Some(seconds_later(changed)), "{issue:?}");
        assert_eq!(store.room(room).await.unwrap().unwrap(), *head);
    }
}

#[tokio::test]
async fn a_message_is_numbered_only_among_the_members_that_were_read() {
    for changed in [None, Some(100)] {
        let store = testing::store().await;
        let room = open_room(&store, &[user(1)]).await.id;
        if let Some(second) = changed {
            store.issue(room, &Issue::Members(1), seconds_later(second)).await.unwrap();
        }
        for read_at in [None, Some(0), Some(99), Some(100), Some(160), Some(161), Some(1_000)] {
            let before = store.room(room).await.unwrap().unwrap();
            let Issue::Message { preview, is_staff, .. } = a_message("hello") else { panic!() };
            let members_read_at = read_at.map(seconds_later);
            let issue = Issue::Message { preview, is_staff, members_read_at };
            let issued = store.issue(room, &issue, seconds_later(2_000)).await.unwrap();
            // The condition is the rule of `domain`.
            if members_read_at.is_none_or(|at| before.had_its_members_at(at)) {
                assert!(matches!(issued, Issued::Numbered(_)), "{changed:?} {read_at:?}");
            } else {
                assert_eq!(issued, Issued::MembersChanged, "{changed:?} {read_at:?}");
                assert_eq!(store.room(room).await.unwrap().unwrap(), before);
            }
        }
    }
}

#[tokio::test]
async fn the_head_knows_since_when_its_last_messages_were_sent() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let pace = i64::from(PACE_MESSAGES);
    for second in 0..2 * pace {
        let now = seconds_later(second);
        // What nobody sent does not count.
        store.issue(room, &Issue::Entries(1), now).await.unwrap();
        let issued = store.issue(room, &a_message("hello"), now).await.unwrap();
        let Issued::Numbered(head) = issued else { panic!("{issued:?}") };
        let expected = (second >= pace).then(|| seconds_later(second - pace));
        assert_eq!(head.pace_since, expected, "{second}");
        assert_eq!(store.room(room).await.unwrap().unwrap(), *head);
    }
}

#[tokio::test]
async fn a_room_that_is_gone_issues_no_number() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let missing = room_id(99);
    for issue in [a_message("hello"), Issue::Entries(1)] {
        assert_eq!(store.issue(missing, &issue, start()).await.unwrap(), Issued::NoRoom);
    }
    let delete = [Change::Delete { version: 1, pair: None }];
    assert_eq!(store.commit(room.id, &[], &delete).await.unwrap(), Commit::Done);
    let rows = every_row(&store).await;
    for issue in [a_message("hello"), Issue::Entries(1)] {
        assert_eq!(store.issue(room.id, &issue, start()).await.unwrap(), Issued::NoRoom);
    }
    assert_eq!(every_row(&store).await, rows);
}

#[tokio::test]
async fn a_room_for_staff_numbers_messages_of_staff_only() {
    let store = testing::store().await;
    let mut room = samples::room(room_id(1));
    room.details.staff_only = true;
    let members = [standing(room.id, user(1))];
    store.create_room(&room, None, &members, &first_entries(&room)).await.unwrap();
    let by = |is_staff| match a_message("hello") {
        Issue::Message { preview, .. } => {
            Issue::Message { preview, is_staff, members_read_at: None }
        }
        other => other,
    };

    let rows = every_row(&store).await;
    assert_eq!(store.issue(room.id, &by(false), start()).await.unwrap(), Issued::StaffOnly);
    assert_eq!(every_row(&store).await, rows, "a refused number was issued");
    assert_eq!(issued(&store, room.id, &by(true)).await.seq, seq(3));
    // A change of the room by somebody who has left the staff is not for storage to judge.
    assert_eq!(issued(&store, room.id, &Issue::Entries(1)).await.seq, seq(4));
}
