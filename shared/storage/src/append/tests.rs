use std::collections::BTreeSet;

use domain::{EventData, MessageKind, MessageText, Permission, RoomDetails, Standing};
use futures_util::future::join_all;

use super::*;
use crate::samples::{
    a_message, author, every_row, first_entries, issued, message, open_room, room_id,
    seconds_later, seq, standing, start, user,
};
use crate::{Change, Created, LogRow, samples, testing};

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
async fn the_head_knows_when_its_sixth_last_message_was_sent() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    for second in 0..12 {
        let now = seconds_later(second);
        // What nobody sent does not count.
        store.issue(room, &Issue::Entries(1), now).await.unwrap();
        let issued = store.issue(room, &a_message("hello"), now).await.unwrap();
        let Issued::Numbered(head) = issued else { panic!("{issued:?}") };
        let expected = (second >= 5).then(|| seconds_later(second - 5));
        assert_eq!(head.sixth_last_sent_at, expected, "{second}");
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

#[track_caller]
fn nothing_was_written(before: &[Row], after: &[Row], commit: Commit, name: &str) {
    assert_eq!(commit, Commit::Lost, "{name}");
    assert_eq!(before, after, "{name}");
}

/// That `change` is not made, and that nothing written together with it is either.
async fn loses(store: &Store, room: RoomId, name: &str, change: Change) {
    let number = issued(store, room, &Issue::Entries(1)).await.seq.get();
    let entries = [samples::event(room, number, EventData::RoomDeleted)];
    let innocent = Change::Enter(standing(room, user(77)));
    let before = every_row(store).await;
    // The innocent change comes first, then last: neither order writes it.
    for changes in [[innocent.clone(), change.clone()], [change, innocent]] {
        let commit = store.commit(room, &entries, &changes).await.unwrap();
        nothing_was_written(&before, &every_row(store).await, commit, name);
    }
    assert!(store.void(room, seq(number), start()).await.unwrap(), "{name}");
}

async fn wins(store: &Store, room: RoomId, name: &str, change: Change) {
    let number = issued(store, room, &Issue::Entries(1)).await.seq.get();
    let entries = [samples::event(room, number, EventData::RoomDeleted)];
    let commit = store.commit(room, &entries, &[change]).await.unwrap();
    assert_eq!(commit, Commit::Done, "{name}");
    assert_eq!(log(store, room, number - 1, number).await.len(), 1, "{name}");
}

async fn found(store: &Store, room: RoomId, member: UserId) -> (Vec<Membership>, Vec<Standing>) {
    let members = store.members(room).await.unwrap();
    let members = members.into_iter().filter(|one| one.user_id == member).collect();
    (members, store.standings_in(room, &[member]).await.unwrap())
}

#[tokio::test]
async fn a_member_enters_once() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let ben = standing(room, user(2));
    wins(&store, room, "first", Change::Enter(ben.clone())).await;
    let twice = Standing {
        membership: Membership { permissions: domain::Permissions::ALL, ..ben.membership.clone() },
        ..ben.clone()
    };
    loses(&store, room, "second", Change::Enter(twice)).await;
    assert_eq!(found(&store, room, user(2)).await, (vec![ben.membership.clone()], vec![ben]));
    assert_eq!(testing::account(&store, room).await, Ok(()));
}

#[tokio::test]
async fn a_standing_changes_only_from_what_it_was() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    let was = standing(room, user(2)).membership;
    let permissions = was.permissions.set(Permission::CanEditRoom, true);
    let to = Membership { permissions, ..was.clone() };
    let owner = Membership { is_owner: true, ..was.clone() };
    let change =
        |from: &Membership, to: &Membership| Change::Stand { from: from.clone(), to: to.clone() };
    loses(&store, room, "was no owner", change(&owner, &to)).await;
    wins(&store, room, "fresh", change(&was, &to)).await;
    loses(&store, room, "stale", change(&was, &owner)).await;
    let nobody = standing(room, user(3)).membership;
    loses(&store, room, "no member", change(&nobody, &nobody)).await;
    let (members, standings) = found(&store, room, user(2)).await;
    assert_eq!(standings[0].membership, to, "both rows of a member are the same");
    assert_eq!(members, [to]);
}

#[tokio::test]
async fn a_member_leaves_only_as_what_they_were() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    let was = standing(room, user(2)).membership;
    let owner = Membership { is_owner: true, ..was.clone() };
    loses(&store, room, "became an owner no more", Change::Leave(owner)).await;
    wins(&store, room, "fresh", Change::Leave(was.clone())).await;
    assert_eq!(found(&store, room, user(2)).await, (vec![], vec![]));
    loses(&store, room, "gone", Change::Leave(was)).await;
}

