//! Members: letting people in, what each may do, handing a room over, and taking people out.

use serde_json::{Value, json};
use tests::{Person, Stack};

const NOWHERE: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";

async fn add(by: &Person, room: &str, members: Value) -> tests::Reply {
    by.post(&format!("/v1/rooms/{room}/members"), json!({ "members": members })).await
}

/// What became of each, as `member` or the code.
fn outcomes(added: &Value) -> Vec<String> {
    let data = added["data"].as_array().expect("one result for each");
    data.iter()
        .map(|one| match one["code"].as_str() {
            Some(code) => {
                assert_eq!(one["member"], Value::Null);
                code.to_owned()
            }
            None => {
                assert_eq!(one["member"]["user"]["id"], one["user_id"]);
                "member".to_owned()
            }
        })
        .collect()
}

async fn member(by: &Person, room: &str, who: &str) -> tests::Reply {
    by.get(&format!("/v1/rooms/{room}/members/{who}")).await
}

async fn update(by: &Person, room: &str, who: &str, change: Value) -> tests::Reply {
    by.patch(&format!("/v1/rooms/{room}/members/{who}"), change).await
}

async fn remove(by: &Person, room: &str, who: &str) -> tests::Reply {
    by.delete(&format!("/v1/rooms/{room}/members/{who}")).await
}

#[tokio::test]
async fn members_are_listed_in_pages() {
    let stack = Stack::start().await;
    let [ana, ben, cai, dee] = stack.people(["ana", "ben", "cai", "dee"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    let mut expected = [ana.id.clone(), ben.id.clone(), cai.id.clone()];
    expected.sort();

    let mut found = Vec::new();
    let mut path = format!("/v1/rooms/{room}/members?limit=2");
    loop {
        let page = ben.get(&path).await.ok();
        for member in page["data"].as_array().unwrap() {
            found.push(member["user"]["id"].as_str().unwrap().to_owned());
            assert_eq!(member["room_id"], room.as_str());
            let is_own = member["user"]["id"] == ben.id;
            assert_eq!(member["muted"].is_boolean(), is_own, "{member}");
            assert_eq!(member["is_owner"], member["user"]["id"] == ana.id);
            assert_eq!(member["created_by"], ana.id);
        }
        let Some(next) = page["page"]["next"].as_str() else { break };
        path = format!("/v1/rooms/{room}/members?limit=2&cursor={next}");
    }
    assert_eq!(found, expected);
    assert_eq!(member(&ben, &room, "me").await.ok()["user"]["id"], ben.id);
    assert_eq!(member(&ben, &room, &ana.id).await.ok()["user"]["name"], "ana");
    member(&ben, &room, &dee.id).await.refused(404, "member_not_found");
    member(&ben, &room, "ana").await.refused(404, "member_not_found");
    member(&dee, &room, "me").await.refused(404, "room_not_found");
    let bad = ben.get(&format!("/v1/rooms/{room}/members?cursor=x")).await;
    bad.refused_at(400, "invalid_request", "/cursor");
}

#[tokio::test]
async fn each_of_those_added_has_a_result() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[]).await;

    let added = add(&ana, &room, json!([ben.id, ana.id, NOWHERE, cai.id, ben.id])).await.ok();
    let expected = ["member", "already_member", "user_not_found", "member", "already_member"];
    assert_eq!(outcomes(&added), expected);
    assert_eq!(added["data"][2]["user_id"], NOWHERE);
    let seen = ana.room(&room).await;
    assert_eq!(seen["member_count"], 3);

    // Once more, nothing happens.
    assert_eq!(outcomes(&add(&ana, &room, json!([ben.id])).await.ok()), ["already_member"]);
    assert_eq!(ana.room(&room).await["seq"], seen["seq"]);
    assert_eq!(ben.room(&room).await["my"]["unread_count"], 0);
}

#[tokio::test]
async fn a_hundred_are_added_at_once_and_no_more() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[]).await;
    let nobody = |last: usize| json!(format!("0199e3a0-7c1f-7d6e-9a51-{last:012}"));
    let mut many: Vec<_> = (0..99).map(nobody).collect();
    many.push(json!(ben.id));
    let added = outcomes(&add(&ana, &room, json!(many)).await.ok());
    assert_eq!((added.len(), added[99].as_str()), (100, "member"));
    many.push(json!(ben.id));
    for members in [json!(many), json!([])] {
        add(&ana, &room, members).await.refused_at(400, "invalid_request", "/members");
    }
    assert_eq!(ana.room(&room).await["member_count"], 2);
}

#[tokio::test]
async fn many_people_at_once_all_enter_one_room() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let people = futures_util::future::join_all((0..25).map(|_| stack.person("guest"))).await;
    let ids: Vec<_> = people.iter().map(|person| person.id.as_str()).collect();
    let room = ana.create_group("Party", &[]).await;
    let added = outcomes(&add(&ana, &room, json!(ids)).await.ok());
    assert!(added.iter().all(|outcome| outcome == "member"), "{added:?}");
    assert_eq!(ana.room(&room).await["member_count"], 26);
    let log = tests::RoomLog::read(&ana, &room).await;
    assert_eq!(log.flaws(0), Vec::<String>::new());
}

