//! What CloudWatch counts: the lines of the functions' log that it makes metrics of.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Behind, Logged, Stack, eventually};

/// Every line of metrics that a stack wrote.
fn lines(stack: &Stack) -> Vec<Value> {
    let lines = stack.logged().into_iter().map(|line| line.json());
    lines.filter(|line| !line["_aws"].is_null()).collect()
}

/// What the lines come to.
fn sums(lines: &[Value]) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        let fields = line.as_object().expect("a line has fields");
        for (name, value) in fields.iter().filter(|(name, _)| *name != "PushLatency") {
            if let Some(value) = value.as_u64() {
                *sums.entry(name.clone()).or_default() += value;
            }
        }
    }
    sums
}

/// Why CloudWatch would make no metrics of a line, by its specification of the embedded format.
fn faults(line: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut expect = |is_so: bool, what: &str| {
        if !is_so {
            faults.push(what.to_owned());
        }
    };
    // Up to two weeks ago and two hours ahead; milliseconds, and not seconds.
    let at = line["_aws"]["Timestamp"].as_u64().unwrap_or_default();
    expect((1_700_000_000_000..4_000_000_000_000).contains(&at), "no time");
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().cloned().unwrap_or_default();
    expect(!directives.is_empty(), "no directive");
    for directive in directives {
        let namespace = directive["Namespace"].as_str().unwrap_or_default();
        expect((1..=1_024).contains(&namespace.len()), "no namespace");
        let sets = directive["Dimensions"].as_array().cloned().unwrap_or_default();
        expect(!sets.is_empty(), "no dimensions");
        for dimension in sets.iter().flat_map(|set| set.as_array().into_iter().flatten()) {
            let value = line[dimension.as_str().unwrap_or_default()].as_str().unwrap_or_default();
            expect((1..=1_024).contains(&value.len()), "a dimension without a value");
        }
        let metrics = directive["Metrics"].as_array().cloned().unwrap_or_default();
        expect((1..=100).contains(&metrics.len()), "no metrics");
        for metric in metrics {
            let name = metric["Name"].as_str().unwrap_or_default();
            expect(line[name].is_number(), "a metric without a value");
            let unit = metric["Unit"].as_str().unwrap_or_default();
            expect(["Count", "Milliseconds"].contains(&unit), "a unit that is none");
        }
    }
    faults
}

#[tokio::test]
async fn what_happens_is_counted_once() {
    let data = tempfile::tempdir().expect("there is room for data");
    let stack = Stack::start_own(data.path()).await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let mut inboxes = [ben.connect().await, cai.connect().await];
    let connection = inboxes[0].ack("hello", json!({})).await["connection_id"].take();
    let mut leaving = cai.connect().await;
    let gone = leaving.ack("hello", json!({})).await["connection_id"].take();
    leaving.close().await;
    eventually("the connection is gone", async || {
        let has_left = |line: &Logged| line.json()["span"]["route"] == "$disconnect";
        stack.logged().iter().any(has_left).then_some(())
    })
    .await;
    // Who comes is told to the others, which are pushes, too: from here on it is quiet.
    for inbox in &mut inboxes {
        inbox.expect_nothing_before_pong().await;
    }
    let quiet = settled(&stack).await;

    let send = async |number: usize| ana.send(&room, &format!("c-{number}"), "hello").await;
    for number in 0..3 {
        send(number).await.created();
    }
    // Told again, but no other message.
    send(2).await.ok();
    // Past the head: nothing can be proven from there.
    assert_eq!(ana.sync(json!({ room.as_str(): 99 })).await["rooms"][&room]["reset"], true);
    // By the queue: one who is there, and one who was.
    let event = json!({ "type": "event", "event": "queued", "seq": 1 });
    let listeners = json!([[connection, ben.id, 0], [gone, cai.id, 0]]);
    let shard = json!({ "events": [event], "listeners": listeners });
    let queue = "http://sqs/000000000000/banter-FanOutQueue";
    let message = json!({ "QueueUrl": queue, "MessageBody": shard.to_string() });
    Behind::of(&stack).sqs("SendMessage", message).await;
    while inboxes[0].next_event().await["event"] != "queued" {}

    let grown = eventually("all is counted", async || {
        let now = lines(&stack);
        let gone = sums(&now).get("GoneConnections") == Some(&1);
        gone.then_some(now)
    })
    .await;
    let now = settled(&stack).await;
    let (before, after) = (sums(&quiet), sums(&now));
    let more = |name: &str| {
        let of = |sums: &BTreeMap<String, u64>| sums.get(name).copied().unwrap_or_default();
        of(&after) - of(&before)
    };
    assert_eq!(more("Sends"), 3, "{grown:#?}");
    assert_eq!(more("Pushes"), 3 * 2 + 2 + 1, "{grown:#?}");
    // One of them is the marker.
    assert_eq!((more("GoneConnections"), more("SyncResets")), (1, 2), "{grown:#?}");
    for line in now.iter().filter(|line| !line["Pushes"].is_null()) {
        assert!(line["PushLatency"].is_u64(), "{line}");
    }
    for line in &now {
        assert_eq!(faults(line), Vec::<String>::new(), "{line}");
        assert_eq!(line["Application"], "banter");
    }
}

/// What is counted once a reset of somebody else's has come through, which was made after all others
/// and reaches nobody.
async fn settled(stack: &Stack) -> Vec<Value> {
    let dan = stack.person("dan").await;
    let room = dan.create_group("Marker", &[]).await;
    let resets = |lines: &[Value]| sums(lines).get("SyncResets").copied().unwrap_or_default();
    let before = resets(&lines(stack));
    dan.sync(json!({ room.as_str(): 99 })).await;
    eventually("the marker is counted", async || {
        let now = lines(stack);
        (resets(&now) > before).then_some(now)
    })
    .await
}

/// The control: each thing that CloudWatch asks for is missed.
#[test]
fn a_line_that_is_no_metric_is_found() {
    let good = json!({
        "_aws": { "Timestamp": 1_769_852_460_000_u64, "CloudWatchMetrics": [{
            "Namespace": "Banter", "Dimensions": [["Application"]],
            "Metrics": [{ "Name": "Sends", "Unit": "Count" }],
        }] },
        "Application": "banter", "Sends": 1,
    });
    assert_eq!(faults(&good), Vec::<String>::new());
    for (pointer, value) in [
        ("/_aws/Timestamp", json!(1_769_852_460)),
        ("/_aws/CloudWatchMetrics", json!([])),
        ("/_aws/CloudWatchMetrics/0/Namespace", json!("")),
        ("/_aws/CloudWatchMetrics/0/Dimensions", json!([])),
        ("/_aws/CloudWatchMetrics/0/Metrics", json!([])),
        ("/_aws/CloudWatchMetrics/0/Metrics/0/Unit", json!("Messages")),
        ("/_aws/CloudWatchMetrics/0/Metrics/0/Name", json!("Pushes")),
        ("/Application", Value::Null),
        ("/Sends", json!("1")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("it is there") = value;
        assert_eq!(faults(&bad).len(), 1, "{pointer}");
    }
}