#[tokio::test]
async fn the_owner_counted_on_still_owns_the_room() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    loses(&store, room, "no owner", Change::StillOwner(user(2))).await;
    loses(&store, room, "no member", Change::StillOwner(user(3))).await;
    wins(&store, room, "an owner", Change::StillOwner(user(1))).await;
}

#[tokio::test]
async fn two_owners_do_not_both_leave() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    let was = standing(room, user(2)).membership;
    let owner = Membership { is_owner: true, ..was.clone() };
    wins(&store, room, "hand over", Change::Stand { from: was, to: owner.clone() }).await;
    let one = standing(room, user(1)).membership;
    let leaves = [
        [Change::Leave(one), Change::StillOwner(user(2))],
        [Change::Leave(owner), Change::StillOwner(user(1))],
    ];
    let left = join_all(leaves.iter().map(|changes| store.commit(room, &[], changes))).await;
    let done = left.into_iter().filter(|commit| *commit.as_ref().unwrap() == Commit::Done);
    assert_eq!(done.count(), 1);
    assert_eq!(store.members(room).await.unwrap().len(), 1);
}

#[tokio::test]
async fn details_change_only_from_the_version_before() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await;
    let full = RoomDetails {
        name: Some("New".to_owned()),
        description: Some("About".to_owned()),
        avatar_media_id: Some(domain::MediaId::new(uuid::Uuid::from_u128(5))),
        is_public: true,
        staff_only: true,
    };
    let change = |details: &RoomDetails, version| Change::Details {
        details: details.clone(),
        version,
        at: seconds_later(5),
    };
    loses(&store, room.id, "ahead", change(&full, 3)).await;
    wins(&store, room.id, "fresh", change(&full, 2)).await;
    loses(&store, room.id, "stale", change(&RoomDetails::default(), 2)).await;
    let head = store.room(room.id).await.unwrap().unwrap();
    assert_eq!((head.details, head.version, head.updated_at), (full, 2, seconds_later(5)));
    assert_eq!(head.created_at, start());

    wins(&store, room.id, "emptied", change(&RoomDetails::default(), 3)).await;
    let head = store.room(room.id).await.unwrap().unwrap();
    assert_eq!((head.details, head.version), (RoomDetails::default(), 3));
}

#[tokio::test]
async fn a_deleted_room_is_gone_and_its_pair_is_free() {
    let store = testing::store().await;
    let pair = (user(1), user(2));
    let private = |id| samples::room(room_id(id));
    let make = async |room: &Room| {
        let members = [standing(room.id, user(1)), standing(room.id, user(2))];
        store.create_room(room, Some(pair), &members, &first_entries(room)).await.unwrap()
    };
    assert_eq!(make(&private(1)).await, Created::Room);
    let room = room_id(1);
    issued(&store, room, &a_message("secret")).await;
    let stranger = Change::Delete { version: 1, pair: Some((user(1), user(3))) };
    loses(&store, room, "another pair", stranger).await;
    let ahead = Change::Delete { version: 2, pair: Some(pair) };
    loses(&store, room, "another version", ahead).await;
    assert_eq!(make(&private(2)).await, Created::PairHas(room), "the pair is not free yet");

    // Whoever deletes it, the pair is the same.
    let delete = Change::Delete { version: 1, pair: Some((user(2), user(1))) };
    wins(&store, room, "fresh", delete.clone()).await;
    assert_eq!(store.room(room).await.unwrap(), None);
    assert_eq!(store.rooms(&[room]).await.unwrap(), []);
    assert_eq!(store.pair_room(user(1), user(2)).await.unwrap(), None);
    let heads = every_row(&store).await;
    let secret = heads.iter().any(|row| format!("{row:?}").contains("secret"));
    assert!(!secret, "the head keeps what the last message said");

    assert_eq!(make(&private(2)).await, Created::Room);
    let before = every_row(&store).await;
    for changes in [[delete], [Change::Delete { version: 1, pair: None }]] {
        let commit = store.commit(room, &[], &changes).await.unwrap();
        nothing_was_written(&before, &every_row(&store).await, commit, "twice");
    }
    assert_eq!(store.pair_room(user(2), user(1)).await.unwrap(), Some(room_id(2)));
}