#[tokio::test]
async fn permissions_are_granted_and_withheld_one_by_one() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[]).await;
    let members = json!([
        { "user_id": ben.id, "permissions": { "can_edit_room": true, "can_add_users": false } },
        { "user_id": cai.id },
    ]);
    let added = add(&ana, &room, members).await.ok();
    let of = |index: usize, name: &str| added["data"][index]["member"]["permissions"][name].clone();
    assert_eq!(of(0, "can_edit_room"), true);
    assert_eq!(of(0, "can_add_users"), false);
    assert_eq!(of(0, "can_create_messages"), true);
    assert_eq!(of(1, "can_edit_room"), false);
    assert_eq!(of(1, "can_add_users"), true);

    let path = format!("/v1/rooms/{room}");
    assert_eq!(ben.patch(&path, json!({ "name": "Brunch" })).await.ok()["name"], "Brunch");
    cai.patch(&path, json!({ "name": "Mine" })).await.refused(403, "forbidden");
    add(&ben, &room, json!([NOWHERE])).await.refused(403, "forbidden");
}

#[tokio::test]
async fn nobody_grants_what_they_lack() {
    let stack = Stack::start().await;
    let [ana, ben, cai, dee] = stack.people(["ana", "ben", "cai", "dee"]).await;
    let room = ana.create_group("Lunch", &[]).await;
    let quiet = json!({ "can_create_messages": false, "can_edit_own_messages": false });
    add(&ana, &room, json!([{ "user_id": ben.id, "permissions": quiet }])).await.ok();

    let grants = json!([
        { "user_id": cai.id, "permissions": { "can_remove_users": true } },
        dee.id,
    ]);
    assert_eq!(outcomes(&add(&ben, &room, grants).await.ok()), ["forbidden", "member"]);
    cai.get(&format!("/v1/rooms/{room}")).await.refused(404, "room_not_found");
    // Whoever may not write lets nobody in who may, though the type of the room says so.
    let dees = dee.room(&room).await["my"]["permissions"].clone();
    assert_eq!(dees["can_create_messages"], false);
    assert_eq!(dees["can_edit_own_messages"], false);
    assert_eq!(dees["can_add_users"], true);
    dee.send(&room, "c-1", "hello").await.refused(403, "forbidden");
}

#[tokio::test]
async fn in_a_news_channel_a_writer_writes_and_a_reader_reads() {
    let stack = Stack::start().await;
    let [ana, writer, reader, other] = stack.people(["ana", "writer", "reader", "other"]).await;
    let nothing = json!({ "can_add_users": false });
    let body = json!({
        "type": "channel", "name": "News", "members": [
            { "user_id": writer.id,
              "permissions": { "can_add_users": true, "can_write_messages": true } },
            { "user_id": reader.id, "permissions": nothing },
        ],
    });
    let room = ana.create_room(body).await.created()["id"].as_str().unwrap().to_owned();
    let writers = writer.room(&room).await["my"]["permissions"].clone();
    assert_eq!(writers["can_create_messages"], true);
    assert_eq!(writers.get("can_write_messages"), None);

    let mut inbox = reader.connect().await;
    let sent = writer.send(&room, "c-1", "It rains.").await.created();
    assert_eq!(inbox.expect_event("message.created").await["data"], sent);
    let read = reader.messages(&room, "").await.ok();
    assert_eq!(read["data"].as_array().unwrap().last().unwrap(), &sent);
    let path = format!("/v1/rooms/{room}/read");
    assert_eq!(reader.post(&path, json!({ "seq": sent["seq"] })).await.ok()["unread_count"], 0);
    inbox.expect_event("room.read").await;

    reader.send(&room, "c-1", "Really?").await.refused(403, "forbidden");
    let data = json!({ "room_id": room, "client_id": "c-2", "text": "Really?" });
    inbox.refused("message.send", data, "forbidden").await;
    add(&reader, &room, json!([other.id])).await.refused(403, "forbidden");
    inbox.expect_nothing_before_pong().await;

    assert_eq!(outcomes(&add(&writer, &room, json!([other.id])).await.ok()), ["member"]);
    other.send(&room, "c-1", "Hello").await.refused(403, "forbidden");
    assert_eq!(other.messages(&room, "").await.ok()["found_newest"], true);
}

