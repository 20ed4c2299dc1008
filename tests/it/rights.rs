//! Guard: every function is allowed what it does, and nothing more.
//!
//! Nothing is denied on this machine, so a forgotten right would show only after deployment. The
//! proxies of a stack with faults write down who calls what; that is compared with the template. What
//! goes elsewhere (secrets, files, queues) passes no proxy and is not looked at.

use std::collections::BTreeSet;

use auth::issuer::testing::{Kind, TestIssuer};
use serde_json::{Value, json};
use tests::{Behind, Person, Stack, Template};

use crate::identity;
use crate::media::{png, uploaded};

/// A function, an action, and a table.
type Right = (String, String, String);

fn is_seen(action: &str) -> bool {
    action.starts_with("dynamodb:") || action == MANAGE
}

const MANAGE: &str = "execute-api:ManageConnections";

fn allowed() -> BTreeSet<Right> {
    let mut allowed = BTreeSet::new();
    for (id, function) in Template::read().functions {
        for (action, resource) in function.rights {
            // Which connections is a pattern, and always the same one.
            let table = if action == MANAGE { String::new() } else { resource };
            allowed.insert((id.clone(), action, table));
        }
    }
    allowed.retain(|(_, action, _)| is_seen(action));
    allowed
}

async fn used(stack: &Stack) -> BTreeSet<Right> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let calls = stack.control().calls().await;
    calls
        .iter()
        .map(|call| (text(&call["function"]), text(&call["action"]), text(&call["table"])))
        .collect()
}

/// Rights for what this test would have to wait for.
const RARE: [(&str, &str); 2] = [
    // A connection that is gone, and older than half a minute, is struck out by whoever pushes,
    ("dynamodb:UpdateItem", "ConnectionsTable"),
    // and with it the large rooms that it had open.
    ("dynamodb:BatchWriteItem", "ConnectionsTable"),
];

/// Somebody whom the outside issuer sends, and who has another name a moment later.
async fn from_outside(stack: &Stack, issuer: &TestIssuer) {
    let now = identity::now();
    for (later, name) in [(0, "Dana One"), (1, "Dana Two")] {
        let mut claims = issuer.claims("dana", now + later);
        claims["name"] = json!(name);
        let token = issuer.token(&issuer.header(), &claims);
        let me = stack.with_token(Some(token)).get("/v1/users/me").await.ok();
        assert_eq!(me["name"], name);
    }
}

/// Everything that people do.
async fn tour(stack: &Stack) {
    let [ana, ben, cai] = stack.people(["ana", "ben", "cai"]).await;
    let mut inboxes = Vec::new();
    // One more than fit displaces the oldest.
    for _ in 0..11 {
        inboxes.push(ben.connect().await);
    }
    let credentials = json!({ "username": ana.username, "password": Person::PASSWORD });
    let session = stack.anonymous().post("/v1/accounts/login", credentials).await.ok();
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    let session = stack.anonymous().post("/v1/accounts/refresh", refresh).await.ok();
    let refresh = json!({ "refresh_token": session["refresh_token"] });
    stack.anonymous().post("/v1/accounts/logout", refresh).await.no_content();
    let passwords =
        json!({ "current_password": Person::PASSWORD, "new_password": Person::PASSWORD });
    ana.post("/v1/users/me/password", passwords).await.no_content();
    let picture = picture(&ana).await;
    let face = json!({ "name": "Maria", "avatar_media_id": picture });
    ana.patch("/v1/users/me", face).await.ok();
    ana.get(&format!("/v1/media/{}", picture.as_str().expect("media have an id"))).await.ok();
    ana.get("/v1/users?q=ben").await.ok();
    ana.get(&format!("/v1/users?ids={}", ben.id)).await.ok();

    rooms(&ana, &ben, &cai).await;
    staff(stack, &cai).await;
    messages(&ana, &ben).await;
    let mut inbox = inboxes.pop().expect("there are eleven");
    on_socket(&ana, &ben, &mut inbox).await;
    large_rooms(stack, &ana, &ben, &cai, &mut inbox).await;
    // Somebody hears of the end of the last connection.
    let mut listening = ana.connect().await;
    inbox.close().await;
    for inbox in inboxes {
        inbox.close().await;
    }
    let is_gone = |hint: &Value| {
        hint["data"]["user_id"] == ben.id.as_str() && hint["data"]["online"] == false
    };
    while !is_gone(&listening.next_hint().await) {}
}

/// A new picture of somebody's, ready to be used.
async fn picture(of: &Person) -> Value {
    uploaded(of, "a.png", "image/png", &png(8, 8)).await["id"].take()
}

