//! The database refuses, does half, or does all and says nothing: a send is once in the log.

use serde_json::{Value, json};
use tests::{Person, RoomLog, Stack};

use super::{of_messages, once, voids};

async fn a_room() -> (Stack, Person, Person, String) {
    let stack = Stack::start_faulty().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    (stack, ana, ben, room)
}

fn times(count: u64, mut rule: Value) -> Value {
    rule["count"] = json!(count);
    rule
}

fn refuse(error: &str) -> Value {
    json!({ "refuse": error })
}

#[tokio::test]
async fn what_passes_by_itself_nobody_sees() {
    let (stack, ana, ben, room) = a_room().await;
    for (number, (operation, error)) in [
        ("UpdateItem", "ProvisionedThroughputExceededException"),
        ("BatchGetItem", "ThrottlingException"),
        ("TransactWriteItems", "InternalServerError"),
        ("TransactWriteItems", "TransactionCanceledException"),
        ("UpdateItem", "TransactionConflictException"),
    ]
    .into_iter()
    .enumerate()
    {
        let rule = times(2, of_messages(operation, &room, &refuse(error)));
        let fault = stack.control().fault(rule).await;
        ana.send(&room, &format!("c-{number}"), "hello").await.created();
        assert_eq!(fault.struck().await, 2, "{error}");
        fault.heal().await;
    }
    let log = RoomLog::read(&ben, &room).await;
    // A call that was refused did nothing, so that no number is lost either.
    assert_eq!((log.flaws(0), voids(&log), log.numbers().len()), (Vec::new(), 0, 5));
}

#[tokio::test]
async fn what_does_not_pass_is_told_and_can_be_said_again() {
    let (stack, ana, ben, room) = a_room().await;
    for (operation, error) in [
        ("UpdateItem", "ProvisionedThroughputExceededException"),
        ("TransactWriteItems", "TransactionCanceledException"),
    ] {
        let fault = stack.control().fault(of_messages(operation, &room, &refuse(error))).await;
        let reply = ana.send(&room, error, "hello").await;
        assert_ne!(reply.header("retry-after"), "");
        assert_eq!(reply.refused(503, "unavailable")["retryable"], true);
        fault.heal().await;
        ana.send(&room, error, "hello").await.created();
    }
    let log = RoomLog::read(&ben, &room).await;
    assert_eq!((log.flaws(0), log.numbers().len()), (Vec::new(), 2));
}

#[tokio::test]
async fn a_batch_that_is_done_in_part_is_done_in_full_in_the_end() {
    let stack = Stack::start_faulty().await;
    let [ana, ben, cai, dot] = stack.people(["ana", "ben", "cai", "dot"]).await;
    let others = [&ben, &cai, &dot];
    let room = ana.create_group("Lunch", &others).await;
    let mut inboxes = Vec::new();
    for other in others {
        inboxes.push(other.connect().await);
    }
    let rule = json!({ "operation": "BatchGetItem", "containing": ana.id, "fault": "unprocessed" });
    let reads = stack.control().fault(rule).await;
    let sent = ana.send(&room, "c-1", "hello").await.created();
    for inbox in &mut inboxes {
        let event = inbox.expect_event("message.created").await;
        assert_eq!(event["seq"], sent["seq"]);
    }
    // The membership, what the `client_id` names, and the connections.
    assert!(reads.struck().await >= 3);

    let rule = json!({ "operation": "BatchWriteItem", "containing": room, "fault": "unprocessed" });
    let writes = stack.control().fault(rule).await;
    ana.delete(&format!("/v1/rooms/{room}")).await.no_content();
    assert_eq!(writes.struck().await, 8, "two rows for each of four members, one at a time");
}

#[tokio::test]
async fn what_is_read_at_once_is_read_though_reads_may_be_late() {
    let (stack, ana, ben, room) = a_room().await;
    let late = json!({ "containing": room, "fault": { "stale": { "ms": 60_000 } } });
    stack.control().fault(late).await;
    let seqs = ana.send_all(&room, &["one", "two", "three"]).await;
    let read = json!({ "seq": seqs[1] });
    let mark = ben.post(&format!("/v1/rooms/{room}/read"), read.clone()).await.ok();
    assert_eq!(mark["unread_count"], 1);
    let sync = ben.sync(json!({ room.as_str(): seqs[0] - 1 })).await;
    assert_eq!(sync["rooms"][&room]["events"].as_array().map(Vec::len), Some(3));

    // The control: a page of history may be late, and is.
    assert_eq!(ben.messages(&room, "?q=two").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn what_was_done_without_an_answer_is_not_done_twice() {
    let (stack, ana, ben, room) = a_room().await;
    for fault in ["lose_answer", "time_out"] {
        let rule = once(of_messages("TransactWriteItems", &room, &json!(fault)));
        let rule = stack.control().fault(rule).await;
        ana.send(&room, fault, "hello").await.created();
        rule.heal().await;
    }
    // No answer to any try: the sender learns nothing, and asks again.
    let rule = of_messages("TransactWriteItems", &room, &json!("lose_answer"));
    let rule = stack.control().fault(rule).await;
    ana.send(&room, "never", "hello").await.refused(503, "unavailable");
    rule.heal().await;
    assert_eq!(ana.send(&room, "never", "hello").await.ok()["duplicate"], true);
    let log = RoomLog::read(&ben, &room).await;
    assert_eq!((log.flaws(0), voids(&log), log.numbers().len()), (Vec::new(), 0, 3));

    // A number that was issued without an answer is lost, and only the number.
    let rule = once(of_messages("UpdateItem", &room, &json!("lose_answer")));
    stack.control().fault(rule).await;
    ana.send(&room, "after", "hello").await.created();
    let log = RoomLog::read(&ben, &room).await;
    assert_eq!((log.flaws(0), voids(&log), log.numbers().len()), (Vec::new(), 1, 4));
}
