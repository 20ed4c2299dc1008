use domain::{MessageKind, RoomChange, RoomType};
use storage::{Change, LogRow};

use super::*;
use crate::testing::{House, at, later, new_member, seq};
use crate::{By, NewRoom, add_reaction, leave_room};

/// Nobody may read this when they are erased.
const SECRET: &str = "a secret of Ana's";

async fn erased(house: &House, by: &By) -> User {
    begin_erasure(&house.app, by.actor.user_id, at(1.0)).await.unwrap()
}

/// Every row of a room's log, as it is stored.
async fn log(house: &House, room: domain::RoomId) -> Vec<LogRow> {
    house.app.store.log(room, 0, u64::MAX).await.unwrap()
}

/// Whether the log or the head of a room holds a text.
async fn holds(house: &House, room: domain::RoomId, text: &str) -> bool {
    let head = format!("{:?}", house.head(room).await);
    head.contains(text) || format!("{:?}", log(house, room).await).contains(text)
}

#[tokio::test]
async fn a_room_is_left_handed_over_or_deleted() {
    let house = House::start().await;
    let [ana, ben, cyd] =
        [house.user(1, "ana").await, house.user(2, "ben").await, house.user(3, "cyd").await];
    let own = house.group(&ana, &[&cyd]).await;
    crate::add_members(&house.app, &later(&ana, 0.5), own, vec![new_member(&ben)]).await.unwrap();
    let others = house.group(&ben, &[&ana]).await;
    let alone = house.group(&ana, &[]).await;
    let private = NewRoom {
        room_type: RoomType::PrivateMessages,
        details: RoomChange::default(),
        members: vec![new_member(&ben)],
    };
    let private = crate::create_room(&house.app, &ana, private).await.unwrap().view.room.id;

    let erased = erased(&house, &ana).await;
    for (room, expected) in [
        (own, Left::HandedOver),
        (others, Left::Left),
        (alone, Left::Deleted),
        (private, Left::Left),
    ] {
        let left = leave_for_good(&house.app, &erased, room, at(1.0)).await.unwrap();
        assert_eq!(left, expected);
        let again = leave_for_good(&house.app, &erased, room, at(1.0)).await.unwrap();
        assert_eq!(again, Left::NoMember);
        let members = house.app.store.members(room).await.unwrap();
        assert!(members.iter().all(|member| member.user_id != ana.actor.user_id));
    }
    assert_eq!(house.app.store.standings(ana.actor.user_id).await.unwrap(), []);
    // Who has been there the longest owns it, with all that belongs to it.
    let members = house.app.store.members(own).await.unwrap();
    let owners: Vec<_> = members.iter().filter(|one| one.is_owner).collect();
    assert_eq!(owners.iter().map(|one| one.user_id).collect::<Vec<_>>(), [cyd.actor.user_id]);
    assert_eq!(owners[0].permissions, domain::Permissions::ALL);
    assert_eq!(house.app.store.room(alone).await.unwrap(), None);
    for room in [own, others, private] {
        house.account(room).await;
    }
}

#[tokio::test]
async fn what_they_wrote_is_deleted_and_their_name_is_nowhere() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "xanthippe").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.send(&ana, room, "c-1", SECRET).await;
    house.send(&ben, room, "c-2", "what Ben says stays").await;
    house.send(&ana, room, "c-3", SECRET).await;
    add_reaction(&house.app, &ben, room, seq(3), "👍").await.unwrap();
    assert!(holds(&house, room, SECRET).await && holds(&house, room, "xanthippe").await);

    let erased = erased(&house, &ana).await;
    leave_for_good(&house.app, &erased, room, at(1.0)).await.unwrap();
    let erase = async || {
        let messages = Messages::Remove;
        erase_in_room(&house.app, &erased, room, 0, messages, at(1.0)).await.unwrap()
    };
    let done = erase().await;
    assert_eq!((done.removed, done.anonymised), (2, 0));
    assert!(done.names > 0);
    let again = erase().await;
    assert_eq!((again.removed, again.names), (0, 0));
    assert!(!holds(&house, room, SECRET).await && !holds(&house, room, "xanthippe").await);
    assert!(holds(&house, room, "what Ben says stays").await);
    house.account(room).await;

    // Her name for a send is free, as if it had never been one.
    let store = &house.app.store;
    let client_id = "c-1".parse().unwrap();
    let begun = store.begin_send(room, ana.actor.user_id, &client_id, at(1.0)).await.unwrap();
    assert_eq!(begun, (None, None));
}