async fn rooms(ana: &Person, ben: &Person, cai: &Person) {
    let body = json!({ "type": "channel", "name": "News", "is_public": true, "members": [ben.id] });
    let news = ana.create_room(body).await.created();
    let news = format!("/v1/rooms/{}", news["id"].as_str().expect("a room has an id"));
    ana.get("/v1/rooms").await.ok();
    cai.get("/v1/rooms?scope=public&q=news").await.ok();
    cai.post(&format!("{news}/join"), json!({})).await.ok();
    cai.post(&format!("{news}/leave"), json!({})).await.no_content();
    let face = json!({ "name": "Old news", "avatar_media_id": picture(ana).await });
    ana.patch(&news, face).await.ok();
    ana.get(&format!("{news}/presence")).await.ok();
    ana.post(&format!("{news}/members"), json!({ "members": [cai.id] })).await.ok();
    ana.get(&format!("{news}/members")).await.ok();
    let cai_there = format!("{news}/members/{}", cai.id);
    ana.patch(&cai_there, json!({ "permissions": { "can_create_messages": true } })).await.ok();
    // The last owner makes another one, and one of two may go.
    ana.patch(&cai_there, json!({ "is_owner": true })).await.ok();
    ana.patch(&cai_there, json!({ "is_owner": false })).await.ok();
    ana.delete(&cai_there).await.no_content();
    ana.post(&format!("{news}/members"), json!({ "members": [cai.id] })).await.ok();
    ana.patch(&cai_there, json!({ "is_owner": true })).await.ok();
    ana.post(&format!("{news}/leave"), json!({})).await.no_content();
    cai.delete(&news).await.no_content();
    let private = ana.private_room_with(ben).await;
    ana.delete(&format!("/v1/rooms/{private}")).await.no_content();
}

async fn staff(stack: &Stack, cai: &Person) {
    let sue = stack.staff("sue").await;
    sue.connect().await.close().await;
    sue.get("/v1/admin/rooms").await.ok();
    sue.get("/v1/admin/users").await.ok();
    sue.get("/v1/admin/users?q=cai").await.ok();
    let user = json!({ "username": "new", "password": Person::PASSWORD, "name": "New" });
    sue.post("/v1/admin/users", user).await.created();
    // Both close sockets: a change of what somebody may do, and the end of a session.
    let inbox = cai.connect().await;
    let path = format!("/v1/admin/users/{}", cai.id);
    sue.patch(&path, json!({ "is_staff": true })).await.ok();
    inbox.expect_bye("staff_changed").await;
    let device = stack.sign_in(&cai.username).await;
    let inbox = device.connect().await;
    let refresh = json!({ "refresh_token": device.refresh_token });
    stack.anonymous().post("/v1/accounts/logout", refresh).await.no_content();
    inbox.expect_bye("signed_out").await;
}

async fn messages(ana: &Person, ben: &Person) {
    let room = ana.create_group("Lunch", &[ben]).await;
    let path = format!("/v1/rooms/{room}");
    let seqs = ana.send_all(&room, &["one", "two"]).await;
    ana.send(&room, "again", "three").await.created();
    ana.send(&room, "again", "three").await.ok();
    let message = format!("{path}/messages/{}", seqs[0]);
    ana.get(&message).await.ok();
    ana.patch(&message, json!({ "text": "uno" })).await.ok();
    ana.post(&format!("{message}/reactions"), json!({ "reaction": "👍" })).await.created();
    ana.get(&format!("{message}/reactions")).await.ok();
    ana.get(&format!("{message}/reactions/me/👍")).await.ok();
    ana.get("/v1/reactions?user=me").await.ok();
    ana.messages(&room, "").await.ok();
    ana.messages(&room, "?q=two").await.ok();
    ana.delete(&format!("{message}/reactions/me/👍")).await.no_content();
    let picture = picture(ana).await;
    let with = json!({ "client_id": "media", "media": [{ "media_id": picture }] });
    let sent = ana.post(&format!("{path}/messages"), with).await.created();
    let shown = format!("{path}/messages/{}", sent["seq"]);
    ben.get(&format!("/v1/media/{}", picture.as_str().expect("media have an id"))).await.ok();
    ben.post(&format!("{shown}/reactions"), json!({ "reaction": "👍" })).await.created();
    // Both the reactions and the media go with a message.
    ana.delete(&shown).await.no_content();
    let answer = json!({ "client_id": "reply", "text": "yes", "reply_to_seq": seqs[1] });
    ana.post(&format!("{path}/messages"), answer).await.created();
    ben.post(&format!("{path}/read"), json!({ "seq": seqs[1] })).await.ok();
    ben.sync(json!({ room.as_str(): 0 })).await;
}

