//! The socket: who gets in, what is answered, and who is told what.

use serde_json::{Value, json};
use tests::{Inbox, Stack, handshake};

fn url(ticket: &Value) -> &str {
    ticket["url"].as_str().expect("a ticket says where to open the socket")
}

#[tokio::test]
async fn nobody_gets_in_without_a_ticket_or_a_token() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let unknown = format!("{}?ticket={}", stack.ws, "A".repeat(43));
    let garbage = format!("{}?ticket=x", stack.ws);
    let empty = format!("{}?ticket=", stack.ws);
    for url in [&stack.ws, &unknown, &garbage, &empty] {
        assert_eq!(Inbox::open(url, &[]).await.err(), Some(401), "{url}");
    }
    let token = format!("{}?ticket={}", stack.ws, ana.token.clone().unwrap());
    assert_eq!(Inbox::open(&token, &[]).await.err(), Some(401));
    for header in ["Bearer x", "Basic YW5hOng=", "x"] {
        let opened = Inbox::open(&stack.ws, &[("authorization", header)]).await;
        assert_eq!(opened.err(), Some(401), "{header}");
    }
}

#[tokio::test]
async fn a_ticket_is_good_once() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let ticket = ana.ticket().await;
    assert_eq!(ticket["expires_in"], 30);
    let expected = format!("{}?ticket={}", stack.ws, ticket["ticket"].as_str().unwrap());
    assert_eq!(url(&ticket), expected);

    let mut inbox = Inbox::open(url(&ticket), &[]).await.unwrap();
    assert_eq!(Inbox::open(url(&ticket), &[]).await.err(), Some(401));
    assert_eq!(inbox.ack("hello", json!({})).await["user"]["id"], ana.id);

    // Two at once, and one gets in.
    let ticket = ana.ticket().await;
    let (left, right) =
        tokio::join!(Inbox::open(url(&ticket), &[]), Inbox::open(url(&ticket), &[]));
    let refused: Vec<_> = [left.err(), right.err()].into_iter().flatten().collect();
    assert_eq!(refused, [401]);
}

#[tokio::test]
async fn an_app_may_send_its_token_with_the_handshake() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let header = format!("Bearer {}", ana.token.clone().unwrap());
    let mut inbox = Inbox::open(&stack.ws, &[("authorization", &header)]).await.unwrap();
    assert_eq!(inbox.ack("hello", json!({})).await["user"]["id"], ana.id);
    // The same token again opens another socket.
    assert!(Inbox::open(&stack.ws, &[("authorization", &header)]).await.is_ok());
}

#[tokio::test]
async fn a_page_gets_in_from_an_allowed_origin_or_from_the_one_of_its_ticket() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let ticket = async |origin: Option<&str>| {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let post = reqwest::Method::POST;
        ana.request(post, "/v1/connections/tickets", None, &headers).await.created()
    };
    let own = stack.http.as_str();
    for (asked_from, opened_from, expected) in [
        (None, "https://localhost", None),
        (Some(own), own, None),
        (Some(own), "https://localhost", None),
        (Some(own), "https://evil.example", Some(403)),
        (None, "https://evil.example", Some(403)),
        (None, own, Some(403)),
        (Some(own), "null", Some(403)),
        (Some(own), "https://localhost.evil.example", Some(403)),
    ] {
        let ticket = ticket(asked_from).await;
        let opened = Inbox::open(url(&ticket), &[("origin", opened_from)]).await;
        assert_eq!(opened.err(), expected, "{asked_from:?} then {opened_from}");
        if expected.is_some() {
            // Tried from the wrong place, it is used up.
            let again = Inbox::open(url(&ticket), &[("origin", "https://localhost")]).await;
            assert_eq!(again.err(), Some(401));
        }
    }
    let header = format!("Bearer {}", ana.token.clone().unwrap());
    let headers = [("authorization", header.as_str()), ("origin", "https://evil.example")];
    assert_eq!(Inbox::open(&stack.ws, &headers).await.err(), Some(403));
}

