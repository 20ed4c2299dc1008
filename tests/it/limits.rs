//! How much one may do: at the limit and one past it, over HTTP and on a socket.

use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Person, Reply, RoomLog, Stack};

/// A stack with these rates. Their windows are so long that no machine is too slow for them.
async fn limited(data: &TempDir, rates: &[&str]) -> Stack {
    let flags: Vec<_> = rates.iter().flat_map(|rate| ["--parameter", rate]).collect();
    Stack::start_own_with(&flags, data.path()).await
}

/// Asserts a refusal that says when to come back, and gives the seconds.
fn wait(reply: Reply, policy: &str) -> u64 {
    let headers = reply.headers.clone();
    let header = |name: &str| headers[name].to_str().expect("a header is text").to_owned();
    let body = reply.refused(429, "rate_limited");
    assert_eq!(body["retryable"], true);
    let seconds: u64 = header(RETRY_AFTER.as_str()).parse().expect("whole seconds");
    let exact = body["retry_after_ms"].as_u64().expect("milliseconds");
    assert_eq!(seconds, exact.div_ceil(1_000));
    let (class, _) = policy.split_once(';').expect("a policy begins with its class");
    assert_eq!(header("ratelimit-policy"), policy);
    assert_eq!(header("ratelimit"), format!("{class};r=0;t={seconds}"));
    seconds
}

#[tokio::test]
async fn so_many_messages_and_not_one_more() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["SendRate=3/600", "WriteRate=3/600"]).await;
    let [ana, ben] = [stack.person("ana").await, stack.person("ben").await];
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ana.connect().await;
    ana.send(&room, "c-1", "one").await.created();
    ana.send(&room, "c-2", "two").await.created();
    let data = json!({ "room_id": room, "client_id": "c-3", "text": "three" });
    inbox.ack("message.send", data).await;

    // One past it, whichever way: both are counted together.
    let seconds = wait(ana.send(&room, "c-4", "four").await, "\"send\";q=3;w=600");
    assert!((100..=200).contains(&seconds), "one in each 200 seconds: {seconds}");
    let data = json!({ "room_id": room, "client_id": "c-4", "text": "four" });
    let error = inbox.refused("message.send", data, "rate_limited").await;
    assert_eq!(error["retryable"], true);
    let later = error["retry_after_ms"].as_u64().expect("milliseconds");
    assert!((100_000..=200_000).contains(&later), "{later}");
    assert_eq!(ana.room(&room).await["message_count"], 3);
    inbox.ack("ping", json!({})).await;

    // Others, and other things, are not concerned.
    ben.send(&room, "c-1", "hello").await.created();
    let edited = ana.patch(&format!("/v1/rooms/{room}/messages/3"), json!({ "text": "uno" })).await;
    edited.ok();
    ana.create_group("Dinner", &[]).await;
    let past = ana.create_room(json!({ "type": "group" })).await;
    wait(past, "\"write\";q=3;w=600");
    ana.messages(&room, "").await.ok();
    ana.post(&format!("/v1/rooms/{room}/read"), json!({ "seq": 3 })).await.ok();
}

#[tokio::test]
async fn of_many_at_once_as_many_pass_as_may() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["SendRate=5/600"]).await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let send = async |number: usize| ana.send(&room, &format!("c-{number}"), "hello").await.status;
    let mut statuses = futures_util::future::join_all((0..20).map(send)).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..5], [201; 5]);
    assert_eq!(statuses[5..], [429; 15]);
    let log = RoomLog::read(&ana, &room).await;
    assert_eq!(log.messages().filter(|message| message["type"] == "regular").count(), 5);
}

#[tokio::test]
async fn a_room_takes_so_many_from_all_together() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["RoomRate=5/600"]).await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let [room, other] =
        [ana.create_group("Lunch", &[&ben]).await, ana.create_group("Dinner", &[&ben]).await];
    let mut inbox = ben.connect().await;
    for number in 0..2 {
        ana.send(&room, &format!("a-{number}"), "hello").await.created();
        ben.send(&room, &format!("b-{number}"), "hello").await.created();
    }
    let data = |client_id: &str| json!({ "room_id": room, "client_id": client_id, "text": "hi" });
    inbox.ack("message.send", data("b-2")).await;
    // One past it, whoever it is, and whichever way.
    wait(ana.send(&room, "a-2", "hello").await, "\"room\";q=5;w=600");
    let error = inbox.refused("message.send", data("b-3"), "rate_limited").await;
    assert!((1..=120_000).contains(&error["retry_after_ms"].as_u64().expect("milliseconds")));
    let log = RoomLog::read(&ana, &room).await;
    assert_eq!(log.messages().filter(|message| message["type"] == "regular").count(), 5);
    // What was refused left no hole, a repeat is answered, and other rooms are not concerned.
    assert_eq!(ana.room(&room).await["seq"], 2 + 5);
    assert_eq!(ana.send(&room, "a-1", "hello").await.ok()["duplicate"], true);
    ana.patch(&format!("/v1/rooms/{room}/messages/3"), json!({ "text": "uno" })).await.ok();
    ana.send(&other, "a-2", "hello").await.created();
}