async fn on_socket(ana: &Person, ben: &Person, inbox: &mut tests::Inbox) {
    let room = ana.create_group("Live", &[ben]).await;
    let named = json!({ "room_id": room });
    let with = |more: Value| {
        let mut data = named.clone();
        for (name, value) in more.as_object().into_iter().flatten() {
            data[name] = value.clone();
        }
        data
    };
    inbox.ack("room.join", named.clone()).await;
    let sent = inbox.ack("message.send", with(json!({ "client_id": "c", "text": "hello" }))).await;
    let seq = &sent["message"]["seq"];
    inbox.ack("message.edit", with(json!({ "seq": seq, "text": "hi" }))).await;
    inbox.ack("reaction.add", with(json!({ "seq": seq, "reaction": "👍" }))).await;
    inbox.ack("reaction.remove", with(json!({ "seq": seq, "reaction": "👍" }))).await;
    let shown = json!({ "client_id": "m", "media": [{ "media_id": picture(ben).await }] });
    let shown = inbox.ack("message.send", with(shown)).await;
    let shown = &shown["message"]["seq"];
    inbox.ack("reaction.add", with(json!({ "seq": shown, "reaction": "👍" }))).await;
    inbox.ack("message.delete", with(json!({ "seq": shown }))).await;
    inbox.ack("room.read", with(json!({ "seq": seq }))).await;
    inbox.ack("sync", json!({ "rooms": { room.as_str(): 0 } })).await;
    inbox.ack("room.leave", named).await;
}

/// Two rooms grow large, by joining and by being added, and what happens there is told by the queue.
async fn large_rooms(
    stack: &Stack,
    ana: &Person,
    ben: &Person,
    cai: &Person,
    inbox: &mut tests::Inbox,
) {
    let behind = Behind::of(stack);
    let open = json!({ "type": "group", "is_public": true, "members": [ben.id] });
    let town = ana.create_room(open).await.created()["id"].as_str().expect("an id").to_owned();
    behind.fill(&town, ben, 100).await;
    cai.post(&format!("/v1/rooms/{town}/join"), json!({})).await.ok();
    let city = ana.create_group("City", &[ben]).await;
    behind.fill(&city, ben, 100).await;
    let members = json!({ "members": [cai.id] });
    ana.post(&format!("/v1/rooms/{city}/members"), members).await.ok();
    inbox.ack("room.join", json!({ "room_id": city })).await;
    let seq = &ana.send(&city, "large", "hello").await.created()["seq"];
    let reaction = json!({ "reaction": "👍" });
    ana.post(&format!("/v1/rooms/{city}/messages/{seq}/reactions"), reaction).await.created();
    ana.patch(&format!("/v1/rooms/{city}"), json!({ "name": "Old city" })).await.ok();
    inbox.ack("message.send", json!({ "room_id": city, "client_id": "l", "text": "hi" })).await;
    ana.delete(&format!("/v1/rooms/{city}/members/{}", cai.id)).await.no_content();

    // What an audience of more than fifty leaves there.
    let connection = inbox.ack("hello", json!({})).await["connection_id"].take();
    let event = json!({ "type": "event", "event": "queued", "seq": 1 });
    let shard = json!({ "events": [event], "listeners": [[connection, ben.id, 0]] });
    let queue = "http://sqs/000000000000/banter-FanOutQueue";
    let message = json!({ "QueueUrl": queue, "MessageBody": shard.to_string() });
    behind.sqs("SendMessage", message).await;
    while inbox.next_event().await["event"] != "queued" {}
}

#[tokio::test]
async fn every_function_is_allowed_what_it_does_and_nothing_more() {
    let directory = tempfile::tempdir().expect("there is room for data");
    // Its own, so that everything that was called was called here.
    let issuer = TestIssuer::new(Kind::Es256);
    let mut flags = vec!["--control".to_owned()];
    flags.extend(identity::parameters(&issuer.settings()));
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let stack = Stack::start_own_with(&flags, directory.path()).await;
    tour(&stack).await;
    from_outside(&stack, &issuer).await;
    let (allowed, used) = (allowed(), used(&stack).await);
    let found = differences(&allowed, &used);
    assert!(found.is_empty(), "{found:#?}");

    // The control: a right too few is found, and one too many.
    let fewer: BTreeSet<_> = allowed.iter().skip(1).cloned().collect();
    assert_eq!(differences(&fewer, &used).len(), 1);
    let mut more = allowed;
    more.insert(("Web".to_owned(), "dynamodb:GetItem".to_owned(), "ChatTable".to_owned()));
    assert_eq!(differences(&more, &used).len(), 1);
}

fn differences(allowed: &BTreeSet<Right>, used: &BTreeSet<Right>) -> Vec<String> {
    let is_rare = |(_, action, table): &&Right| RARE.contains(&(action.as_str(), table.as_str()));
    let missing = used.difference(allowed).map(|right| format!("denied on AWS: {right:?}"));
    let unused = allowed.difference(used).filter(|right| !is_rare(right));
    missing.chain(unused.map(|right| format!("nothing needs it: {right:?}"))).collect()
}
