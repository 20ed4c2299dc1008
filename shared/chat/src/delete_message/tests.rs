use domain::MessageKind;
use storage::{Change, Commit};

use super::*;
use crate::testing::{House, later};

#[tokio::test]
async fn the_head_forgets_a_deleted_text_though_its_deleter_crashed() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    let sent = house.send(&ana, room, "c-1", "secret").await.message;
    // All that a delete writes before it crashes.
    let author = sent.author().cloned().unwrap();
    let tombstone = Message { kind: MessageKind::Deleted { author }, version: 2, ..sent.clone() };
    let written = house.app.store.commit(room, &[], &[Change::Message(tombstone)]).await.unwrap();
    assert_eq!(written, Commit::Done);
    let shown = async || house.head(room).await.preview.unwrap().text;
    assert_eq!(shown().await.as_deref(), Some("secret"));
    delete_message(&house.app, &later(&ana, 1.0), room, sent.seq).await.unwrap();
    assert_eq!(shown().await, None);
}

#[tokio::test]
async fn the_head_follows_its_message_and_no_other() {
    let house = House::start().await;
    let ana = house.user(1, "ana").await;
    let room = house.group(&ana, &[]).await;
    let first = house.send(&ana, room, "c-1", "first").await.message;
    let second = house.send(&ana, room, "c-2", "second").await.message;
    let shown = async || house.head(room).await.preview.unwrap().text;
    crate::edit_message(&house.app, &ana, room, first.seq, "1st").await.unwrap();
    assert_eq!(shown().await.as_deref(), Some("second"));
    crate::edit_message(&house.app, &ana, room, second.seq, "2nd").await.unwrap();
    assert_eq!(shown().await.as_deref(), Some("2nd"));
    delete_message(&house.app, &ana, room, first.seq).await.unwrap();
    assert_eq!(shown().await.as_deref(), Some("2nd"));
    delete_message(&house.app, &ana, room, second.seq).await.unwrap();
    assert_eq!(shown().await, None);
    house.account(room).await;
}
