//! Rooms: making, listing, changing, joining, leaving and deleting them.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Person, Stack};

const NOWHERE: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";

fn granted(my: &Value) -> Vec<&str> {
    let flags = my["permissions"].as_object().expect("permissions are an object");
    assert_eq!(flags.len(), 9, "all nine are told: {flags:?}");
    let granted = flags.iter().filter(|(_, flag)| **flag == json!(true));
    granted.map(|(name, _)| name.as_str()).collect()
}

fn ids(page: &Value) -> Vec<String> {
    let rooms = page["data"].as_array().expect("a page has data");
    rooms.iter().map(|room| room["id"].as_str().expect("a room has an id").to_owned()).collect()
}

async fn listed(person: &Person) -> Vec<String> {
    ids(&person.get("/v1/rooms").await.ok())
}

#[tokio::test]
async fn a_group_lets_everybody_write_and_add() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let body = json!({
        "type": "group", "name": " Lunch ", "description": "Where?", "members": [ben.id],
    });
    let reply = ana.create_room(body).await;
    let location = reply.header("location").to_owned();
    let room = reply.created();

    assert_eq!(location, format!("/v1/rooms/{}", room["id"].as_str().unwrap()));
    assert_eq!(ana.get(&location).await.ok(), room);
    for (field, expected) in [
        ("type", json!("group")),
        ("name", json!("Lunch")),
        ("description", json!("Where?")),
        ("avatar_media_id", Value::Null),
        ("is_public", json!(false)),
        ("staff_only", json!(false)),
        ("member_count", json!(2)),
        ("message_count", json!(0)),
        ("last_message", Value::Null),
        ("created_by", json!(ana.id)),
        ("version", json!(1)),
    ] {
        assert_eq!(room[field], expected, "{field}");
    }
    assert_eq!(room["my"]["is_owner"], true);
    assert_eq!(granted(&room["my"]).len(), 9);

    let seen = ben.get(&location).await.ok();
    assert_eq!(seen["my"]["is_owner"], false);
    assert_eq!(seen["my"]["unread_count"], 0);
    let expected = [
        "can_add_users",
        "can_create_messages",
        "can_delete_own_messages",
        "can_edit_own_messages",
    ];
    assert_eq!(granted(&seen["my"]), expected);
}

#[tokio::test]
async fn in_a_channel_only_those_granted_write() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let body = json!({ "type": "channel", "name": "News", "members": [ben.id] });
    let room = ana.create_room(body).await.created()["id"].as_str().unwrap().to_owned();

    assert_eq!(granted(&ben.room(&room).await["my"]), ["can_add_users"]);
    ana.send(&room, "c-1", "news").await.created();
    ben.send(&room, "c-1", "me too").await.refused(403, "forbidden");
    assert_eq!(ben.messages(&room, "?after_seq=2").await.ok()["data"][0]["text"], "news");
}

#[tokio::test]
async fn two_people_have_one_room_of_private_messages_whoever_asks() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let open = async |by: &Person, other: &Person| {
        by.create_room(json!({ "type": "private_messages", "members": [other.id] })).await
    };

    let room = open(&ana, &ben).await.created();
    assert_eq!(room["member_count"], 2);
    assert_eq!(room["name"], Value::Null);
    assert_eq!(room["my"]["is_owner"], false);
    let mine = [
        "can_create_messages",
        "can_delete_own_messages",
        "can_delete_room",
        "can_edit_own_messages",
    ];
    assert_eq!(granted(&room["my"]), mine);
    assert_eq!(open(&ana, &ben).await.ok()["id"], room["id"]);
    let others = open(&ben, &ana).await.ok();
    assert_eq!(others["id"], room["id"]);
    assert_eq!(granted(&others["my"]), mine);

    // Both at once, and still one.
    let [cai, dee] = stack.people(["cai", "dee"]).await;
    let both = [open(&cai, &dee), open(&dee, &cai), open(&cai, &dee), open(&dee, &cai)];
    let both = futures_util::future::join_all(both).await;
    assert_eq!(both.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(both.iter().all(|reply| reply.body["id"] == both[0].body["id"]), "{both:?}");

    // Either may delete it; the next one is another.
    let path = format!("/v1/rooms/{}", room["id"].as_str().unwrap());
    ben.delete(&path).await.no_content();
    ana.get(&path).await.refused(404, "room_not_found");
    assert_ne!(open(&ana, &ben).await.created()["id"], room["id"]);
}