#[tokio::test]
async fn a_deletion_that_was_cut_short_leaves_nothing_in_the_rooms_head() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "xanthippe").await, house.user(2, "ben").await);
    let room = house.group(&ben, &[&ana]).await;
    house.send(&ana, room, "c-1", SECRET).await;
    let message = house.app.store.message(room, seq(3)).await.unwrap().unwrap();
    let tombstone = Change::Message(message.tombstone(ana.author()));
    house.app.store.commit(room, &[], &[tombstone]).await.unwrap();
    assert!(holds(&house, room, SECRET).await);
    let erased = erased(&house, &ana).await;
    let messages = Messages::Remove;
    erase_in_room(&house.app, &erased, room, 0, messages, at(1.0)).await.unwrap();
    assert!(!holds(&house, room, SECRET).await && !holds(&house, room, "xanthippe").await);
}

#[tokio::test]
async fn texts_may_stay_without_a_name() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "xanthippe").await, house.user(2, "ben").await);
    let room = house.group(&ben, &[&ana]).await;
    house.send(&ana, room, "c-1", "everybody may read this").await;
    // She is gone from it before: only its log says that she was there.
    leave_room(&house.app, &ana, room).await.unwrap();
    let erased = erased(&house, &ana).await;
    for expected in [1, 0] {
        let messages = Messages::Anonymise;
        let done = erase_in_room(&house.app, &erased, room, 0, messages, at(1.0)).await.unwrap();
        assert_eq!((done.anonymised, done.removed), (expected, 0));
    }
    assert!(!holds(&house, room, "xanthippe").await);
    let message = house.app.store.message(room, seq(3)).await.unwrap().unwrap();
    let MessageKind::Regular { author, text, .. } = message.kind else { panic!("it is there") };
    assert_eq!((author.id, author.name.as_str()), (ana.actor.user_id, "Deleted user"));
    assert_eq!(text.unwrap().as_str(), "everybody may read this");
    let preview = house.head(room).await.preview.unwrap();
    assert_eq!(preview.author.unwrap().name, "Deleted user");
    house.account(room).await;
}

#[tokio::test]
async fn their_reactions_are_taken_back_wherever_they_are() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "xanthippe").await, house.user(2, "ben").await);
    let room = house.group(&ben, &[&ana]).await;
    for client_id in ["c-1", "c-2"] {
        house.send(&ben, room, client_id, "look").await;
    }
    for number in [3, 4] {
        for by in [&ana, &ben] {
            add_reaction(&house.app, by, room, seq(number), "👍").await.unwrap();
        }
    }
    leave_room(&house.app, &ana, room).await.unwrap();
    let erased = erased(&house, &ana).await;
    for expected in [2, 0] {
        assert_eq!(erase_reactions(&house.app, &erased, at(1.0)).await.unwrap(), expected);
    }
    let message = house.app.store.message(room, seq(3)).await.unwrap().unwrap();
    assert_eq!(message.reactions.iter().map(|one| one.count).collect::<Vec<_>>(), [1]);
    house.account(room).await;
}

#[tokio::test]
async fn whoever_is_erased_is_found_by_nothing_and_their_name_is_free() {
    let house = House::start().await;
    let ana = house.user(1, "xanthippe").await;
    let id = ana.actor.user_id;
    let store = &house.app.store;
    assert_eq!(store.search_users("xanthippe", 1).await.unwrap().len(), 1);
    for _ in 0..2 {
        let erased = erased(&house, &ana).await;
        assert_eq!(store.user(id).await.unwrap(), Some(erased));
    }
    assert_eq!(store.search_users("xanthippe", 1).await.unwrap(), []);
    assert_eq!(store.all_users(None, 9).await.unwrap().entries, []);
    // Until it is done she is found by the name that whoever erases her knows.
    assert!(store.credentials("xanthippe").await.unwrap().is_some());
    finish_erasure(&house.app, id, "xanthippe").await.unwrap();
    let new = house.user(2, "xanthippe").await;
    // Once more must not take it from whoever has it now.
    finish_erasure(&house.app, id, "xanthippe").await.unwrap();
    let credentials = store.credentials("xanthippe").await.unwrap();
    assert_eq!(credentials.map(|one| one.user_id), Some(new.actor.user_id));
}
