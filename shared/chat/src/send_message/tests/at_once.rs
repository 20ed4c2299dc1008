//! Sends of a process that knows who is in the room.

use domain::{MemberChange, Permissions};
use storage::{Change, Entry};

use super::*;
use crate::testing::new_member;
use crate::{MemberUpdate, add_members, remove_member, update_member};

/// A send that its client never made before.
fn first(room_id: RoomId, client_id: &str) -> Send {
    Send { first_attempt: true, ..a_send(room_id, client_id, "hello") }
}

async fn sent(house: &House, by: &By, room: RoomId, client_id: &str) -> Result<Sent, Error> {
    send_message(&house.app, by, first(room, client_id)).await
}

/// Ana's group with Ben, of which the process knows the members since the first second.
async fn known(house: &House) -> (By, By, RoomId) {
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.connect(&ben, "ben", 0.0).await;
    sent(house, &later(&ben, 1.0), room, "c-1").await.unwrap();
    house.gateway.take();
    (ana, ben, room)
}

#[tokio::test]
async fn nothing_is_read_before_the_number_where_the_members_are_known() {
    let house = House::start().await;
    let (_, ben, room) = known(&house).await;
    let (app, meter) = house.metered();
    // Calls, and those that wait for one another; the rest is the two connection sets.
    for (seconds, first_attempt, calls, in_turn, read) in [
        (2.0, true, 4, 2, 2.0),
        (3.0, false, 5, 3, 4.0),
        (60.9, true, 4, 2, 2.0),
        // A minute after they were read they are read again.
        (61.0, true, 6, 3, 5.0),
        (120.9, true, 4, 2, 2.0),
    ] {
        let send = Send { first_attempt, ..a_send(room, &format!("c-{seconds}"), "hello") };
        let sent = send_message(&app, &later(&ben, seconds), send).await.unwrap();
        assert!(!sent.duplicate);
        let spent = meter.take();
        let counted = (spent.calls, spent.round_trips, spent.read, spent.write);
        assert_eq!(counted, (calls, in_turn, read, 6.0), "{seconds}");
    }
    house.account(room).await;
}

#[tokio::test]
async fn what_everybody_waits_for_is_asked_first_and_last() {
    let house = House::start().await;
    let (_, ben, room) = known(&house).await;
    let (app, meter) = house.metered();
    send_message(&app, &later(&ben, 2.0), first(room, "c-2")).await.unwrap();
    // The number; the connections, the sender's mark and the message.
    let expected = ["UpdateItem", "BatchGetItem", "UpdateItem", "TransactWriteItems"];
    assert_eq!(meter.begun(), expected);
}

#[tokio::test]
async fn whoever_was_taken_out_or_may_write_no_more_is_refused_however_lately_they_might() {
    for removed in [true, false] {
        let house = House::start().await;
        let (ana, ben, room) = known(&house).await;
        let (ana, user) = (later(&ana, 2.0), ben.actor.user_id);
        if removed {
            remove_member(&house.app, &ana, room, user).await.unwrap();
        } else {
            let withheld = Permissions::of(&[Permission::CanCreateMessages]);
            let standing = Some(MemberChange { withheld, ..MemberChange::default() });
            let update = MemberUpdate { standing, muted: None };
            update_member(&house.app, &ana, room, user, update).await.unwrap();
        }
        let before = house.head(room).await;
        for seconds in [2.0, 3.0, 50.0] {
            let refused = sent(&house, &later(&ben, seconds), room, "c-2").await;
            let code = if removed { Refusal::RoomNotFound } else { Refusal::Forbidden };
            assert!(matches!(&refused, Err(Error::Refused(why)) if *why == code), "{refused:?}");
        }
        assert_eq!(house.head(room).await, before, "no number is lost, and nothing shows");
    }
}

