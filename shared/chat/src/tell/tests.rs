use domain::{Actor, Refusal, RoomChange, RoomId, RoomType};

use super::*;
use crate::NewRoom;
use crate::testing::{House, a_send, at, later, new_member};

#[tokio::test]
async fn a_connection_that_is_gone_is_struck_out_alone() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    for connection in ["gone", "here"] {
        house.connect(&ben, connection, 0.0).await;
    }
    house.gateway.close("gone");
    house.send(&later(&ana, 30.0), room, "c-1", "hello").await;
    assert_eq!(house.connections(&ben, 30.0).await, ["here"]);
    assert_eq!(house.gateway.take().len(), 2, "410 is no reason to try again");
    house.send(&later(&ana, 31.0), room, "c-2", "hello").await;
    let posts = house.gateway.take();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].0, "here");
}

#[tokio::test]
async fn a_connection_may_be_gone_while_it_shakes_hands() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    house.connect(&ben, "new", 0.0).await;
    house.gateway.close("new");
    house.send(&later(&ana, 29.9), room, "c-1", "hello").await;
    assert_eq!(house.connections(&ben, 30.0).await, ["new"]);
    // Control: a moment later it is taken at its word.
    house.send(&later(&ana, 30.0), room, "c-2", "hello").await;
    assert_eq!(house.connections(&ben, 30.0).await, [""; 0]);
}

#[tokio::test]
async fn events_of_one_change_come_in_one_frame() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let cleo = house.user(3, "cleo").await;
    let room = house.group(&ana, &[&ben]).await;
    house.connect(&ben, "ben", 0.0).await;
    let members = vec![crate::testing::new_member(&cleo)];
    crate::add_members(&house.app, &later(&ana, 1.0), room, members).await.unwrap();
    let posts = house.gateway.take();
    assert_eq!(posts.len(), 1);
    let frame = &posts[0].1;
    assert_eq!(frame["type"], "batch");
    let events = frame["events"].as_array().unwrap();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["member.joined", "message.created"]);
    assert_eq!(house.head(room).await.member_count, 3);
    house.account(room).await;
}

#[tokio::test]
async fn members_read_before_the_number_are_told_unless_they_may_have_changed() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let cleo = house.user(3, "cleo").await;
    let room = house.group(&ana, &[&ben]).await;
    for (by, connection) in [(&ben, "ben"), (&cleo, "cleo")] {
        house.connect(by, connection, 0.0).await;
    }
    // What a message of `began` is told to, whose number comes with the head as it is now.
    let told = async |early: Option<Members>, began: f64| {
        let head = house.head(room).await;
        let audience = audience(&house.app, &head, early, at(began)).await.unwrap();
        let mut told: Vec<_> = audience.into_iter().map(|one| one.id.to_string()).collect();
        told.sort();
        told
    };

    let early = house.app.store.members(room).await.unwrap();
    let members = vec![new_member(&cleo)];
    crate::add_members(&house.app, &later(&ana, 10.0), room, members).await.unwrap();
    crate::leave_room(&house.app, &later(&ben, 20.0), room).await.unwrap();
    for began in [5.0, 15.0, 20.0, 80.0] {
        let early = Members::new(at(began), early.clone());
        assert_eq!(told(Some(early), began).await, ["cleo"], "{began}");
    }
    // Control: long after the change they would not have been read so, and are believed.
    let long_after = 80.001;
    assert_eq!(told(Some(Members::new(at(long_after), early)), long_after).await, ["ben"]);
    let read = read_few(&house.app, room, at(long_after)).await;
    assert_eq!(told(read, long_after).await, ["cleo"]);
}

/// A user who is staff, and knows it.
async fn staff(house: &House, id: u128, name: &str) -> By {
    let by = house.user(id, name).await;
    assert!(house.app.store.set_staff(by.actor.user_id, true).await.unwrap());
    By { actor: Actor { is_staff: true, ..by.actor }, ..by }
}

fn staff_only(yes: bool) -> RoomChange {
    RoomChange { staff_only: Some(yes), ..RoomChange::default() }
}

/// A group of staff that `maker` owns, with these others.
async fn staff_room(house: &House, maker: &By, others: &[&By]) -> RoomId {
    let members = others.iter().map(|other| new_member(other)).collect();
    let new = NewRoom { room_type: RoomType::Group, details: staff_only(true), members };
    let room = crate::create_room(&house.app, maker, new).await.unwrap().view.room.id;
    house.gateway.take();
    room
}

/// Who was told what since this was last asked: connection and events, in order.
fn told(house: &House) -> Vec<(String, Vec<String>)> {
    let name = |event: &serde_json::Value| event["event"].as_str().unwrap().to_owned();
    let mut told: Vec<_> = house
        .gateway
        .take()
        .into_iter()
        .map(|(connection, frame)| match frame["events"].as_array() {
            Some(events) => (connection, events.iter().map(name).collect()),
            None => (connection, vec![name(&frame)]),
        })
        .collect();
    told.sort();
    told
}

fn one(connection: &str, events: &[&str]) -> (String, Vec<String>) {
    (connection.to_owned(), events.iter().map(|&name| name.to_owned()).collect())
}