#[tokio::test]
async fn the_protocol_is_agreed_on_if_it_is_offered() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let ticket = ana.ticket().await;
    let offered = [("sec-websocket-protocol", "chat.v9, banter.v1")];
    let (_, agreed) = handshake(url(&ticket), &offered).await.unwrap();
    assert_eq!(agreed.as_deref(), Some("banter.v1"));
    let ticket = ana.ticket().await;
    let (_, agreed) = handshake(url(&ticket), &[]).await.unwrap();
    assert_eq!(agreed, None);
}

#[tokio::test]
async fn hello_and_ping_tell_what_a_client_needs() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let ticket = ana.ticket().await;
    let mut inbox = Inbox::open(url(&ticket), &[]).await.unwrap();

    let hello = inbox.ack("hello", json!({ "rooms": { room.as_str(): 0 } })).await;
    assert!(hello["connection_id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!(hello["user"], ana.get("/v1/users/me").await.ok());
    assert_eq!(hello["ping_interval_ms"], 300_000);
    assert!(hello["expires_at"].as_str().unwrap().ends_with('Z'));
    let over_http = ana.sync(json!({ room.as_str(): 0 })).await;
    assert_eq!(hello["sync"], over_http);
    assert_eq!(inbox.ack("hello", json!({})).await.get("sync"), None);

    let head = ana.room(&room).await["seq"].clone();
    assert_eq!(inbox.ack("ping", json!({})).await, json!({ "heads": { room.as_str(): head } }));
    let sync = inbox.ack("sync", json!({ "rooms": { room.as_str(): 0 } })).await;
    assert_eq!(sync, over_http);
}

#[tokio::test]
async fn what_cannot_be_answered_well_is_answered_with_an_error() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[]).await;
    let mut inbox = ben.connect().await;

    let ping = |id: &str| json!({ "action": "ping", "id": id, "data": {} }).to_string();
    let (longest, too_long) = ("x".repeat(128), ping(&"x".repeat(129)));
    for (text, code, id) in [
        ("hello", "invalid_request", Value::Null),
        ("null", "invalid_request", Value::Null),
        ("[1]", "invalid_request", Value::Null),
        (r#"{"id":"a"}"#, "invalid_request", json!("a")),
        (r#"{"action":"ping","id":"b","data":{}} {}"#, "invalid_request", Value::Null),
        (r#"{"action":7,"id":"c"}"#, "invalid_request", json!("c")),
        (r#"{"action":"fly","id":"d","data":{}}"#, "unknown_action", json!("d")),
        (r#"{"action":"Ping","id":"e"}"#, "unknown_action", json!("e")),
        (r#"{"action":"$connect","id":"f"}"#, "unknown_action", json!("f")),
        (r#"{"action":"$disconnect","id":"g"}"#, "unknown_action", json!("g")),
        (r#"{"action":"ping","id":"h","more":1}"#, "unknown_field", json!("h")),
        (r#"{"action":"message.send","id":"i","data":{"txt":"x"}}"#, "unknown_field", json!("i")),
        (r#"{"action":"message.send","id":"j","data":{}}"#, "invalid_request", json!("j")),
        (r#"{"action":"message.send","id":"k"}"#, "invalid_request", json!("k")),
        (r#"{"action":"hello","id":"l","data":{"rooms":[]}}"#, "invalid_request", json!("l")),
        (&too_long, "invalid_request", Value::Null),
    ] {
        inbox.say(text).await;
        let frame = inbox.next_answer().await;
        let found = (frame["type"].as_str(), frame["error"]["code"].as_str());
        assert_eq!(found, (Some("error"), Some(code)), "{text}: {frame}");
        assert_eq!(frame["id"], id, "{text}");
        assert_eq!(frame["error"]["retryable"], false, "{text}");
    }
    inbox.say(&ping(&longest)).await;
    let frame = inbox.next_answer().await;
    assert_eq!((&frame["type"], &frame["id"]), (&json!("ack"), &json!(longest)));

    let nowhere = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
    for room in [room.as_str(), nowhere, "lobby"] {
        let with = |mut data: Value| {
            data["room_id"] = json!(room);
            data
        };
        for (action, data) in [
            ("message.send", with(json!({ "client_id": "c-1", "text": "hello" }))),
            ("message.edit", with(json!({ "seq": 2, "text": "hello" }))),
            ("message.delete", with(json!({ "seq": 2 }))),
            ("room.join", with(json!({}))),
            ("room.leave", with(json!({}))),
            ("room.read", with(json!({ "seq": 2 }))),
        ] {
            inbox.refused(action, data, "room_not_found").await;
        }
    }
    // After all that, the socket is open and the room as it was.
    assert_eq!(inbox.ack("ping", json!({})).await["heads"], json!({}));
    assert_eq!(ana.room(&room).await["seq"], 2);
}

#[tokio::test]
async fn everybody_in_a_room_is_told_but_not_the_connection_that_asked() {
    let stack = Stack::start().await;
    let [ana, ben, cai, dee] = stack.people(["ana", "ben", "cai", "dee"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let mut asking = ana.connect().await;
    let mut others =
        [ana.connect().await, ben.connect().await, ben.connect().await, cai.connect().await];
    let mut stranger = dee.connect().await;

    let data = json!({ "room_id": room, "client_id": "c-1", "text": "hello" });
    let ack = asking.ack("message.send", data).await;
    for inbox in &mut others {
        let event = inbox.expect_event("message.created").await;
        assert_eq!(event["data"], ack["message"]);
        assert_eq!(event["room_id"], room.as_str());
        assert_eq!(event["actor"], json!({ "id": ana.id, "name": "ana" }));
        inbox.expect_nothing_before_pong().await;
    }
    asking.expect_nothing_before_pong().await;
    stranger.expect_nothing_before_pong().await;

    // Over HTTP there is no connection to leave out.
    ana.send(&room, "c-2", "again").await.created();
    asking.expect_event("message.created").await;
}

#[tokio::test]
async fn who_is_let_in_and_who_is_taken_out_hears_of_it_at_once() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let mut bens = ben.connect().await;
    let mut cais = cai.connect().await;

    let room = ana.create_group("Lunch", &[&ben]).await;
    let added = bens.expect_event("room.added").await;
    assert_eq!(added["data"], ben.room(&room).await);
    assert_eq!(added.get("seq"), None);
    bens.expect_nothing_before_pong().await;

    let members = format!("/v1/rooms/{room}/members");
    ana.post(&members, json!({ "members": [cai.id] })).await.ok();
    let [joined, notice] = bens.expect_events(["member.joined", "message.created"]).await;
    assert_eq!(joined["data"]["user"]["id"], cai.id);
    assert_eq!(notice["data"]["system"]["code"], "member_added");
    let mut names: Vec<_> = Vec::new();
    for event in cais.events_before_pong().await {
        names.push(event["event"].as_str().unwrap().to_owned());
        if event["event"] == "room.added" {
            assert_eq!(event["data"], cai.room(&room).await);
        }
    }
    names.sort();
    assert_eq!(names, ["member.joined", "message.created", "room.added"]);

    ana.delete(&format!("{members}/{}", cai.id)).await.no_content();
    let removed = cais.expect_event("room.removed").await;
    assert_eq!((&removed["room_id"], removed.get("seq")), (&json!(room), None));
    let [left, _] = bens.expect_events(["member.left", "message.created"]).await;
    assert_eq!(left["data"]["user"]["id"], cai.id);

    ana.send(&room, "c-1", "between us").await.created();
    bens.expect_event("message.created").await;
    cais.expect_nothing_before_pong().await;

    ana.delete(&format!("/v1/rooms/{room}")).await.no_content();
    bens.expect_events(["room.deleted", "room.removed"]).await;
    cais.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn a_public_room_is_entered_read_and_left_over_the_socket() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let body = json!({ "type": "group", "name": "Open", "is_public": true });
    let room = ana.create_room(body).await.created()["id"].as_str().unwrap().to_owned();
    ana.send_all(&room, &["one", "two", "three"]).await;
    let mut inbox = ana.connect().await;
    let mut socket = ben.connect().await;

    let joined = socket.ack("room.join", json!({ "room_id": room, "last": 2 })).await;
    assert_eq!(joined["room"]["my"]["is_owner"], false);
    let messages = joined["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1]["system"]["code"], "member_joined");
    let [event, _] = inbox.expect_events(["member.joined", "message.created"]).await;
    assert_eq!(event["data"]["user"]["id"], ben.id);

    // Again it is only read.
    let again = socket.ack("room.join", json!({ "room_id": room })).await;
    assert_eq!(again["messages"].as_array().unwrap().len(), 5);
    let none = socket.ack("room.join", json!({ "room_id": room, "last": 0 })).await;
    assert_eq!(none["messages"], json!([]));
    let all = json!({ "room_id": room, "last": 200 });
    assert_eq!(socket.ack("room.join", all).await["messages"], again["messages"]);
    let past = json!({ "room_id": room, "last": 201 });
    socket.refused("room.join", past, "invalid_request").await;
    inbox.expect_nothing_before_pong().await;

    let left = socket.ack("room.leave", json!({ "room_id": room })).await;
    assert_eq!(left, json!({ "room_id": room }));
    inbox.expect_events(["member.left", "message.created"]).await;
}

#[tokio::test]
async fn nobody_enters_a_private_room_over_the_socket() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.private_room_with(&ben).await;
    cai.connect().await.refused("room.join", json!({ "room_id": room }), "room_not_found").await;
    let mut bens = ben.connect().await;
    bens.refused("room.leave", json!({ "room_id": room }), "room_type_forbids").await;
    assert_eq!(ana.room(&room).await["seq"], 2);
}

#[tokio::test]
async fn the_eleventh_connection_displaces_the_oldest() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ben.create_group("Lunch", &[&ana]).await;
    let mut inboxes = Vec::new();
    for _ in 0..10 {
        inboxes.push(ana.connect().await);
    }
    for inbox in &mut inboxes {
        inbox.expect_nothing_before_pong().await;
    }
    inboxes.push(ana.connect().await);
    inboxes.remove(0).expect_bye("replaced").await;

    ben.send(&room, "c-1", "hello").await.created();
    for inbox in &mut inboxes {
        inbox.expect_event("message.created").await;
    }
}

#[tokio::test]
async fn a_peer_that_is_gone_does_not_fail_the_sender() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut staying = ben.connect().await;
    // Dropped: the connection ends without a goodbye. Closed: with one.
    drop(ben.connect().await);
    ben.connect().await.close().await;
    for number in 0..3 {
        ana.send(&room, &format!("c-{number}"), "hello").await.created();
        staying.expect_event("message.created").await;
    }
    staying.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn who_reconnects_with_a_cursor_misses_nothing() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;
    ana.send(&room, "c-1", "one").await.created();
    let cursor = inbox.expect_event("message.created").await["seq"].clone();
    inbox.close().await;

    let missed = ana.send_all(&room, &["two", "three"]).await;
    let ticket = ben.ticket().await;
    let mut inbox = Inbox::open(url(&ticket), &[]).await.unwrap();
    let hello = inbox.ack("hello", json!({ "rooms": { room.as_str(): cursor } })).await;
    let told = hello["sync"]["rooms"][&room].clone();
    let seqs: Vec<_> = told["events"].as_array().unwrap().iter().map(|one| &one["seq"]).collect();
    assert_eq!(json!(seqs), json!(missed));
    assert_eq!((&told["upto"], &told["head"]), (&json!(missed[1]), &json!(missed[1])));
    ana.send(&room, "c-4", "four").await.created();
    assert_eq!(inbox.expect_event("message.created").await["seq"], missed[1] + 1);
}
