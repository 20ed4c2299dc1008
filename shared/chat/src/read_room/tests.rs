use super::*;
use crate::testing::{House, later};

#[tokio::test]
async fn reading_goes_forward_only_and_never_past_the_head() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[&ben]).await;
    for (client_id, text) in [("c-1", "one"), ("c-2", "two"), ("c-3", "three")] {
        house.send(&ana, room, client_id, text).await;
    }
    house.connect(&ben, "ben", 0.0).await;
    let read = async |seq| read_room(&house.app, &later(&ben, 1.0), room, seq).await.unwrap();
    let mark = |last_read_seq, unread_count| ReadMark { last_read_seq, unread_count };
    assert_eq!(read(0).await, mark(2, 3));
    assert_eq!(read(4).await, mark(4, 1));
    let posts = house.gateway.take();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].1["event"], "room.read");
    for back in [0, 1, 3, 4] {
        assert_eq!(read(back).await, mark(4, 1), "{back}");
    }
    assert_eq!(house.gateway.take(), [], "nothing moved");
    assert_eq!(read(99).await, mark(5, 0));
}

#[tokio::test]
async fn a_stranger_reads_nothing() {
    let house = House::start().await;
    let (ana, ben) = (house.user(1, "ana").await, house.user(2, "ben").await);
    let room = house.group(&ana, &[]).await;
    let refused = read_room(&house.app, &ben, room, 2).await;
    assert!(matches!(refused, Err(Error::Refused(domain::Refusal::RoomNotFound))), "{refused:?}");
}
