//! Pushes are lost, doubled, overtaken and refused: they are hints, and the log is the truth.

use serde_json::json;
use tests::Stack;

use super::{of_messages, once};

#[tokio::test]
async fn the_last_push_into_a_quiet_room_may_be_lost() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    let cursor = ana.room(&room).await["seq"].as_u64().unwrap();
    let lost = of_messages("PostToConnection", &room, &json!("lose"));
    let lost = stack.control().fault(once(lost)).await;
    let sent = ana.send(&room, "c-1", "hello").await.created();
    assert_eq!(lost.struck().await, 1);

    // Nothing tells of it but the next ping.
    inbox.expect_nothing_before_pong().await;
    let heads = inbox.ack("ping", json!({})).await;
    assert_eq!(heads["heads"][&room], sent["seq"]);
    let sync = inbox.ack("sync", json!({ "rooms": { room.as_str(): cursor } })).await;
    assert_eq!(sync["rooms"][&room]["events"][0]["seq"], sent["seq"]);
}

#[tokio::test]
async fn pushes_come_twice_and_in_another_order() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    let late = of_messages("PostToConnection", &room, &json!("reorder"));
    stack.control().fault(once(late)).await;
    let seqs = ana.send_all(&room, &["one", "two"]).await;
    for expected in [seqs[1], seqs[0]] {
        assert_eq!(inbox.expect_event("message.created").await["seq"], expected);
    }
    let twice = of_messages("PostToConnection", &room, &json!("duplicate"));
    stack.control().fault(once(twice)).await;
    let seqs = ana.send_all(&room, &["three"]).await;
    for event in inbox.expect_events(["message.created"; 2]).await {
        assert_eq!(event["seq"], seqs[0]);
    }
}

#[tokio::test]
async fn a_push_that_is_refused_fails_no_send_and_strikes_no_young_connection_out() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    for error in ["GoneException", "LimitExceededException", "TooManyRequestsException"] {
        let refuse = of_messages("PostToConnection", &room, &json!({ "refuse": error }));
        let refuse = stack.control().fault(refuse).await;
        ana.send(&room, error, "hello").await.created();
        // What is only too fast is tried twice more.
        let tries = if error == "GoneException" { 1 } else { 3 };
        assert_eq!(refuse.struck().await, tries, "{error}");
        refuse.heal().await;
        inbox.expect_nothing_before_pong().await;
    }
    ana.send(&room, "after", "hello").await.created();
    inbox.expect_event("message.created").await;
}

#[tokio::test]
async fn a_connection_whose_end_nobody_noticed_is_in_nobodys_way() {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    let hello = inbox.ack("hello", json!({})).await;
    let lost = json!({
        "operation": "$disconnect", "containing": hello["connection_id"], "fault": "lose",
    });
    let lost = stack.control().fault(lost).await;
    inbox.close().await;
    lost.strikes(1).await;
    let mut inbox = ben.connect().await;
    let sent = ana.send(&room, "c-1", "hello").await.created();
    assert_eq!(inbox.expect_event("message.created").await["seq"], sent["seq"]);
}
