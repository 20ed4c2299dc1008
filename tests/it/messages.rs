//! Messages: sending once, history, editing and deleting.

use serde_json::{Value, json};
use tests::Stack;

fn numbers(page: &Value) -> Vec<u64> {
    let messages = page["data"].as_array().expect("a page has data");
    messages.iter().map(|one| one["seq"].as_u64().expect("a message has a number")).collect()
}

fn path(room: &str, seq: &Value) -> String {
    format!("/v1/rooms/{room}/messages/{seq}")
}

#[tokio::test]
async fn both_ways_of_sending_give_the_same_message() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut socket = ana.connect().await;
    let mut inbox = ben.connect().await;

    let reply = ana.send(&room, "c-1", "over http").await;
    let location = reply.header("location").to_owned();
    let over_http = reply.created();
    let data = json!({ "room_id": room, "client_id": "c-2", "text": "over socket" });
    let mut ack = socket.ack("message.send", data).await;
    assert_eq!(ack["duplicate"], false);
    let over_socket = ack["message"].take();

    assert_eq!(location, path(&room, &over_http["seq"]));
    for (message, client_id, text) in
        [(&over_http, "c-1", "over http"), (&over_socket, "c-2", "over socket")]
    {
        assert_eq!(&ben.get(&path(&room, &message["seq"])).await.ok(), message);
        let event = inbox.expect_event("message.created").await;
        assert_eq!((&event["data"], &event["seq"]), (message, &message["seq"]));
        for (field, expected) in [
            ("room_id", json!(room)),
            ("client_id", json!(client_id)),
            ("type", json!("regular")),
            ("user", json!({ "id": ana.id, "name": "ana" })),
            ("text", json!(text)),
            ("media", json!([])),
            ("reactions", json!([])),
            ("edited_at", Value::Null),
            ("version", json!(1)),
        ] {
            assert_eq!(message[field], expected, "{field}");
        }
    }
    let fields = |message: &Value| {
        message.as_object().unwrap().keys().map(String::clone).collect::<Vec<_>>()
    };
    assert_eq!(fields(&over_http), fields(&over_socket));
    inbox.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn a_retried_send_is_stored_once() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut socket = ana.connect().await;

    let first = ana.send(&room, "c-1", "hello").await.created();
    assert_eq!(first.get("duplicate"), None);
    let head = ana.room(&room).await["seq"].clone();
    let mut again = ana.send(&room, "c-1", "hello").await.ok();
    assert_eq!(again.as_object_mut().unwrap().remove("duplicate"), Some(json!(true)));
    assert_eq!(again, first);
    let data = json!({ "room_id": room, "client_id": "c-1", "text": "hello" });
    let ack = socket.ack("message.send", data).await;
    assert_eq!(ack, json!({ "message": first, "duplicate": true }));

    let room_now = ana.room(&room).await;
    assert_eq!((&room_now["seq"], &room_now["message_count"]), (&head, &json!(1)));
    // The name is the sender's own.
    let bens = ben.send(&room, "c-1", "hello").await.created();
    assert_ne!(bens["seq"], first["seq"]);
}

#[tokio::test]
async fn one_client_id_does_not_name_two_messages() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let other = ana.create_group("Dinner", &[]).await;
    let first = ana.send(&room, "c-1", "hello").await.created();

    ana.send(&room, "c-1", "goodbye").await.refused(409, "client_id_conflict");
    ana.send(&other, "c-1", "hello").await.refused(409, "client_id_conflict");
    let reply = json!({ "client_id": "c-1", "text": "hello", "reply_to_seq": first["seq"] });
    let reply = ana.post(&format!("/v1/rooms/{room}/messages"), reply).await;
    reply.refused(409, "client_id_conflict");
    assert_eq!(ana.room(&room).await["message_count"], 1);
    assert_eq!(ana.room(&other).await["message_count"], 0);
}

#[tokio::test]
async fn texts_and_names_at_and_past_their_limits() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let wide = "😀".repeat(4_000);
    for (client_id, text) in
        [("one", "x"), ("most", &"é".repeat(4_000)), ("wide", &wide), (&"c".repeat(64), " x ")]
    {
        let sent = ana.send(&room, client_id, text).await.created();
        assert_eq!(sent["text"], text);
    }
    let before = ana.room(&room).await;

    ana.send(&room, "c", &"é".repeat(4_001)).await.refused(400, "message_too_large");
    for text in ["", "  \n "] {
        ana.send(&room, "c", text).await.refused_at(400, "invalid_request", "/text");
    }
    for client_id in ["", "a b", "a#b", "é", &"c".repeat(65)] {
        let sent = ana.send(&room, client_id, "x").await;
        sent.refused_at(400, "invalid_request", "/client_id");
    }
    let messages = format!("/v1/rooms/{room}/messages");
    let without = json!({ "client_id": "c" });
    ana.post(&messages, without).await.refused_at(400, "invalid_request", "/text");
    let media = json!({ "client_id": "c", "media": [{ "media_id": "x" }] });
    ana.post(&messages, media).await.refused(404, "media_not_found");
    let nothing = json!({ "client_id": "c", "text": "x", "reply_to_seq": 0 });
    ana.post(&messages, nothing).await.refused(404, "message_not_found");
    assert_eq!(ana.room(&room).await, before);
}

