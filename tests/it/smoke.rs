//! The shortest way through everything: two people, one message, told at once.

use tests::Stack;

#[tokio::test]
async fn two_people_chat() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;

    let sent = ana.send(&room, "c-1", "hello").await.created();

    let event = inbox.expect_event("message.created").await;
    assert_eq!(event["data"], sent);
    assert_eq!(event["actor"]["id"].as_str().unwrap(), ana.id);
    inbox.expect_nothing_before_pong().await;
    assert_eq!(stack.health().await.ok()["status"], "ok");
}