#[tokio::test]
async fn private_messages_are_for_exactly_one_other() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let with = |members: Value| json!({ "type": "private_messages", "members": members });
    for members in [json!([]), json!([ana.id]), json!([ben.id, cai.id])] {
        let reply = ana.create_room(with(members)).await;
        reply.refused_at(400, "invalid_request", "/members");
    }
    ana.create_room(with(json!([NOWHERE]))).await.refused(404, "user_not_found");
    for (field, value) in
        [("name", json!("us")), ("is_public", json!(true)), ("staff_only", json!(true))]
    {
        let mut body = with(json!([ben.id]));
        body[field] = value;
        ana.create_room(body).await.refused(403, "room_type_forbids");
    }
    assert_eq!(listed(&ana).await, Vec::<String>::new());
    // Oneself and the other are exactly one other; so is the other twice.
    let room = ana.create_room(with(json!([ana.id, ben.id, ben.id]))).await.created();
    assert_eq!(room["member_count"], 2);
}

#[tokio::test]
async fn nobody_is_added_to_private_messages_and_nobody_leaves_them() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.private_room_with(&ben).await;
    let path = format!("/v1/rooms/{room}");

    let add = ana.post(&format!("{path}/members"), json!({ "members": [cai.id] })).await;
    add.refused(403, "room_type_forbids");
    let ben_path = format!("{path}/members/{}", ben.id);
    ana.delete(&ben_path).await.refused(403, "room_type_forbids");
    ana.patch(&ben_path, json!({ "is_owner": true })).await.refused(403, "room_type_forbids");
    ana.patch(&path, json!({ "description": "x" })).await.refused(403, "room_type_forbids");
    let leave = ben.post(&format!("{path}/leave"), json!({})).await;
    leave.refused(403, "room_type_forbids");
    cai.get(&path).await.refused(404, "room_not_found");
    assert_eq!(ana.room(&room).await["seq"], 2);
}

#[tokio::test]
async fn rooms_are_listed_by_last_activity_with_what_is_unread() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let first = ana.create_group("First", &[&ben]).await;
    let second = ana.create_group("Second", &[&ben]).await;
    let third = ben.private_room_with(&ana).await;
    assert_eq!(listed(&ana).await, [third.clone(), second.clone(), first.clone()]);

    ben.send_all(&first, &["one", "two"]).await;
    let page = ana.get("/v1/rooms").await.ok();
    assert_eq!(ids(&page), [first.clone(), third.clone(), second.clone()]);
    let room = &page["data"][0];
    assert_eq!(room["my"]["unread_count"], 2);
    assert_eq!(room["last_message"]["text"], "two");
    assert_eq!(room["last_message"]["user"]["id"], ben.id);
    assert_eq!(page["data"][1]["my"]["unread_count"], 0);
    assert_eq!(ben.room(&first).await["my"]["unread_count"], 0);

    // A room list shows the beginning of a message only.
    ben.send_all(&second, &["é".repeat(141).as_str()]).await;
    let page = ana.get("/v1/rooms?limit=1").await.ok();
    assert_eq!(page["data"][0]["last_message"]["text"], "é".repeat(140));
}

