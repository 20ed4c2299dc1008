use futures_util::future::join_all;

use super::*;
use crate::testing::{House, new_member};

async fn private(house: &House, by: &By, with: &By) -> Result<CreatedRoom, Error> {
    let new = NewRoom {
        room_type: RoomType::PrivateMessages,
        details: RoomChange::default(),
        members: vec![new_member(with)],
    };
    create_room(&house.app, by, new).await
}

#[tokio::test]
async fn two_people_have_one_room_however_often_both_ask() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let asks = (0..6).map(|index| {
        if index % 2 == 0 { private(&house, &ana, &ben) } else { private(&house, &ben, &ana) }
    });
    let made: Vec<_> = join_all(asks).await.into_iter().map(Result::unwrap).collect();
    let room = made[0].view.room.id;
    assert!(made.iter().all(|one| one.view.room.id == room));
    assert_eq!(made.iter().filter(|one| one.is_new).count(), 1);
    assert!(!private(&house, &ana, &ben).await.unwrap().is_new);
    house.account(room).await;

    // Once it is deleted, they may have another.
    crate::delete_room(&house.app, &ben, room).await.unwrap();
    let another = private(&house, &ben, &ana).await.unwrap();
    assert!(another.is_new);
    assert_ne!(another.view.room.id, room);
}

#[tokio::test]
async fn members_past_the_first_transaction_are_in_it_too() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let mut members = Vec::new();
    for id in 2..=FIRST_MEMBERS as u128 + 26 {
        members.push(new_member(&house.user(id, &format!("user{id}")).await));
    }
    let count = members.len() + 1;
    let new = NewRoom { room_type: RoomType::Group, details: RoomChange::default(), members };
    let room = create_room(&house.app, &ana, new).await.unwrap().view.room.id;
    assert_eq!(house.app.store.members(room).await.unwrap().len(), count);
    assert_eq!(house.head(room).await.member_count, count as u64);
    house.account(room).await;
}
