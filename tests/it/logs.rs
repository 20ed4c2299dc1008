//! What the functions log: one line for each invocation, and nothing that anybody said.
//!
//! Every test ends with a search of the log for what was said in it (`tests/src/secrets.rs`). Here
//! everything is said that can be, at all places, and goes wrong in all ways.

use std::collections::BTreeSet;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Behind, Inbox, Logged, Person, Reply, Stack, eventually};

use crate::media::uploaded;

/// In every text, name, token, query and path.
const CANARY: &str = "canary-in-the-coal-mine";

fn is_answer_to(line: &Logged, request_id: &str) -> bool {
    line.is_answer() && line.json()["span"]["request_id"] == request_id
}

/// Waits until each of these requests has its line, so that no line of them is missed.
async fn all_answered(stack: &Stack, request_ids: &BTreeSet<String>) -> Vec<Logged> {
    eventually("every request is in the log", async || {
        let lines = stack.logged();
        let spans = lines.iter().filter(|line| line.is_answer() && line.function != AUTHORIZER);
        let spans = spans.map(|line| line.json()["span"]["request_id"].take());
        let seen: BTreeSet<_> = spans.filter_map(|id| id.as_str().map(str::to_owned)).collect();
        request_ids.is_subset(&seen).then_some(lines)
    })
    .await
}

const AUTHORIZER: &str = "banter-Authorizer";

/// The hash of a user's id, as an operator makes it.
fn fingerprint(id: &str) -> String {
    let script = "printf %s \"$1\" | sha256sum | cut -c1-12";
    let output = Command::new("sh").args(["-c", script, "sh", id]).output();
    let output = output.expect("there is a shell");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[tokio::test]
async fn an_answer_is_one_line_that_says_who_what_and_how_long() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let sent = ana.send(&room, "c-1", "hello").await;
    let refused = ana.get(&format!("/v1/rooms/{}", ana.id)).await;
    let mut inbox = ana.connect().await;
    let unknown = inbox.refused("canary.sing", json!({}), "unknown_action").await;
    let data = json!({ "room_id": ana.id });
    let missing = inbox.refused("room.join", data, "room_not_found").await;

    let id = |reply: &Reply| reply.header("x-request-id").to_owned();
    let frame = |error: &Value| error["request_id"].as_str().expect("it has one").to_owned();
    let expected = [
        (id(&sent), "Messages", "POST /v1/rooms/{room_id}/messages", 201, Value::Null, Value::Null),
        (
            id(&refused),
            "Rooms",
            "GET /v1/rooms/{room_id}",
            404,
            "room_not_found".into(),
            Value::Null,
        ),
        (frame(&unknown), "SocketMessage", "$default", 200, "unknown_action".into(), Value::Null),
        (
            frame(&missing),
            "SocketMessage",
            "$default",
            200,
            "room_not_found".into(),
            "room.join".into(),
        ),
    ];
    let ids = expected.iter().map(|row| row.0.clone()).collect();
    let lines = all_answered(&stack, &ids).await;
    let user = fingerprint(&ana.id);
    for (request_id, function, route, status, code, action) in expected {
        let answers = lines.iter().filter(|line| is_answer_to(line, &request_id));
        let (let_in, answers): (Vec<_>, Vec<_>) =
            answers.partition(|line| line.function == AUTHORIZER);
        let [answer] = answers[..] else { panic!("not one line of {route}: {answers:?}") };
        let line = answer.json();
        let span = &line["span"];
        assert_eq!(span["function"], format!("banter-{function}"), "{line}");
        assert_eq!((&span["route"], &span["status"]), (&json!(route), &json!(status)), "{line}");
        assert_eq!((&span["code"], &span["action"]), (&code, &action), "{line}");
        assert_eq!(span["user"], user, "{line}");
        assert!(line["duration_ms"].is_u64() && line["timestamp"].is_string(), "{line}");
        assert_eq!(line["level"], "INFO", "{line}");
        // Whoever let it in says so under the same id, unless the gateway remembered the answer.
        for line in let_in {
            assert_eq!(line.json()["span"]["user"], user, "{line:?}");
        }
    }
}