#[tokio::test]
async fn a_list_comes_in_pages_that_join_without_a_gap() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(ana.create_group(&format!("Room {number}"), &[]).await);
    }
    made.reverse();

    let mut found = Vec::new();
    let mut query = "/v1/rooms?limit=2".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = ana.get(&query).await.ok();
        sizes.push(page["data"].as_array().unwrap().len());
        found.extend(ids(&page));
        let Some(next) = page["page"]["next"].as_str() else { break };
        query = format!("/v1/rooms?limit=2&cursor={next}");
    }
    assert_eq!(sizes, [2, 2, 1]);
    assert_eq!(found, made);

    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=x", "/cursor"),
    ] {
        let reply = ana.get(&format!("/v1/rooms?{query}")).await;
        reply.refused_at(400, "invalid_request", pointer);
    }
    assert_eq!(ids(&ana.get("/v1/rooms?limit=200").await.ok()).len(), 5);
    ana.get("/v1/rooms?lmit=2").await.refused_at(400, "unknown_field", "/lmit");
}

#[tokio::test]
async fn details_change_for_all_and_a_stale_change_is_refused() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let path = format!("/v1/rooms/{room}");

    let change = json!({ "name": "Dinner", "description": "At eight" });
    let changed = ana.patch(&path, change.clone()).await.ok();
    assert_eq!((&changed["name"], &changed["version"]), (&json!("Dinner"), &json!(2)));
    assert_eq!(ben.room(&room).await["description"], "At eight");
    // The same again changes nothing.
    assert_eq!(ana.patch(&path, change).await.ok()["version"], 2);
    assert_eq!(ana.room(&room).await["seq"], changed["seq"]);

    let if_match = async |version: &str, name: &str| {
        let body = json!({ "name": name }).to_string();
        ana.request(Method::PATCH, &path, Some(body), &[("if-match", version)]).await
    };
    if_match("1", "Stale").await.refused(409, "version_mismatch");
    if_match("\"1\"", "Stale").await.refused(409, "version_mismatch");
    if_match("soon", "Stale").await.refused(400, "invalid_request");
    assert_eq!(if_match("\"2\"", "Fresh").await.ok()["version"], 3);
    assert_eq!(if_match("*", "Any").await.ok()["name"], "Any");

    let emptied = ana.patch(&path, json!({ "name": null, "description": null })).await.ok();
    assert_eq!((&emptied["name"], &emptied["description"]), (&Value::Null, &Value::Null));
    ben.patch(&path, json!({ "name": "Mine" })).await.refused(403, "forbidden");
    assert_eq!(ana.room(&room).await["name"], Value::Null);
}

#[tokio::test]
async fn names_and_descriptions_at_and_past_their_limits() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let body = |name: &str, description: &str| json!({ "type": "group", "name": name, "description": description });

    let good = body(&"é".repeat(100), &"é".repeat(1_000));
    let room = ana.create_room(good).await.created();
    let path = format!("/v1/rooms/{}", room["id"].as_str().unwrap());
    for (bad, pointer) in [
        (body(&"é".repeat(101), ""), "/name"),
        (body("", ""), "/name"),
        (body("a\u{7}b", ""), "/name"),
        (body("Lunch", &"é".repeat(1_001)), "/description"),
    ] {
        ana.create_room(bad.clone()).await.refused_at(400, "invalid_request", pointer);
        let mut change = bad;
        change.as_object_mut().unwrap().remove("type");
        ana.patch(&path, change).await.refused_at(400, "invalid_request", pointer);
    }
    assert_eq!(ana.get(&path).await.ok(), room);
    assert_eq!(listed(&ana).await.len(), 1);
}

#[tokio::test]
async fn a_room_names_at_most_a_hundred_members_at_once() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let nobody = |last: usize| json!(format!("0199e3a0-7c1f-7d6e-9a51-{last:012}"));
    let body =
        |count| json!({ "type": "group", "members": (0..count).map(nobody).collect::<Vec<_>>() });
    // At the limit it is looked for them.
    ana.create_room(body(100)).await.refused(404, "user_not_found");
    ana.create_room(body(101)).await.refused_at(400, "invalid_request", "/members");
    assert_eq!(listed(&ana).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_picture_that_does_not_exist_is_no_picture() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let room = ana.create_group("Lunch", &[]).await;
    let path = format!("/v1/rooms/{room}");
    for id in [NOWHERE, "picture.png", ""] {
        let body = json!({ "type": "group", "avatar_media_id": id });
        ana.create_room(body).await.refused(404, "media_not_found");
        let change = json!({ "avatar_media_id": id });
        ana.patch(&path, change).await.refused(404, "media_not_found");
    }
    assert_eq!(ana.room(&room).await["version"], 1);
}

