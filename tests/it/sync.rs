//! Catching up: every change after a cursor, each number exactly once.

use serde_json::{Value, json};
use tests::{RoomLog, Stack};

fn names(log: &RoomLog) -> Vec<&str> {
    log.events.iter().map(|event| event["event"].as_str().expect("an event has a name")).collect()
}

#[tokio::test]
async fn from_zero_everything_that_happened_is_told_in_order() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let path = format!("/v1/rooms/{room}");
    let sent = ana.send(&room, "c-1", "helo").await.created();
    let message = format!("{path}/messages/{}", sent["seq"]);
    ana.patch(&message, json!({ "text": "hello" })).await.ok();
    ana.post(&format!("{path}/members"), json!({ "members": [cai.id] })).await.ok();
    let quiet = json!({ "permissions": { "can_create_messages": false } });
    ana.patch(&format!("{path}/members/{}", cai.id), quiet).await.ok();
    ana.patch(&path, json!({ "name": "Dinner" })).await.ok();
    ana.delete(&message).await.no_content();
    cai.post(&format!("{path}/leave"), json!({})).await.no_content();

    let log = RoomLog::read(&ben, &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
    let expected = [
        "room.created",
        "message.created",
        "message.created",
        "message.updated",
        "member.joined",
        "message.created",
        "member.updated",
        "room.updated",
        "message.created",
        "message.deleted",
        "member.left",
        "message.created",
    ];
    assert_eq!(names(&log), expected);
    for event in &log.events {
        assert_eq!(event["type"], "event");
        assert_eq!(event["room_id"], room.as_str());
        assert!(event["at"].as_str().unwrap().ends_with('Z'));
    }
    // Messages and rooms are told as they are now, not as they were.
    let tombstone = ben.get(&message).await.ok();
    for index in [2, 3, 9] {
        assert_eq!(log.events[index]["data"], tombstone, "{index}");
    }
    assert_eq!(log.events[7]["data"]["name"], "Dinner");
}

#[tokio::test]
async fn from_a_cursor_only_the_rest_is_told() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let seqs = ana.send_all(&room, &["one", "two", "three"]).await;
    let whole = RoomLog::read(&ana, &room).await;

    for cursor in 0..=seqs[2] {
        let log = RoomLog::read_after(&ana, &room, cursor).await;
        let skipped = usize::try_from(cursor).unwrap();
        assert_eq!(log.events, whole.events[skipped..], "{cursor}");
        assert_eq!(log.flaws(cursor), Vec::<String>::new());
    }
    // A cursor that this room never gave proves nothing.
    for cursor in [seqs[2] + 1, u64::MAX] {
        let sync = ana.sync(json!({ room.as_str(): cursor })).await;
        let answer = &sync["rooms"][&room];
        assert_eq!((&answer["reset"], &answer["events"]), (&json!(true), &json!([])), "{cursor}");
        assert_eq!(answer["head"], seqs[2]);
        assert!(answer["upto"].as_u64() <= Some(seqs[2]));
    }
}

#[tokio::test]
async fn rooms_that_one_did_not_name_are_added_and_those_one_left_are_removed() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let known = ana.create_group("Known", &[&ben]).await;
    let new = ana.create_group("New", &[&ben]).await;
    let left = ana.create_group("Left", &[&ben]).await;
    let deleted = ana.create_group("Deleted", &[&ben]).await;
    let strange = ana.create_group("Strange", &[]).await;
    ben.post(&format!("/v1/rooms/{left}/leave"), json!({})).await.no_content();
    ana.delete(&format!("/v1/rooms/{deleted}")).await.no_content();

    let cursors = json!({
        known.as_str(): 0, left.as_str(): 1, deleted.as_str(): 1, strange.as_str(): 0, "lobby": 3,
    });
    let sync = ben.sync(cursors).await;
    let rooms: Vec<_> = sync["rooms"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(rooms, std::slice::from_ref(&known));
    assert_eq!(sync["added"], json!([ben.room(&new).await]));
    let mut removed: Vec<_> =
        sync["removed"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    removed.sort_unstable();
    let mut expected = [left.as_str(), &deleted, &strange, "lobby"];
    expected.sort_unstable();
    assert_eq!(removed, expected);

    let nothing = ben.sync(json!({})).await;
    assert_eq!(nothing["added"].as_array().unwrap().len(), 2);
    assert_eq!((&nothing["rooms"], &nothing["removed"]), (&json!({}), &json!([])));
}

#[tokio::test]
async fn two_hundred_rooms_are_asked_for_at_once_and_no_more() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let cursors = |count: usize| -> Value {
        let ids = (0..count).map(|last| format!("0199e3a0-7c1f-7d6e-9a51-{last:012}"));
        ids.map(|id| (id, json!(0))).collect::<serde_json::Map<_, _>>().into()
    };
    let sync = ana.sync(cursors(200)).await;
    assert_eq!(sync["removed"].as_array().unwrap().len(), 200);
    let many = json!({ "rooms": cursors(201) });
    ana.post("/v1/sync", many).await.refused_at(400, "invalid_request", "/rooms");
    let mut inbox = ana.connect().await;
    inbox.refused("sync", json!({ "rooms": cursors(201) }), "invalid_request").await;

    for (body, code, pointer) in [
        (json!({ "rooms": { "x": -1 } }), "invalid_request", "/rooms/x"),
        (json!({ "rooms": { "x": "1" } }), "invalid_request", "/rooms/x"),
        (json!({ "room": {} }), "unknown_field", "/room"),
    ] {
        ana.post("/v1/sync", body).await.refused_at(400, code, pointer);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_into_a_frame_comes_in_parts() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let long = "x".repeat(4_000);
    ana.send_all(&room, &[long.as_str(); 12]).await;
    let whole = RoomLog::read(&ana, &room).await;

    let mut inbox = ana.connect().await;
    let (mut cursor, mut told, mut parts) = (0, Vec::new(), 0);
    while cursor < whole.head {
        let mut sync = inbox.ack("sync", json!({ "rooms": { room.as_str(): cursor } })).await;
        let answer = &mut sync["rooms"][&room];
        assert_eq!(answer["head"], whole.head);
        let upto = answer["upto"].as_u64().unwrap();
        assert!(upto > cursor, "no progress after {cursor}");
        cursor = upto;
        told.append(answer["events"].as_array_mut().unwrap());
        parts += 1;
    }
    assert!(parts > 1, "it came in one frame");
    assert_eq!(told, whole.events);
}
