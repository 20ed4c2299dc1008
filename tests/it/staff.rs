//! Staff: how one becomes it, what they see and do that others do not, and rooms for them alone.

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Person, Stack};

const NOWHERE: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";

fn ids(page: &Value) -> Vec<String> {
    let entries = page["data"].as_array().expect("a page has data");
    entries.iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

/// Every entry of a list, page by page.
async fn all(person: &Person, path: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("{path}{cursor}")).await.ok();
        found.extend(ids(&page));
        let Some(next) = page["page"]["next"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}

async fn staff_room(sue: &Person, name: &str) -> String {
    let body = json!({ "type": "group", "name": name, "staff_only": true });
    sue.create_room(body).await.created()["id"].as_str().expect("a room has an id").to_owned()
}

#[tokio::test]
async fn the_first_of_staff_is_made_at_the_command_line() {
    let stack = Stack::start().await;
    let sue = stack.staff("sue").await;
    assert_eq!(sue.get("/v1/users/me").await.ok()["is_staff"], true);
    sue.get("/v1/admin/users?limit=1").await.ok();

    // Who is there already is made staff only by saying so, and is it from the next sign-in on.
    let ana = stack.person("ana").await;
    let username = ana.username.as_str();
    let create = ["create-superuser", "--no-input", "--username", username];
    let named = [&create[..], &["--name", "Other"]].concat();
    let taken = stack.admin(&named);
    assert!(!taken.status.success(), "{taken:?}");
    assert!(String::from_utf8_lossy(&taken.stderr).contains("is taken"), "{taken:?}");
    assert_eq!(stack.sign_in(username).await.get("/v1/users/me").await.ok()["is_staff"], false);
    assert!(stack.admin(&[&create[..], &["--promote"]].concat()).status.success());
    stack.sign_in(username).await.get("/v1/admin/users?limit=1").await.ok();
    ana.get("/v1/admin/users").await.refused(403, "staff_only");

    let bad = ["create-superuser", "--no-input", "--username", "A", "--name", "A"];
    assert!(!stack.admin(&bad).status.success());
}

#[tokio::test]
async fn staff_list_everything_there_is_the_newest_first() {
    let data = TempDir::new().unwrap();
    let stack = Stack::start_own(data.path()).await;
    let [ana, ben] = [stack.person("ana").await, stack.person("ben").await];
    let sue = stack.staff("sue").await;
    let lunch = ana.create_group("Lunch club", &[&ben]).await;
    let pair = ana.private_room_with(&ben).await;
    let dinner = ben.create_group("Dinner", &[]).await;
    ana.send(&lunch, "c-1", "hello").await.created();
    ana.send(&pair, "c-2", "between us").await.created();

    let rooms = [dinner.clone(), pair.clone(), lunch.clone()];
    assert_eq!(ids(&sue.get("/v1/admin/rooms").await.ok()), rooms);
    assert_eq!(all(&sue, "/v1/admin/rooms?limit=1").await, rooms);
    let users = [sue.id.clone(), ben.id.clone(), ana.id.clone()];
    assert_eq!(ids(&sue.get("/v1/admin/users").await.ok()), users);
    assert_eq!(all(&sue, "/v1/admin/users?limit=2").await, users);

    // What is said between two stays between them.
    let page = sue.get("/v1/admin/rooms").await.ok();
    assert_eq!(page["data"][1]["last_message"], Value::Null);
    assert_eq!(page["data"][2]["last_message"]["text"], "hello");
    assert_eq!(page["data"][2]["my"], Value::Null);
    sue.messages(&pair, "").await.refused(403, "forbidden");

    for (query, expected) in [("lunch", &rooms[2..]), ("CL%20lu", &rooms[2..]), ("unch", &[])] {
        assert_eq!(all(&sue, &format!("/v1/admin/rooms?limit=1&q={query}")).await, expected);
    }
    assert_eq!(ids(&sue.get("/v1/admin/users?q=BE").await.ok()), users[1..2]);
    for (query, pointer) in [
        ("rooms?limit=0", "/limit"),
        ("rooms?cursor=lobby%3F", "/cursor"),
        ("users?limit=201", "/limit"),
        ("users?q=", "/q"),
        ("users?q=be&cursor=YQ", "/cursor"),
    ] {
        let reply = sue.get(&format!("/v1/admin/{query}")).await;
        reply.refused_at(400, "invalid_request", pointer);
    }
    sue.get("/v1/admin/rooms?name=x").await.refused_at(400, "unknown_field", "/name");
    let long = "x".repeat(101);
    let reply = sue.get(&format!("/v1/admin/rooms?q={long}")).await;
    reply.refused_at(400, "invalid_request", "/q");

    sue.delete(&format!("/v1/rooms/{pair}")).await.no_content();
    assert_eq!(all(&sue, "/v1/admin/rooms?limit=1").await, [dinner, lunch]);
}

#[tokio::test]
async fn staff_make_users_and_more_staff() {
    let stack = Stack::start().await;
    let sue = stack.staff("sue").await;
    let username = |name: &str| sue.username.replace("sue", name);
    let body = |username: &str| json!({ "username": username, "password": Person::PASSWORD, "name": " Bo " });

    let reply = sue.post("/v1/admin/users", body(&username("bo"))).await;
    let bo = reply.clone().created();
    assert_eq!((&bo["name"], &bo["is_staff"]), (&json!("Bo"), &json!(false)));
    let path = format!("/v1/admin/users/{}", bo["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    let signed_in = stack.sign_in(&username("bo")).await;
    assert_eq!(signed_in.get("/v1/users/me").await.ok(), bo);
    sue.post("/v1/admin/users", body(&username("bo"))).await.refused(409, "username_taken");

    let mut staff = body(&username("ida"));
    staff["is_staff"] = json!(true);
    assert_eq!(sue.post("/v1/admin/users", staff).await.created()["is_staff"], true);
    let ida = stack.sign_in(&username("ida")).await;
    for (change, expected) in [
        (json!({}), false),
        (json!({ "is_staff": true }), true),
        (json!({ "is_staff": true }), true),
        (json!({ "is_staff": false }), false),
        (json!({ "is_staff": null }), false),
        (json!({ "is_banned": null }), false),
    ] {
        assert_eq!(ida.patch(&path, change).await.ok()["is_staff"], expected);
    }

    let own = format!("/v1/admin/users/{}", ida.id);
    ida.patch(&own, json!({ "is_staff": false })).await.refused(403, "forbidden");
    ida.get("/v1/admin/users?limit=1").await.ok();
    for nobody in [NOWHERE, "me", "lobby"] {
        let change = json!({ "is_staff": true });
        let reply = ida.patch(&format!("/v1/admin/users/{nobody}"), change).await;
        reply.refused(404, "user_not_found");
    }
}

#[tokio::test]
async fn whoever_is_staff_no_more_administers_no_more_whatever_their_token_says() {
    let stack = Stack::start().await;
    let [sue, ida] = [stack.staff("sue").await, stack.staff("ida").await];
    let own = format!("/v1/admin/users/{}", ida.id);
    let accomplice = json!({
        "username": "accomplice", "password": Person::PASSWORD, "name": "A", "is_staff": true,
    });
    sue.patch(&own, json!({ "is_staff": false })).await.ok();
    ida.get("/v1/admin/rooms").await.refused(403, "staff_only");
    ida.get("/v1/admin/users").await.refused(403, "staff_only");
    ida.post("/v1/admin/users", accomplice).await.refused(403, "staff_only");
    ida.patch(&own, json!({ "is_staff": true })).await.refused(403, "staff_only");
    let sues = format!("/v1/admin/users/{}", sue.id);
    ida.patch(&sues, json!({ "is_staff": false })).await.refused(403, "staff_only");
    assert_eq!(sue.get("/v1/admin/users?q=accomplice").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_room_for_staff_is_found_by_all_and_entered_by_staff() {
    let stack = Stack::start().await;
    let [sue, ida] = [stack.staff("sue").await, stack.staff("ida").await];
    let ana = stack.person("ana").await;
    let name = format!("Backstage {}", sue.username);
    let room = staff_room(&sue, &name).await;
    let secret = sue.send(&room, "c-1", "not for ana").await.created();

    let found = ana.get(&format!("/v1/rooms?scope=public&q={}", sue.username)).await.ok();
    let seen = &found["data"][0];
    assert_eq!((&seen["id"], &seen["staff_only"]), (&json!(room), &json!(true)));
    assert_eq!((&seen["my"], &seen["last_message"]), (&Value::Null, &Value::Null));
    assert!(!found.to_string().contains("not for ana"), "{found}");

    let path = format!("/v1/rooms/{room}");
    let post = json!({ "client_id": "c-2", "text": "let me in" });
    ana.get(&path).await.refused(403, "staff_only");
    ana.messages(&room, "").await.refused(403, "staff_only");
    ana.get(&format!("{path}/members")).await.refused(403, "staff_only");
    ana.post(&format!("{path}/join"), json!({})).await.refused(403, "staff_only");
    ana.post(&format!("{path}/messages"), post.clone()).await.refused(403, "staff_only");
    let add = json!({ "members": [ana.id] });
    let added = sue.post(&format!("{path}/members"), add).await.ok();
    assert_eq!(added["data"][0]["code"], "staff_only");

    // The same on a socket, which stays open all the while.
    let mut inbox = ana.connect().await;
    let at = |mut data: Value| {
        data["room_id"] = json!(room);
        data
    };
    let seq = &secret["seq"];
    for (action, data) in [
        ("room.join", at(json!({}))),
        ("room.leave", at(json!({}))),
        ("room.read", at(json!({ "seq": seq }))),
        ("message.send", at(post)),
        ("message.edit", at(json!({ "seq": seq, "text": "mine" }))),
        ("message.delete", at(json!({ "seq": seq }))),
        ("reaction.add", at(json!({ "seq": seq, "reaction": "👍" }))),
        ("reaction.remove", at(json!({ "seq": seq, "reaction": "👍" }))),
        ("typing", at(json!({}))),
    ] {
        inbox.refused(action, data, "staff_only").await;
    }
    inbox.expect_nothing_before_pong().await;

    // The control: Ida is let in by herself, reads and is heard.
    let mut idas = ida.connect().await;
    let joined = idas.ack("room.join", json!({ "room_id": room })).await;
    assert_eq!(joined["room"]["my"]["is_owner"], false);
    let read = joined["messages"].as_array().unwrap();
    assert!(read.iter().any(|message| message["text"] == "not for ana"), "{read:?}");
    sue.send(&room, "c-3", "welcome").await.created();
    assert_eq!(idas.expect_event("message.created").await["data"]["text"], "welcome");
    inbox.expect_nothing_before_pong().await;
}

#[tokio::test]
async fn a_room_that_becomes_one_for_staff_is_closed_to_its_other_members() {
    let stack = Stack::start().await;
    let sue = stack.staff("sue").await;
    let ana = stack.person("ana").await;
    let room = sue.create_group("Plans", &[&ana]).await;
    let mut inbox = ana.connect().await;
    sue.send(&room, "c-1", "for both").await.created();
    inbox.expect_event("message.created").await;

    let path = format!("/v1/rooms/{room}");
    sue.patch(&path, json!({ "staff_only": true })).await.ok();
    let removed = inbox.expect_event("room.removed").await;
    assert_eq!(removed["room_id"], room.as_str());
    sue.send(&room, "c-2", "for one").await.created();
    inbox.expect_nothing_before_pong().await;
    ana.messages(&room, "").await.refused(403, "staff_only");
    assert_eq!(ana.sync(json!({ room.as_str(): 0 })).await["removed"], json!([room]));

    // Opened again, she finds herself in it, and everything that was said.
    sue.patch(&path, json!({ "staff_only": false })).await.ok();
    let names: Vec<_> = inbox.events_before_pong().await;
    assert!(names.iter().any(|event| event["event"] == "room.added"), "{names:?}");
    let texts = ana.messages(&room, "").await.ok().to_string();
    assert!(texts.contains("for one"), "{texts}");
}

#[tokio::test]
async fn public_rooms_are_found_by_the_words_of_their_names() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let word = ana.username.replace('-', "");
    let mut rooms = Vec::new();
    for name in ["Gärten Nord", "Gärten Süd", "Küche"] {
        let body = json!({ "type": "group", "name": format!("{name} {word}"), "is_public": true });
        rooms.push(ana.create_room(body).await.created()["id"].as_str().unwrap().to_owned());
    }
    ana.create_group(&format!("Gärten, private {word}"), &[]).await;
    let find = async |query: &str| {
        let query = query.replace(' ', "%20");
        all(&ben, &format!("/v1/rooms?scope=public&limit=2&q={query}")).await
    };
    let [nord, sued, kueche] = [rooms[0].clone(), rooms[1].clone(), rooms[2].clone()];
    for (query, expected) in [
        (word.clone(), vec![nord.clone(), sued.clone(), kueche.clone()]),
        (word.to_uppercase(), vec![nord.clone(), sued.clone(), kueche.clone()]),
        (word[..word.len() - 1].to_owned(), vec![nord.clone(), sued.clone(), kueche.clone()]),
        (format!("garten {word}"), vec![nord.clone(), sued.clone()]),
        (format!("{word} SÜD"), vec![sued.clone()]),
        (format!("arten {word}"), vec![]),
        (format!("private {word}"), vec![]),
    ] {
        assert_eq!(find(&query).await, expected, "{query}");
    }

    // What is renamed, closed or deleted is not found by what it was.
    let path = |room: &str| format!("/v1/rooms/{room}");
    ana.patch(&path(&nord), json!({ "name": format!("Wiese {word}") })).await.ok();
    ana.patch(&path(&sued), json!({ "is_public": false })).await.ok();
    assert_eq!(find(&format!("garten {word}")).await, Vec::<String>::new());
    assert_eq!(find(&format!("wiese {word}")).await, std::slice::from_ref(&nord));
    ana.delete(&path(&nord)).await.no_content();
    assert_eq!(find(&word).await, [kueche]);
    ben.get("/v1/rooms?q=x").await.refused_at(400, "invalid_request", "/q");
    ben.get("/v1/rooms?scope=all").await.refused_at(400, "invalid_request", "/scope");
}