#[tokio::test]
async fn a_long_text_comes_over_the_socket_too() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut socket = ana.connect().await;
    let mut inbox = ben.connect().await;
    let text = "😀".repeat(4_000);
    let data = json!({ "room_id": room, "client_id": "c-1", "text": text });
    let ack = socket.ack("message.send", data).await;
    assert_eq!(ack["message"]["text"], text);
    assert_eq!(inbox.expect_event("message.created").await["data"]["text"], text);
    let past = json!({ "room_id": room, "client_id": "c-2", "text": "x".repeat(4_001) });
    socket.refused("message.send", past, "message_too_large").await;
}

#[tokio::test]
async fn a_message_answers_another() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let first = ana.send(&room, "c-1", "where?").await.created();
    let body = json!({ "client_id": "c-2", "text": "here", "reply_to_seq": first["seq"] });
    let answer = ana.post(&format!("/v1/rooms/{room}/messages"), body).await.created();
    assert_eq!(answer["reply_to_seq"], first["seq"]);
    assert_eq!(ana.get(&path(&room, &answer["seq"])).await.ok(), answer);
}

#[tokio::test]
async fn history_is_read_from_any_place() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let sent = ana.send_all(&room, &["a", "b", "c", "d", "e"]).await;
    // The room's first message tells that it was made.
    let all: Vec<u64> = std::iter::once(2).chain(sent).collect();
    assert_eq!(all, [2, 3, 4, 5, 6, 7]);
    // A number that is no message: an edit.
    ana.patch(&path(&room, &json!(7)), json!({ "text": "E" })).await.ok();

    for (query, expected, found_oldest, found_newest) in [
        ("", &all[..], true, true),
        ("?limit=2", &all[4..], false, true),
        // A page that is just full does not know yet that it is the last one; the next does.
        ("?limit=6", &all[..], false, true),
        ("?before_seq=5&limit=2", &all[1..3], false, false),
        ("?before_seq=4&limit=2", &all[..2], false, false),
        ("?before_seq=2", &[], true, false),
        ("?before_seq=1000", &all[..], true, false),
        ("?after_seq=5", &all[4..], false, true),
        ("?after_seq=3&limit=2", &all[2..4], false, false),
        ("?after_seq=0&limit=3", &all[..3], true, false),
        ("?after_seq=0", &all[..], true, true),
        ("?after_seq=1000", &[], false, true),
        ("?around_seq=5&limit=4", &all[2..], false, false),
        ("?around_seq=4&limit=3", &all[1..4], false, false),
        ("?around_seq=4&limit=1", &all[2..3], false, false),
        ("?around_seq=5", &all[..], true, true),
    ] {
        let page = ana.messages(&room, query).await.ok();
        assert_eq!(numbers(&page), expected, "{query}");
        let found = (&page["found_oldest"], &page["found_newest"]);
        assert_eq!(found, (&json!(found_oldest), &json!(found_newest)), "{query}");
    }
    for (query, code) in [
        ("?before_seq=3&after_seq=1", "invalid_request"),
        ("?before_seq=-1", "invalid_request"),
        ("?before_seq=x", "invalid_request"),
        ("?limit=0", "invalid_request"),
        ("?limit=201", "invalid_request"),
        ("?until=3", "unknown_field"),
    ] {
        ana.messages(&room, query).await.refused(400, code);
    }
}

#[tokio::test]
async fn long_history_comes_in_pages_that_join_without_a_gap() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let texts: Vec<_> = (0..12).map(|number| number.to_string()).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let mut expected = vec![2];
    expected.extend(ana.send_all(&room, &texts).await);

    let mut backwards = Vec::new();
    let mut query = "?limit=5".to_owned();
    loop {
        let page = ana.messages(&room, &query).await.ok();
        let mut found = numbers(&page);
        assert!(found.len() <= 5);
        let oldest = found.first().copied();
        found.append(&mut backwards);
        backwards = found;
        match oldest {
            Some(oldest) if page["found_oldest"] == false => {
                query = format!("?limit=5&before_seq={oldest}");
            }
            _ => break,
        }
    }
    assert_eq!(backwards, expected);
}

