//! How far somebody has read, and what is unread.

use serde_json::{Value, json};
use tests::{Person, Stack};

async fn read(by: &Person, room: &str, seq: u64) -> Value {
    by.post(&format!("/v1/rooms/{room}/read"), json!({ "seq": seq })).await.ok()
}

async fn unread(by: &Person, room: &str) -> u64 {
    by.room(room).await["my"]["unread_count"].as_u64().expect("a count is a number")
}

#[tokio::test]
async fn ones_own_messages_are_never_unread() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;

    let seqs = ana.send_all(&room, &["one", "two", "three"]).await;
    assert_eq!((unread(&ana, &room).await, unread(&ben, &room).await), (0, 3));
    assert_eq!(ana.room(&room).await["my"]["last_read_seq"], seqs[2]);

    // Whoever answers without reading has still not read what came before.
    ben.send_all(&room, &["four"]).await;
    let bens = unread(&ben, &room).await;
    assert!(bens <= 4, "{bens}");
    assert_eq!(unread(&ana, &room).await, 1);
    read(&ben, &room, ben.room(&room).await["seq"].as_u64().unwrap()).await;
    ben.send_all(&room, &["five"]).await;
    assert_eq!(unread(&ben, &room).await, 0);
    assert_eq!(unread(&ana, &room).await, 2);
}

#[tokio::test]
async fn reading_counts_down_and_never_moves_back() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let seqs = ana.send_all(&room, &["one", "two", "three"]).await;
    let mark = |seq: u64, left: u64| json!({ "room_id": room, "last_read_seq": seq, "unread_count": left });

    assert_eq!(read(&ben, &room, seqs[0]).await, mark(seqs[0], 2));
    assert_eq!(read(&ben, &room, seqs[1]).await, mark(seqs[1], 1));
    assert_eq!(read(&ben, &room, seqs[0]).await, mark(seqs[1], 1));
    assert_eq!(read(&ben, &room, 0).await, mark(seqs[1], 1));
    assert_eq!(unread(&ben, &room).await, 1);
    // Past the end is the end.
    assert_eq!(read(&ben, &room, u64::MAX).await, mark(seqs[2], 0));
    let seen = ana.get(&format!("/v1/rooms/{room}/members/{}", ben.id)).await.ok();
    assert_eq!(seen["last_read_seq"], seqs[2]);

    // Neither an edit nor a change of the room is something unread.
    ana.patch(&format!("/v1/rooms/{room}/messages/{}", seqs[2]), json!({ "text": "3" })).await.ok();
    ana.patch(&format!("/v1/rooms/{room}"), json!({ "name": "Dinner" })).await.ok();
    assert_eq!(unread(&ben, &room).await, 0);
}

#[tokio::test]
async fn reading_is_told_to_ones_other_devices_only() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let seqs = ana.send_all(&room, &["one", "two"]).await;
    let (mut phone, mut laptop) = (ben.connect().await, ben.connect().await);
    let mut others = ana.connect().await;

    let data = json!({ "room_id": room, "seq": seqs[0] });
    let mark = phone.ack("room.read", data).await;
    assert_eq!((&mark["last_read_seq"], &mark["unread_count"]), (&json!(seqs[0]), &json!(1)));
    let event = laptop.expect_event("room.read").await;
    assert_eq!(event["data"]["last_read_seq"], seqs[0]);
    assert_eq!(event["data"]["unread_count"], 1);
    phone.expect_nothing_before_pong().await;
    others.expect_nothing_before_pong().await;
}
