use crate::testing::{House, later};

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