#[tokio::test]
async fn what_is_no_message_is_not_found() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    // The first number is an event, the second the room's own message.
    for seq in ["1", "3", "0", "-1", "01", "+2", "two", "18446744073709551616"] {
        let path = format!("/v1/rooms/{room}/messages/{seq}");
        ana.get(&path).await.refused(404, "message_not_found");
        ana.patch(&path, json!({ "text": "x" })).await.refused(404, "message_not_found");
        ana.delete(&path).await.refused(404, "message_not_found");
    }
    let notice = path(&room, &json!(2));
    let told = ana.get(&notice).await.ok();
    assert_eq!((&told["type"], &told["user"]), (&json!("system"), &Value::Null));
    assert_eq!(told["system"]["code"], "room_created");
    ana.patch(&notice, json!({ "text": "x" })).await.refused(404, "message_not_found");
    ana.delete(&notice).await.refused(404, "message_not_found");
    assert_eq!(ana.get(&notice).await.ok(), told);
}

#[tokio::test]
async fn a_message_is_edited_by_its_author_or_by_those_who_may() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let sent = ben.send(&room, "c-1", "helo").await.created();
    let path = path(&room, &sent["seq"]);
    let mut inbox = cai.connect().await;

    let edited = ben.patch(&path, json!({ "text": "hello" })).await.ok();
    assert_eq!((&edited["text"], &edited["version"]), (&json!("hello"), &json!(2)));
    assert!(edited["edited_at"].is_string());
    for field in ["seq", "client_id", "user", "created_at", "type"] {
        assert_eq!(edited[field], sent[field], "{field}");
    }
    let event = inbox.expect_event("message.updated").await;
    assert_eq!(event["data"], edited);
    assert!(event["seq"].as_u64() > sent["seq"].as_u64());
    assert_eq!(ana.room(&room).await["last_message"]["text"], "hello");

    // The same text again is no change.
    assert_eq!(ben.patch(&path, json!({ "text": "hello" })).await.ok(), edited);
    inbox.expect_nothing_before_pong().await;

    cai.patch(&path, json!({ "text": "mine" })).await.refused(403, "forbidden");
    let long = json!({ "text": "x".repeat(4_001) });
    ben.patch(&path, long).await.refused(400, "message_too_large");
    ben.patch(&path, json!({ "text": " " })).await.refused_at(400, "invalid_request", "/text");
    let by_owner = ana.patch(&path, json!({ "text": "hello!" })).await.ok();
    assert_eq!((&by_owner["user"]["id"], &by_owner["version"]), (&json!(ben.id), &json!(3)));

    let mine = json!({ "permissions": { "can_edit_own_messages": false } });
    ana.patch(&format!("/v1/rooms/{room}/members/{}", ben.id), mine).await.ok();
    ben.patch(&path, json!({ "text": "again" })).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let sent = ben.send(&room, "c-1", "secret").await.created();
    let path = path(&room, &sent["seq"]);
    let mut inbox = cai.connect().await;

    cai.delete(&path).await.refused(403, "forbidden");
    ben.delete(&path).await.no_content();
    let event = inbox.expect_event("message.deleted").await;
    let tombstone = ana.get(&path).await.ok();
    assert_eq!(event["data"], tombstone);
    for (field, expected) in [
        ("type", json!("deleted")),
        ("text", Value::Null),
        ("media", json!([])),
        ("seq", sent["seq"].clone()),
        ("user", sent["user"].clone()),
    ] {
        assert_eq!(tombstone[field], expected, "{field}");
    }
    // Once more, nothing happens; and what is gone is not changed.
    ben.delete(&path).await.no_content();
    ben.patch(&path, json!({ "text": "back" })).await.refused(404, "message_not_found");
    inbox.expect_nothing_before_pong().await;

    // Nowhere is the text left: not in history, not in the log, not in the list of rooms.
    let history = ana.messages(&room, "").await.ok();
    let sync = ana.sync(json!({ room.as_str(): 0 })).await;
    let rooms = ana.get("/v1/rooms").await.ok();
    for place in [&history, &sync, &rooms] {
        assert!(!place.to_string().contains("secret"), "{place}");
    }
    assert_eq!(rooms["data"][0]["last_message"]["type"], "deleted");

    let other = cai.send(&room, "c-1", "mine").await.created();
    ana.delete(&format!("/v1/rooms/{room}/messages/{}", other["seq"])).await.no_content();
}

#[tokio::test]
async fn editing_and_deleting_work_over_the_socket() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let sent = ana.send(&room, "c-1", "helo").await.created();
    let mut socket = ana.connect().await;
    let mut inbox = ben.connect().await;

    let data = json!({ "room_id": room, "seq": sent["seq"], "text": "hello" });
    let edited = socket.ack("message.edit", data).await;
    assert_eq!(edited["message"]["text"], "hello");
    assert_eq!(inbox.expect_event("message.updated").await["data"], edited["message"]);
    let data = json!({ "room_id": room, "seq": sent["seq"] });
    let deleted = socket.ack("message.delete", data.clone()).await;
    assert_eq!(deleted["message"]["type"], "deleted");
    assert_eq!(inbox.expect_event("message.deleted").await["data"], deleted["message"]);
    socket.expect_nothing_before_pong().await;

    let mut inbox_of_ben = inbox;
    inbox_of_ben.refused("message.delete", data, "forbidden").await;
}
