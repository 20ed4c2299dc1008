use std::collections::BTreeSet;

use domain::{EventData, MessageKind, MessageText, Permission, RoomDetails, Standing};
use futures_util::future::join_all;

use super::*;
use crate::samples::{
    a_message, author, every_row, first_entries, issued, message, open_room, room_id,
    seconds_later, seq, standing, start, user,
};
use crate::{Issue, samples, testing};

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
    assert_eq!(store.log(room, number - 1, number).await.unwrap().len(), 1, "{name}");
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
    let client_id = "c-1".parse().unwrap();
    store.append_message(&first, user(1), &client_id, "hash", start()).await.unwrap();
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