#[tokio::test]
async fn whoever_is_staff_no_more_hears_nothing_of_a_staff_room() {
    let house = House::start().await;
    let (sue, sam) = (staff(&house, 1, "sue").await, staff(&house, 2, "sam").await);
    let room = staff_room(&house, &sue, &[&sam]).await;
    house.connect(&sam, "sam", 0.0).await;
    house.send(&sue, room, "c-1", "hello").await;
    assert_eq!(told(&house), [one("sam", &["message.created"])]);

    assert!(house.app.store.set_staff(sam.actor.user_id, false).await.unwrap());
    let sent = house.send(&sue, room, "c-2", "hello").await;
    assert!(house.send(&sue, room, "c-2", "hello").await.duplicate);
    crate::edit_message(&house.app, &sue, room, sent.message.seq, "other").await.unwrap();
    crate::delete_room(&house.app, &sue, room).await.unwrap();
    assert_eq!(told(&house), []);
}

#[tokio::test]
async fn a_room_that_becomes_a_staff_room_leaves_the_lists_of_others() {
    let house = House::start().await;
    let (sue, ana) = (staff(&house, 1, "sue").await, house.user(2, "ana").await);
    let room = house.group(&sue, &[&ana]).await;
    house.connect(&ana, "ana", 0.0).await;
    let change = async |by: &By, yes| {
        crate::update_room(&house.app, by, room, staff_only(yes), None).await.map(drop)
    };
    change(&sue, true).await.unwrap();
    assert_eq!(told(&house), [one("ana", &["room.removed"])]);
    house.send(&sue, room, "c-1", "among us").await;
    assert_eq!(told(&house), []);
    for refused in [
        crate::retrieve_room(&house.app, &ana, room).await.map(drop),
        crate::join_room(&house.app, &ana, room).await.map(drop),
        crate::send_message(&house.app, &ana, a_send(room, "c-1", "hello")).await.map(drop),
        crate::leave_room(&house.app, &ana, room).await,
        crate::read_room(&house.app, &ana, room, 1).await.map(drop),
    ] {
        assert!(matches!(refused, Err(crate::Error::Refused(Refusal::StaffOnly))), "{refused:?}");
    }
    change(&sue, false).await.unwrap();
    assert_eq!(told(&house), [one("ana", &["room.added"]), one("ana", &["room.updated"])]);
    house.account(room).await;
}

#[tokio::test]
async fn nobody_but_staff_is_let_into_a_staff_room() {
    let house = House::start().await;
    let (sue, ana) = (staff(&house, 1, "sue").await, house.user(2, "ana").await);
    let room = staff_room(&house, &sue, &[]).await;
    let added = crate::add_members(&house.app, &sue, room, vec![new_member(&ana)]).await.unwrap();
    assert_eq!(added[0].outcome, Err(Refusal::StaffOnly));
    let new = NewRoom {
        room_type: RoomType::Group,
        details: staff_only(true),
        members: vec![new_member(&ana)],
    };
    let made = crate::create_room(&house.app, &sue, new).await;
    assert!(matches!(made, Err(crate::Error::Refused(Refusal::StaffOnly))));
    // A token that is older than the change says more than is true.
    let stale = By { actor: Actor { is_staff: true, ..ana.actor }, ..ana };
    let joined = crate::join_room(&house.app, &stale, room).await;
    assert!(matches!(joined, Err(crate::Error::Refused(Refusal::StaffOnly))));
}

#[tokio::test]
async fn staff_clear_up_in_rooms_of_others() {
    let house = House::start().await;
    let sue = staff(&house, 1, "sue").await;
    let (ana, ben) = (house.user(2, "ana").await, house.user(3, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    let bad = house.send(&ben, room, "c-1", "bad").await.message.seq;
    house.connect(&ana, "ana", 0.0).await;

    let page = crate::list_members(&house.app, &sue, room, None, 9).await.unwrap();
    assert_eq!(page.members.len(), 2);
    crate::delete_message(&house.app, &sue, room, bad).await.unwrap();
    crate::remove_member(&house.app, &sue, room, ben.actor.user_id).await.unwrap();
    let owner = crate::remove_member(&house.app, &sue, room, ana.actor.user_id).await;
    assert!(matches!(owner, Err(crate::Error::Refused(Refusal::LastOwner))));
    for refused in [
        crate::send_message(&house.app, &sue, a_send(room, "c-1", "hello")).await.map(drop),
        crate::update_room(&house.app, &sue, room, staff_only(true), None).await.map(drop),
        crate::join_room(&house.app, &sue, room).await.map(drop),
        crate::read_room(&house.app, &sue, room, 1).await.map(drop),
    ] {
        assert!(matches!(refused, Err(crate::Error::Refused(Refusal::Forbidden))), "{refused:?}");
    }
    house.account(room).await;
    crate::delete_room(&house.app, &sue, room).await.unwrap();
    let told: Vec<_> = told(&house).into_iter().flat_map(|(_, events)| events).collect();
    for event in ["message.deleted", "member.left", "room.deleted", "room.removed"] {
        assert!(told.iter().any(|name| name == event), "{event}");
    }
}