#[tokio::test]
async fn a_room_for_staff_is_made_by_staff() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let body = json!({ "type": "group", "name": "Staff", "staff_only": true });
    ana.create_room(body).await.refused(403, "staff_only");
    let room = ana.create_group("Lunch", &[]).await;
    let change = json!({ "staff_only": true });
    ana.patch(&format!("/v1/rooms/{room}"), change).await.refused(403, "staff_only");
}

#[tokio::test]
async fn a_deleted_room_is_gone_for_everybody() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let kept = ana.create_group("Dinner", &[&ben]).await;
    let path = format!("/v1/rooms/{room}");
    ben.send(&room, "c-1", "hello").await.created();

    cai.delete(&path).await.refused(404, "room_not_found");
    ben.delete(&path).await.refused(403, "forbidden");
    ana.delete(&path).await.no_content();

    for person in [&ana, &ben, &cai] {
        person.get(&path).await.refused(404, "room_not_found");
        person.messages(&room, "").await.refused(404, "room_not_found");
        person.get(&format!("{path}/members")).await.refused(404, "room_not_found");
        person.send(&room, "c-2", "anybody?").await.refused(404, "room_not_found");
        person.delete(&path).await.refused(404, "room_not_found");
    }
    for person in [&ana, &ben] {
        assert_eq!(listed(person).await, std::slice::from_ref(&kept));
        let sync = person.sync(json!({ room.as_str(): 0 })).await;
        assert_eq!(sync["removed"], json!([room]));
    }
}

#[tokio::test]
async fn anybody_joins_a_public_room_and_leaves_it() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let body = json!({ "type": "group", "name": "Open", "is_public": true });
    let room = ana.create_room(body).await.created()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/rooms/{room}");

    // Seen from outside: the room, and nothing that is said there.
    assert_eq!(ben.room(&room).await["my"], Value::Null);
    ben.messages(&room, "").await.refused(403, "room_access_denied");
    ben.get(&format!("{path}/members")).await.refused(403, "room_access_denied");
    ben.send(&room, "c-1", "hello").await.refused(403, "room_access_denied");
    let leave = ben.post(&format!("{path}/leave"), json!({})).await;
    leave.refused(403, "room_access_denied");

    let joined = ben.post(&format!("{path}/join"), json!({})).await.ok();
    assert_eq!((&joined["member_count"], &joined["my"]["is_owner"]), (&json!(2), &json!(false)));
    let again = ben.post(&format!("{path}/join"), json!({})).await.ok();
    assert_eq!(again["seq"], joined["seq"]);
    ben.send(&room, "c-1", "hello").await.created();
    assert_eq!(listed(&ben).await, std::slice::from_ref(&room));

    ben.post(&format!("{path}/leave"), json!({})).await.no_content();
    assert_eq!(ana.room(&room).await["member_count"], 1);
    ben.send(&room, "c-2", "still here").await.refused(403, "room_access_denied");
    assert_eq!(listed(&ben).await, Vec::<String>::new());

    let codes: Vec<_> = ana.messages(&room, "").await.ok()["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|message| message["system"]["code"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(codes, ["room_created", "member_joined", "member_left"]);
}

#[tokio::test]
async fn a_private_room_is_not_joined() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[]).await;
    for room in [room.as_str(), NOWHERE, "lobby"] {
        let join = ben.post(&format!("/v1/rooms/{room}/join"), json!({})).await;
        join.refused(404, "room_not_found");
    }
    assert_eq!(ana.room(&room).await["member_count"], 1);
}