/// The control: the head alone tells of a change. One that it does not tell of goes unseen.
#[tokio::test]
async fn a_change_that_the_head_does_not_tell_of_is_found_out() {
    let house = House::start().await;
    let (_, ben, room) = known(&house).await;
    let found = house.app.store.room_and_standing(room, ben.actor.user_id).await.unwrap();
    let leave = [Change::Leave(found.standing.unwrap().membership)];
    house.app.store.commit(room, &[] as &[Entry], &leave).await.unwrap();
    sent(&house, &later(&ben, 2.0), room, "c-2").await.unwrap();
    let refused = sent(&house, &later(&ben, 61.0), room, "c-3").await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::RoomNotFound))), "{refused:?}");
}

#[tokio::test]
async fn whoever_came_since_is_told_and_whoever_left_is_not() {
    let house = House::start().await;
    let (ana, ben, room) = known(&house).await;
    let cleo = house.user(3, "cleo").await;
    house.connect(&cleo, "cleo", 0.0).await;
    let told = async |client_id: &str, seconds| {
        house.gateway.take();
        sent(&house, &later(&ana, seconds), room, client_id).await.unwrap();
        let posts = house.gateway.take();
        let mut told: Vec<_> = posts.into_iter().map(|(connection, _)| connection).collect();
        told.sort();
        told
    };
    assert_eq!(told("a-1", 2.0).await, ["ben"]);
    add_members(&house.app, &later(&ana, 3.0), room, vec![new_member(&cleo)]).await.unwrap();
    assert_eq!(told("a-2", 4.0).await, ["ben", "cleo"]);
    crate::leave_room(&house.app, &later(&ben, 5.0), room).await.unwrap();
    assert_eq!(told("a-3", 6.0).await, ["cleo"]);
    // When it has settled they are known again, as they are now.
    assert_eq!(told("a-4", 66.0).await, ["cleo"]);
    assert_eq!(told("a-5", 67.0).await, ["cleo"]);
    house.account(room).await;
}

#[tokio::test]
async fn a_repeat_that_says_it_is_none_is_one_message_and_reads_as_one() {
    let house = House::start().await;
    let (ana, ben, room) = known(&house).await;
    let stored = sent(&house, &later(&ben, 2.0), room, "c-2").await.unwrap();
    let again = sent(&house, &later(&ben, 3.0), room, "c-2").await.unwrap();
    assert!(!stored.duplicate && again.duplicate);
    assert_eq!(stored.message, again.message);
    let head = house.head(room).await;
    assert_eq!((head.seq, head.preview), (seq(5), Some(stored.message.preview())));
    let read = crate::read_room(&house.app, &later(&ana, 4.0), room, 5).await.unwrap();
    assert_eq!(read.unread_count, 0);
    house.account(room).await;

    let other = Send { text: Some("another".to_owned()), ..first(room, "c-2") };
    let refused = send_message(&house.app, &later(&ben, 5.0), other).await;
    assert!(matches!(refused, Err(Error::ClientIdConflict)), "{refused:?}");
    assert_eq!(house.head(room).await.preview, Some(stored.message.preview()));
    house.account(room).await;
}

#[tokio::test]
async fn a_number_beyond_the_rate_is_given_up_and_the_next_ones_never_issued() {
    let mut house = House::start().await;
    house.app.settings.limits.send = "2/60".parse().ok();
    let (_, ben, room) = known(&house).await;
    sent(&house, &later(&ben, 1.0), room, "c-2").await.unwrap();
    let shown = house.head(room).await.preview;
    for (client_id, lost) in [("c-3", 1), ("c-3", 1), ("c-4", 1)] {
        let refused = sent(&house, &later(&ben, 2.0), room, client_id).await;
        assert!(matches!(refused, Err(Error::Limited(_))), "{refused:?}");
        let head = house.head(room).await;
        assert_eq!((head.seq.get(), &head.preview), (4 + lost, &shown), "{client_id}");
    }
    sent(&house, &later(&ben, 61.0), room, "c-3").await.unwrap();
    house.account(room).await;
}