#[tokio::test]
async fn an_owner_changes_what_a_member_may_do() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let mut inbox = ben.connect().await;

    let change = json!({ "permissions": { "can_create_messages": false, "can_edit_room": true } });
    let changed = update(&ana, &room, &ben.id, change.clone()).await.ok();
    assert_eq!(changed["permissions"]["can_create_messages"], false);
    assert_eq!(changed["permissions"]["can_edit_room"], true);
    assert_eq!(changed["permissions"]["can_add_users"], true);
    assert_eq!(changed.get("muted"), None);
    let event = inbox.expect_event("member.updated").await;
    assert_eq!(event["data"]["permissions"], changed["permissions"]);
    ben.send(&room, "c-1", "hello").await.refused(403, "forbidden");

    // The same again is no event.
    update(&ana, &room, &ben.id, change).await.ok();
    inbox.expect_nothing_before_pong().await;

    for (who, change) in [
        (&ana.id, json!({ "permissions": { "can_edit_room": false } })),
        (&ben.id, json!({ "permissions": { "can_create_messages": true } })),
        (&ben.id, json!({ "is_owner": true })),
    ] {
        update(&ben, &room, who, change).await.refused(403, "forbidden");
    }
    update(&ana, &room, NOWHERE, json!({ "is_owner": true }))
        .await
        .refused(404, "member_not_found");
    let unknown = json!({ "permissions": { "can_fly": true } });
    let unknown = update(&ana, &room, &ben.id, unknown).await;
    unknown.refused_at(400, "unknown_field", "/permissions/can_fly");
    assert_eq!(ana.room(&room).await["my"]["is_owner"], true);
}

#[tokio::test]
async fn the_last_owner_hands_over_before_leaving() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let leave = format!("/v1/rooms/{room}/leave");

    ana.post(&leave, json!({})).await.refused(409, "last_owner");
    remove(&ana, &room, "me").await.refused(409, "last_owner");
    let down = json!({ "is_owner": false });
    update(&ana, &room, "me", down.clone()).await.refused(409, "last_owner");

    let owner = update(&ana, &room, &ben.id, json!({ "is_owner": true })).await.ok();
    assert_eq!(owner["is_owner"], true);
    let all = owner["permissions"].as_object().unwrap();
    assert!(all.values().all(|flag| flag == true), "an owner may do everything: {all:?}");
    ana.post(&leave, json!({})).await.no_content();
    ana.get(&format!("/v1/rooms/{room}")).await.refused(404, "room_not_found");
    assert_eq!(ben.room(&room).await["member_count"], 1);
    ben.post(&leave, json!({})).await.refused(409, "last_owner");
    ben.delete(&format!("/v1/rooms/{room}")).await.no_content();
}

#[tokio::test]
async fn two_owners_who_leave_at_once_do_not_leave_a_room_without_one() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;
    update(&ana, &room, &ben.id, json!({ "is_owner": true })).await.ok();
    let leave = format!("/v1/rooms/{room}/leave");
    let (left, right) = tokio::join!(ana.post(&leave, json!({})), ben.post(&leave, json!({})));
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409], "{left:?} {right:?}");
    let members = cai.get(&format!("/v1/rooms/{room}/members")).await.ok();
    let owners = members["data"].as_array().unwrap().iter().filter(|one| one["is_owner"] == true);
    assert_eq!(owners.count(), 1);
}

#[tokio::test]
async fn a_member_is_removed_by_those_who_may() {
    let stack = Stack::start().await;
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let room = ana.create_group("Lunch", &[&ben, &cai]).await;

    remove(&ben, &room, &cai.id).await.refused(403, "forbidden");
    let may = json!({ "permissions": { "can_remove_users": true } });
    update(&ana, &room, &ben.id, may).await.ok();
    remove(&ben, &room, &ana.id).await.refused(403, "forbidden");
    remove(&ben, &room, &cai.id).await.no_content();
    remove(&ben, &room, &cai.id).await.refused(404, "member_not_found");
    cai.get(&format!("/v1/rooms/{room}")).await.refused(404, "room_not_found");
    assert_eq!(ana.room(&room).await["member_count"], 2);

    let messages = ana.messages(&room, "").await.ok();
    let last = messages["data"].as_array().unwrap().last().unwrap();
    assert_eq!(last["system"]["code"], "member_removed");
    assert_eq!(last["system"]["params"]["actor"]["id"], ben.id);
    assert_eq!(last["system"]["params"]["user"]["id"], cai.id);

    // Let in again, they start afresh and are as anybody new.
    assert_eq!(outcomes(&add(&ben, &room, json!([cai.id])).await.ok()), ["member"]);
    assert_eq!(cai.room(&room).await["my"]["unread_count"], 0);
}

#[tokio::test]
async fn muting_is_ones_own_business() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let room = ana.create_group("Lunch", &[&ben]).await;
    let seq = ana.room(&room).await["seq"].clone();

    assert_eq!(update(&ben, &room, "me", json!({ "muted": true })).await.ok()["muted"], true);
    assert_eq!(ben.room(&room).await["my"]["muted"], true);
    assert_eq!(ana.room(&room).await["my"]["muted"], false);
    assert_eq!(member(&ana, &room, &ben.id).await.ok().get("muted"), None);
    update(&ana, &room, &ben.id, json!({ "muted": false })).await.refused(403, "forbidden");
    assert_eq!(ben.room(&room).await["my"]["muted"], true);
    let by_id = update(&ben, &room, &ben.id, json!({ "muted": false })).await.ok();
    assert_eq!(by_id["muted"], false);
    assert_eq!(ana.room(&room).await["seq"], seq, "nobody else hears of it");
}