#[tokio::test]
async fn a_message_changes_only_from_the_version_before() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let first = message(room, issued(&store, room, &a_message("a")).await.seq.get(), "a");
    append(&store, &first, &client_id()).await;
    let version = |version, text: &str| {
        let text = MessageText::parse(text).unwrap();
        let kind = MessageKind::Regular { author: author(1), text: Some(text), media: Vec::new() };
        Message { kind, version, edited_at: Some(seconds_later(1)), ..first.clone() }
    };
    loses(&store, room, "ahead", Change::Message(version(3, "c"))).await;
    wins(&store, room, "fresh", Change::Message(version(2, "b"))).await;
    loses(&store, room, "stale", Change::Message(version(2, "c"))).await;
    assert_eq!(store.message(room, first.seq).await.unwrap(), Some(version(2, "b")));
    let nowhere = Message { seq: seq(50), ..version(2, "c") };
    loses(&store, room, "no such message", Change::Message(nowhere)).await;

    // A void has no version, so nothing is an edition of it.
    let void = issued(&store, room, &Issue::Entries(1)).await.seq;
    assert!(store.void(room, void, start()).await.unwrap());
    for number in [1, 2] {
        let edition = Message { seq: void, ..version(number, "c") };
        loses(&store, room, "void", Change::Message(edition)).await;
    }
    assert_eq!(testing::account(&store, room).await, Ok(()));
}

#[tokio::test]
async fn a_pair_makes_one_room_however_many_ask() {
    let store = testing::store().await;
    let rooms: Vec<_> = (1..=10).map(|id| samples::room(room_id(id))).collect();
    let make = async |room: &Room, pair: Option<(UserId, UserId)>| {
        let members = [standing(room.id, user(1)), standing(room.id, user(2))];
        store.create_room(room, pair, &members, &first_entries(room)).await.unwrap()
    };
    let outcomes = join_all(rooms.iter().enumerate().map(|(index, room)| {
        let (one, other) = (user(1), user(2));
        make(room, Some(if index % 2 == 0 { (one, other) } else { (other, one) }))
    }))
    .await;
    let made: Vec<_> = rooms
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| **outcome == Created::Room)
        .map(|(room, _)| room.id)
        .collect();
    assert_eq!(made.len(), 1);
    for outcome in outcomes.iter().filter(|outcome| **outcome != Created::Room) {
        assert_eq!(*outcome, Created::PairHas(made[0]));
    }
    // Those who lost left nothing behind: a head, two members twice, two entries, a pair,
    // a row of a list.
    assert_eq!(every_row(&store).await.len(), 1 + 4 + 2 + 1 + 1);
    assert_eq!(testing::account(&store, made[0]).await, Ok(()));
    let standings = store.standings(user(1)).await.unwrap();
    assert_eq!(standings, [standing(made[0], user(1))]);

    // Control: without the pair each is made.
    let others: Vec<_> = (11..=20).map(|id| samples::room(room_id(id))).collect();
    let outcomes = join_all(others.iter().map(|room| make(room, None))).await;
    assert_eq!(outcomes.into_iter().filter(|outcome| *outcome == Created::Room).count(), 10);
}

#[tokio::test]
async fn a_room_is_read_as_made() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await;
    assert_eq!(store.room(room.id).await.unwrap(), Some(room.clone()));
    let rooms = store.rooms(&[room_id(9), room.id]).await.unwrap();
    assert_eq!(rooms.first(), Some(&room));
    assert_eq!(rooms.len(), 1);
    let found = store.room_and_standing(room.id, user(2)).await.unwrap();
    assert_eq!(
        (found.room, found.standing),
        (Some(room.clone()), Some(standing(room.id, user(2))))
    );
    let stranger = store.room_and_standing(room.id, user(3)).await.unwrap();
    assert_eq!(stranger.standing, None);
    assert!(stranger.room.is_some());
    let nothing = store.room_and_standing(room_id(9), user(1)).await.unwrap();
    assert_eq!((nothing.room, nothing.standing), (None, None));
    // An identifier in use is an error, not another room.
    let again = store.create_room(&room, None, &[], &[]).await;
    assert!(matches!(again, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn an_event_row_expires_a_day_after_readers_stop_trusting_it() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1)]).await.id;
    let rows = every_row(&store).await;
    let expiring: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| Some((row["sk"].as_s().unwrap(), row.get("expires_at")?.as_n().unwrap())))
        .collect();
    let expires_at = start().as_second() + 30 * 24 * 60 * 60;
    assert_eq!(
        expiring,
        BTreeSet::from([(&key::event(room, seq(1)).sk, &expires_at.to_string())]),
        "events expire, and nothing else does"
    );
}