/// Says it everywhere, and gives the ids of all requests.
async fn say_it_everywhere(stack: &Stack, ana: &Person, ben: &Person) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut note = |reply: Reply| {
        ids.insert(reply.header("x-request-id").to_owned());
        reply.body
    };
    let room =
        json!({ "type": "group", "name": CANARY, "description": CANARY, "members": [ben.id] });
    let room = note(ana.create_room(room).await)["id"].as_str().expect("a room").to_owned();
    let path = format!("/v1/rooms/{room}");
    note(ana.patch("/v1/users/me", json!({ "name": CANARY })).await);
    note(ana.send(&room, CANARY, CANARY).await);
    note(ana.patch(&format!("{path}/messages/3"), json!({ "text": CANARY })).await);
    let query = format!("?q={CANARY}");
    note(ana.messages(&room, &query).await);
    note(ana.messages(&room, &format!("?{CANARY}=1")).await);
    note(ana.get(&format!("/v1/users{query}")).await);
    note(ana.get(&format!("/v1/rooms?cursor={CANARY}")).await);
    note(ana.get(&format!("/v1/rooms/{CANARY}")).await);
    note(ana.get(&format!("{path}/members/{CANARY}")).await);
    note(ana.get(&format!("{path}/messages/3/reactions/me/{CANARY}")).await);
    note(ana.post(&format!("{path}/messages/3/reactions"), json!({ "reaction": CANARY })).await);
    note(ana.post("/v1/rooms", json!({ "type": CANARY })).await);
    note(ana.post("/v1/rooms", json!({ CANARY: CANARY })).await);
    note(ana.post("/v1/sync", json!({ "rooms": { CANARY: 1 } })).await);
    note(ana.post("/v1/media", json!({ "filename": CANARY, "content_type": CANARY })).await);
    let raw = |body: String| ana.request(Method::POST, "/v1/rooms", Some(body), &[]);
    note(raw(format!("{{\"{CANARY}")).await);
    note(raw(CANARY.repeat(20_000)).await);
    let odd = [("content-type", CANARY), ("cookie", CANARY), ("user-agent", CANARY)];
    note(ana.request(Method::POST, "/v1/rooms", Some("{}".to_owned()), &odd).await);
    note(ana.request(Method::PATCH, &path, Some("{}".to_owned()), &[("if-match", CANARY)]).await);
    note(stack.with_token(Some(CANARY.to_owned())).get("/v1/users/me").await);
    let nobody = stack.anonymous();
    let account = json!({ "username": CANARY, "password": CANARY, "name": CANARY });
    note(nobody.post("/v1/accounts", account.clone()).await);
    note(nobody.post("/v1/accounts", account).await);
    let login = json!({ "username": CANARY, "password": format!("{CANARY}!") });
    note(nobody.post("/v1/accounts/login", login).await);
    for path in ["refresh", "logout"] {
        let body = json!({ "refresh_token": CANARY });
        note(nobody.post(&format!("/v1/accounts/{path}"), body).await);
    }
    // A dead refresh token ends its session, which is worth a warning.
    let dead = json!({ "refresh_token": ben.refresh_token });
    note(nobody.post("/v1/accounts/refresh", dead.clone()).await);
    note(nobody.post("/v1/accounts/refresh", dead).await);

    // What the database refuses, and what cannot be told to those who listen.
    let mut inbox = ana.connect().await;
    let _listening = ana.connect().await;
    for rule in [
        json!({ "operation": "UpdateItem", "fault": { "refuse": "InternalServerError" } }),
        json!({ "operation": "TransactWriteItems", "fault": { "refuse": "ThrottlingException" } }),
        json!({ "operation": "PostToConnection", "fault": { "refuse": "LimitExceededException" } }),
        json!({ "operation": "PostToConnection", "fault": { "refuse": "InternalServerErrorException" } }),
        json!({ "operation": "PostToConnection", "fault": "time_out" }),
    ] {
        let fault = stack.control().fault(rule.clone()).await;
        note(ana.send(&room, &format!("{CANARY}-{}", rule["operation"]), CANARY).await);
        fault.strikes(1).await;
        fault.heal().await;
    }
    for frame in [
        CANARY.to_owned(),
        json!({ "action": CANARY, "id": CANARY }).to_string(),
        json!({ "action": "ping", "id": CANARY, CANARY: CANARY }).to_string(),
        json!({ "action": "typing", "id": CANARY, "data": CANARY }).to_string(),
    ] {
        ids.extend(said(&mut inbox, &frame).await);
    }
    let data = json!({ "room_id": room, "client_id": CANARY, "text": format!("{CANARY}?") });
    let refused = inbox.refused("message.send", data, "client_id_conflict").await;
    ids.extend(refused["request_id"].as_str().map(str::to_owned));
    ids
}

/// Says what cannot be done, and gives the request's id.
async fn said(inbox: &mut Inbox, frame: &str) -> Option<String> {
    inbox.say(frame).await;
    let answer = inbox.next_answer().await;
    answer["error"]["request_id"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn whoever_reads_the_log_learns_nothing_that_was_said() {
    let data = tempfile::tempdir().expect("there is room for data");
    let stack = Stack::start_own_with(&["--control"], data.path()).await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let ids = say_it_everywhere(&stack, &ana, &ben).await;
    // A row that this version cannot read, a picture that is none, and a shard that is none.
    let behind = Behind::of(&stack);
    let room = ana.create_group("Corrupt", &[]).await;
    behind.spoil(&room, CANARY).await;
    let corrupt = ana.get(&format!("/v1/rooms/{room}")).await;
    let corrupt_id = corrupt.header("x-request-id").to_owned();
    corrupt.refused(500, "internal");
    uploaded(&ana, CANARY, "image/png", CANARY.as_bytes()).await;
    let queue = "http://sqs/000000000000/banter-FanOutQueue";
    let body = json!({ "events": CANARY, "listeners": [] }).to_string();
    behind.sqs("SendMessage", json!({ "QueueUrl": queue, "MessageBody": body })).await;
    // A ticket that is none.
    let url = format!("{}?ticket={CANARY}", stack.ws);
    assert_eq!(Inbox::open(&url, &[]).await.err(), Some(401));

    let mut ids = ids;
    ids.insert(corrupt_id);
    all_answered(&stack, &ids).await;
    let lines = eventually("the others are in the log, too", async || {
        let lines = stack.logged();
        let has = |text: &str| lines.iter().any(|line| line.text.contains(text));
        let all = ["looked at an upload", "a shard cannot be read", "cannot be read", "$connect"];
        all.iter().all(|text| has(text)).then_some(lines)
    })
    .await;
    for line in &lines {
        assert!(line.json().is_object(), "no JSON: {line:?}");
        assert!(!line.text.contains("canary"), "{line:?}");
    }
    // The controls: what is in the log is found, and much was looked at.
    assert!(lines.iter().any(|line| line.text.contains("room_not_found")));
    assert!(lines.iter().filter(|line| line.is_answer()).count() > 40);
    assert!(lines.iter().any(|line| line.json()["level"] == "ERROR"));
    assert_eq!(stack.leaked(), Vec::<String>::new());
}
