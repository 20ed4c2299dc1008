//! Batches, and what is deleted after which answer.

use axum::body::Bytes;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::template;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:banter-Queue";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:banter-Dead";

fn queues(visibility: Duration) -> Queues {
    let queue = |arn: &str, redrive| template::Queue {
        name: arn.to_owned(),
        arn: arn.to_owned(),
        line: 1,
        visibility,
        retention: Duration::from_secs(600),
        redrive,
    };
    let redrive = template::Redrive { queue_arn: DEAD.to_owned(), max_receive_count: 2 };
    Queues::new(&[queue(ARN, Some(redrive)), queue(DEAD, None)])
}

fn mapping(batch_size: usize, window: Duration) -> Mapping {
    Mapping {
        function: "Worker".to_owned(),
        queue_arn: ARN.to_owned(),
        line: 1,
        batch_size,
        window,
        reports_failures: true,
        max_concurrency: 2,
    }
}

impl Queues {
    fn send_all(&self, bodies: &[&str]) {
        let shared = &self.0[ARN];
        for &body in bodies {
            shared.lock().send(body.to_owned(), crate::ids::now());
        }
        shared.arrived.notify_waiters();
    }
}

type Work = (Vec<String>, oneshot::Sender<Outcome>);

/// Runs a mapping whose function asks the test for every answer.
fn work(queues: &Queues, mapping: Mapping) -> mpsc::UnboundedReceiver<Work> {
    let (invoked, work) = mpsc::unbounded_channel();
    let invoke = move |event: Value| {
        let (reply, answer) = oneshot::channel();
        let records = event["Records"].as_array().unwrap().iter();
        let bodies = records.map(|record| record["body"].as_str().unwrap().to_owned()).collect();
        invoked.send((bodies, reply)).unwrap();
        async move { answer.await.unwrap() }
    };
    let queues = queues.clone();
    tokio::spawn(async move { run(&queues, &mapping, invoke).await });
    work
}

fn answered(value: &Value) -> Outcome {
    Outcome::Answered(Bytes::from(value.to_string()))
}

#[tokio::test]
async fn a_batch_is_what_there_is_and_two_at_a_time_are_worked_on() {
    let queues = queues(Duration::from_secs(60));
    queues.send_all(&["a", "b", "c", "d", "e"]);
    let mut work = work(&queues, mapping(2, Duration::ZERO));
    let (first, reply) = work.recv().await.unwrap();
    let (second, _kept) = work.recv().await.unwrap();
    assert_eq!((first.join(" "), second.join(" ")), ("a b".to_owned(), "c d".to_owned()));
    assert!(work.try_recv().is_err(), "no third before one of them is done");
    reply.send(answered(&Value::Null)).unwrap();
    let (third, _) = work.recv().await.unwrap();
    assert_eq!(third, ["e"]);
    assert_eq!(queues.0[ARN].lock().depth(crate::ids::now()).in_flight, 3);
}

#[tokio::test]
async fn within_the_window_messages_come_together() {
    let queues = queues(Duration::from_secs(60));
    let mut work = work(&queues, mapping(3, Duration::from_secs(60)));
    queues.send_all(&["a", "b", "c"]);
    let (batch, _reply) = work.recv().await.unwrap();
    assert_eq!(batch, ["a", "b", "c"], "as soon as it is full");
}

#[tokio::test]
async fn what_fails_comes_back_and_at_last_goes_to_the_dead_letters() {
    let queues = queues(Duration::ZERO);
    queues.send_all(&["poison"]);
    let mut work = work(&queues, mapping(10, Duration::ZERO));
    for _ in 0..2 {
        let (batch, reply) = work.recv().await.unwrap();
        assert_eq!(batch, ["poison"]);
        reply.send(Outcome::Failed(json!({ "errorMessage": "no" }))).unwrap();
    }
    let dead = &queues.0[DEAD];
    let take = Take { messages: 10, bytes: usize::MAX, visibility: None };
    let found = queues.receive_by(dead, take, Instant::now() + Duration::from_secs(60)).await;
    assert_eq!(found[0].message.body, "poison");
    assert!(work.try_recv().is_err());
}

#[test]
fn what_is_deleted_follows_the_report() {
    let queues = queues(Duration::from_secs(60));
    queues.send_all(&["a", "b"]);
    let take = Take { messages: 10, bytes: usize::MAX, visibility: None };
    let batch = queues.receive(&queues.0[ARN], take, crate::ids::now());
    let id = batch[0].message.id.to_string();
    let report = |items: Value| json!({ "batchItemFailures": items });
    for (answer, expected) in [
        (json!(null), 2),
        (json!({}), 2),
        (report(json!(null)), 2),
        (report(json!([])), 2),
        (report(json!([{ "itemIdentifier": id }])), 1),
        (report(json!([{ "itemIdentifier": "" }])), 0),
        (report(json!([{ "itemIdentifier": null }])), 0),
        (report(json!([{ "itemIdentifier": "nobody" }])), 0),
        (report(json!([{ "messageId": id }])), 0),
        (json!({ "failures": [] }), 0),
        (json!("done"), 0),
    ] {
        assert_eq!(done(&answered(&answer), &batch, true).len(), expected, "{answer}");
        assert_eq!(done(&answered(&answer), &batch, false).len(), 2, "nobody asked: {answer}");
    }
    let failed = [Outcome::Failed(json!({})), Outcome::Throttled, Outcome::TooLarge];
    for outcome in failed {
        assert_eq!(done(&outcome, &batch, false).len(), 0, "{outcome:?}");
    }
    assert_eq!(done(&Outcome::Answered(Bytes::from_static(b"oops")), &batch, true).len(), 0);
}