#[tokio::test]
async fn uploads_and_tickets_are_counted() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["UploadRate=1/600", "ConnectRate=2/600"]).await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let file = json!({ "filename": "a.png", "content_type": "image/png", "size_bytes": 8 });
    ana.post("/v1/media", file.clone()).await.created();
    wait(ana.post("/v1/media", file.clone()).await, "\"upload\";q=1;w=600");
    ben.post("/v1/media", file).await.created();
    ana.connect().await;
    let mut inbox = ana.connect().await;
    let ticket = ana.request(reqwest::Method::POST, "/v1/connections/tickets", None, &[]).await;
    wait(ticket, "\"connect\";q=2;w=600");
    // Whoever is connected stays so.
    inbox.ack("ping", json!({})).await;
    ben.connect().await;
}

#[tokio::test]
async fn searches_are_counted_and_reading_is_not() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["SearchRate=4/600"]).await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let messages = format!("/v1/rooms/{room}/messages");
    let searches =
        [format!("{messages}?q=x"), "/v1/users?q=a".into(), "/v1/rooms?scope=public".into()];
    for search in &searches {
        ana.get(search).await.ok();
    }
    ana.get(&searches[0]).await.ok();
    for search in &searches {
        wait(ana.get(search).await, "\"search\";q=4;w=600");
    }
    for other in [&messages, "/v1/rooms", &format!("/v1/users?ids={}", ana.id)] {
        ana.get(other).await.ok();
    }
}

#[tokio::test]
async fn whoever_guesses_passwords_waits_and_learns_nothing() {
    let data = TempDir::new().expect("there is room for data");
    let rates = ["LoginRate=3/600", "LoginAddressRate=13/86400", "SignUpRate=2/600"];
    let stack = limited(&data, &rates).await;
    let [ana, ben] = [stack.person("ana").await, stack.person("ben").await];
    let login = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        stack.anonymous().post("/v1/accounts/login", body).await
    };
    // Whether there is such a user makes no difference.
    let mut sentences = Vec::new();
    for username in [ana.username.as_str(), "nobody-at-all", "NOBODY"] {
        for _ in 0..3 {
            login(username, "wrong horse").await.refused(401, "unauthenticated");
        }
        // Not even the right password is looked at now.
        let reply = login(username, Person::PASSWORD).await;
        sentences.push(reply.body["detail"].clone());
        wait(reply, "\"login\";q=3;w=600");
    }
    sentences.dedup();
    assert_eq!(sentences.len(), 1);
    // The control: Ben's name was not tried.
    stack.sign_in(&ben.username).await;
    // But enough is enough: these were thirteen from one address, whatever the names.
    wait(login("somebody-else", "wrong horse").await, "\"login_address\";q=13;w=86400");
    assert_eq!(ana.get("/v1/users/me").await.ok()["id"], ana.id);

    let body = json!({ "username": "third", "password": Person::PASSWORD, "name": "Third" });
    wait(stack.anonymous().post("/v1/accounts", body).await, "\"sign_up\";q=2;w=600");
}

#[tokio::test]
async fn who_signed_in_from_there_before_is_not_locked_out_by_strangers() {
    let data = TempDir::new().expect("there is room for data");
    let stack = limited(&data, &["LoginAccountRate=3/600"]).await;
    let [ana, ben] = [stack.person("ana").await, stack.person("ben").await];
    let login = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        stack.anonymous().post("/v1/accounts/login", body).await
    };
    stack.sign_in(&ben.username).await;
    for username in [&ana.username, &ben.username] {
        for _ in 0..3 {
            login(username, "wrong horse").await.refused(401, "unauthenticated");
        }
    }
    // Ana never signed in from here: from here she is as good as any stranger.
    let reply = login(&ana.username, Person::PASSWORD).await;
    wait(reply, "\"login_account\";q=3;w=600");
    stack.sign_in(&ben.username).await;
}

#[tokio::test]
async fn limits_are_told_and_may_be_off() {
    let data = TempDir::new().expect("there is room for data");
    let users = ["Send", "Search", "Upload", "Connect"];
    let others = ["Room", "Login", "LoginAddress", "LoginAccount", "SignUp"];
    let off: Vec<_> = users.iter().chain(&others).map(|class| format!("{class}Rate=off")).collect();
    let rates = off.iter().map(String::as_str).chain(["WriteRate=7/70", "RequestsPerSecond=10000"]);
    let stack = limited(&data, &rates.collect::<Vec<_>>()).await;
    let ana = stack.person("ana").await;
    let told = json!([
        { "class": "write", "quota": 7, "window_seconds": 70 },
        // This one is the gateway's, and cannot be off; the template allows no more.
        { "class": "request", "quota": 10_000, "window_seconds": 1 },
    ]);
    assert_eq!(ana.get("/v1/limits").await.ok(), json!({ "data": told }));

    let shared = Stack::start().await;
    let told = shared.person("ana").await.get("/v1/limits").await.ok();
    let classes = told["data"].as_array().expect("limits are a list").iter();
    let classes: Vec<_> = classes.map(|limit| &limit["class"]).collect::<Vec<&Value>>();
    let all = [
        "send",
        "write",
        "search",
        "upload",
        "connect",
        "room",
        "login",
        "login_address",
        "login_account",
        "sign_up",
        "request",
    ];
    assert_eq!(json!(classes), json!(all));
}
