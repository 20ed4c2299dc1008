//! Guard: who may call what. Every route of the template and every action of the socket has a row
//! here, and a row says exactly what an anonymous caller, a stranger to the room, a member and the
//! owner of a private group get.
//!
//! A test fails on a route without a row: add one, with what each of the four is to get. The table
//! only ever grows with the template.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Person, Reply, Stack, Template, root};

/// A status, and the code of the refusal or what else tells one answer from another.
type Answer = (u16, &'static str);

/// Makes what is sent along.
type Body = fn(&Scene) -> Value;

/// The gateway's own refusal: no function was asked.
const NO_TOKEN: Answer = (401, "refused by the gateway");
const UNSEEN: Answer = (404, "room_not_found");
/// Nobody has used it yet, so it is its owner's alone; what happens then is told in `media`.
const UNSEEN_MEDIA: Answer = (404, "media_not_found");
const FORBIDDEN: Answer = (403, "forbidden");
const OK: Answer = (200, "");
const CREATED: Answer = (201, "");
const DONE: Answer = (204, "");

/// What is called, and what anonymous, stranger, member and owner get.
struct Row {
    route: &'static str,
    body: Option<Body>,
    answers: [Answer; 4],
}

const fn row(route: &'static str, body: Option<Body>, answers: [Answer; 4]) -> Row {
    Row { route, body, answers }
}

/// `{seq}` is a message of the owner, `{user_id}` a second member.
const ROUTES: [Row; 38] = [
    row("GET /", None, [OK; 4]),
    row("GET /health", None, [OK; 4]),
    row("GET /{path+}", None, [OK; 4]),
    row("POST /v1/accounts", Some(account), [CREATED; 4]),
    row("POST /v1/accounts/login", Some(wrong_password), [(401, "unauthenticated"); 4]),
    row("POST /v1/accounts/refresh", Some(dead_token), [(401, "unauthenticated"); 4]),
    row("POST /v1/accounts/logout", Some(dead_token), [DONE; 4]),
    row("GET /v1/users", None, [NO_TOKEN, OK, OK, OK]),
    row("GET /v1/users/me", None, [NO_TOKEN, OK, OK, OK]),
    row("PATCH /v1/users/me", Some(nothing), [NO_TOKEN, OK, OK, OK]),
    row("POST /v1/connections/tickets", None, [NO_TOKEN, CREATED, CREATED, CREATED]),
    row("GET /v1/rooms", None, [NO_TOKEN, OK, OK, OK]),
    row("POST /v1/rooms", Some(group), [NO_TOKEN, CREATED, CREATED, CREATED]),
    row("GET /v1/rooms/{room_id}", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("PATCH /v1/rooms/{room_id}", Some(name), [NO_TOKEN, UNSEEN, FORBIDDEN, OK]),
    row("DELETE /v1/rooms/{room_id}", None, [NO_TOKEN, UNSEEN, FORBIDDEN, DONE]),
    row("POST /v1/rooms/{room_id}/join", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("POST /v1/rooms/{room_id}/leave", None, [NO_TOKEN, UNSEEN, DONE, (409, "last_owner")]),
    row("POST /v1/rooms/{room_id}/read", Some(seq), [NO_TOKEN, UNSEEN, OK, OK]),
    row("GET /v1/rooms/{room_id}/presence", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("GET /v1/rooms/{room_id}/members", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("POST /v1/rooms/{room_id}/members", Some(members), [NO_TOKEN, UNSEEN, OK, OK]),
    row("GET /v1/rooms/{room_id}/members/{user_id}", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row(
        "PATCH /v1/rooms/{room_id}/members/{user_id}",
        Some(owner),
        [NO_TOKEN, UNSEEN, FORBIDDEN, OK],
    ),
    row("DELETE /v1/rooms/{room_id}/members/{user_id}", None, [NO_TOKEN, UNSEEN, FORBIDDEN, DONE]),
    row("GET /v1/rooms/{room_id}/messages", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("POST /v1/rooms/{room_id}/messages", Some(message), [NO_TOKEN, UNSEEN, CREATED, CREATED]),
    row("GET /v1/rooms/{room_id}/messages/{seq}", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("GET /v1/rooms/{room_id}/messages/{seq}/reactions", None, [NO_TOKEN, UNSEEN, OK, OK]),
    row("PATCH /v1/rooms/{room_id}/messages/{seq}", Some(text), [NO_TOKEN, UNSEEN, FORBIDDEN, OK]),
    row("DELETE /v1/rooms/{room_id}/messages/{seq}", None, [NO_TOKEN, UNSEEN, FORBIDDEN, DONE]),
    row(
        "POST /v1/rooms/{room_id}/messages/{seq}/reactions",
        Some(reaction),
        [NO_TOKEN, UNSEEN, CREATED, CREATED],
    ),
    // The second member has not reacted.
    row(
        "GET /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}",
        None,
        [NO_TOKEN, UNSEEN, (404, "not_found"), (404, "not_found")],
    ),
    row(
        "DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}",
        None,
        [NO_TOKEN, UNSEEN, FORBIDDEN, FORBIDDEN],
    ),
    row("GET /v1/reactions", None, [NO_TOKEN, OK, OK, OK]),
    row("POST /v1/media", Some(media), [NO_TOKEN, CREATED, CREATED, CREATED]),
    row("GET /v1/media/{media_id}", None, [NO_TOKEN, UNSEEN_MEDIA, UNSEEN_MEDIA, OK]),
    row("POST /v1/sync", Some(nothing), [NO_TOKEN, OK, OK, OK]),
];

/// What stranger, member and owner get on the socket: `ack`, or the code. Without a token nobody
/// gets that far: the tests of the socket say so.
const ACTIONS: [(&str, Body, [&str; 3]); 11] = [
    ("hello", nothing, ["ack", "ack", "ack"]),
    ("ping", nothing, ["ack", "ack", "ack"]),
    ("sync", nothing, ["ack", "ack", "ack"]),
    ("room.join", nothing, ["room_not_found", "ack", "ack"]),
    ("room.leave", nothing, ["room_not_found", "ack", "last_owner"]),
    ("room.read", seq, ["room_not_found", "ack", "ack"]),
    ("message.send", message, ["room_not_found", "ack", "ack"]),
    ("message.edit", text_of, ["room_not_found", "forbidden", "ack"]),
    ("message.delete", seq, ["room_not_found", "forbidden", "ack"]),
    ("reaction.add", reaction_to, ["room_not_found", "ack", "ack"]),
    ("reaction.remove", reaction_to, ["room_not_found", "ack", "ack"]),
];

fn nothing(_: &Scene) -> Value {
    json!({})
}

fn account(_: &Scene) -> Value {
    // The end of an identifier is random.
    let username = format!("new-{}", &uuid::Uuid::now_v7().to_string()[24..]);
    json!({ "username": username, "password": Person::PASSWORD, "name": "New" })
}

fn wrong_password(scene: &Scene) -> Value {
    json!({ "username": scene.owner.username, "password": "wrong horse" })
}

fn dead_token(_: &Scene) -> Value {
    json!({ "refresh_token": "nonsense" })
}

fn group(_: &Scene) -> Value {
    json!({ "type": "group" })
}

fn name(_: &Scene) -> Value {
    json!({ "name": "Dinner" })
}

fn seq(scene: &Scene) -> Value {
    json!({ "seq": scene.seq })
}

fn members(scene: &Scene) -> Value {
    json!({ "members": [scene.second.id] })
}

fn owner(_: &Scene) -> Value {
    json!({ "is_owner": true })
}

fn media(_: &Scene) -> Value {
    a_file()
}

fn a_file() -> Value {
    json!({ "filename": "a.png", "content_type": "image/png", "size_bytes": 10 })
}

fn message(_: &Scene) -> Value {
    json!({ "client_id": uuid::Uuid::now_v7().to_string(), "text": "hello" })
}

fn text(_: &Scene) -> Value {
    json!({ "text": "goodbye" })
}

fn reaction(_: &Scene) -> Value {
    json!({ "reaction": "👍" })
}

fn reaction_to(scene: &Scene) -> Value {
    json!({ "reaction": "👍", "seq": scene.seq })
}

fn text_of(scene: &Scene) -> Value {
    json!({ "text": "goodbye", "seq": scene.seq })
}

/// Four who call, and a private group that is made anew for each call that may change it.
struct Scene {
    anonymous: Person,
    stranger: Person,
    member: Person,
    owner: Person,
    second: Person,
    room: String,
    seq: u64,
    /// The owner's own, and used for nothing.
    media: String,
}

impl Scene {
    async fn new(stack: &Stack) -> Self {
        let people = stack.people(["stranger", "member", "owner", "second"]).await;
        let [stranger, member, owner, second] = people;
        let anonymous = stack.anonymous();
        let (room, seq) = (String::new(), 0);
        let media = owner.post("/v1/media", a_file()).await.created();
        let media = media["id"].as_str().expect("media have an id").to_owned();
        Self { anonymous, stranger, member, owner, second, room, seq, media }
    }

    async fn new_room(&mut self) {
        self.room = self.owner.create_group("Lunch", &[&self.member, &self.second]).await;
        self.seq = self.owner.send_all(&self.room, &["hello"]).await[0];
    }

    fn callers(&self) -> [&Person; 4] {
        [&self.anonymous, &self.stranger, &self.member, &self.owner]
    }

    fn path(&self, route: &str) -> (Method, String) {
        let (method, path) = route.split_once(' ').expect("a route is a method and a path");
        let path = path
            .replace("{room_id}", &self.room)
            .replace("{user_id}", &self.second.id)
            .replace("{seq}", &self.seq.to_string())
            .replace("{reaction}", "%F0%9F%91%8D")
            .replace("{media_id}", &self.media)
            .replace("{path+}", "style.css");
        let query = match path.as_str() {
            "/v1/users" => "?q=nobody",
            "/v1/reactions" => "?user=me",
            _ => "",
        };
        (method.parse().expect("this is a method"), format!("{path}{query}"))
    }
}

fn answer(reply: &Reply) -> (u16, &str) {
    let from_the_gateway = reply.body == json!({ "message": "Unauthorized" });
    let code = reply.body["code"].as_str().unwrap_or_default();
    (reply.status, if from_the_gateway { NO_TOKEN.1 } else { code })
}

/// The routes in `deployed` that have no row, and the rows that have no route.
fn missing(deployed: &BTreeSet<String>, rows: &BTreeSet<String>) -> Vec<String> {
    let without_row = deployed.difference(rows).map(|route| format!("`{route}` has no row here"));
    let without_route = rows.difference(deployed).map(|row| format!("`{row}` is not deployed"));
    without_row.chain(without_route).collect()
}

fn rows() -> BTreeSet<String> {
    ROUTES.iter().map(|row| row.route.to_owned()).collect()
}

fn deployed() -> BTreeSet<String> {
    Template::read().routes().iter().map(tests::Route::key).collect()
}

#[test]
fn every_route_has_a_row() {
    assert_eq!(missing(&deployed(), &rows()), Vec::<String>::new());
}

/// The control: a check that finds nothing proves nothing.
#[test]
fn a_missing_row_is_found() {
    let mut more = deployed();
    more.insert("POST /v1/secrets".to_owned());
    assert_eq!(missing(&more, &rows()), ["`POST /v1/secrets` has no row here"]);
    let mut fewer = deployed();
    fewer.remove("POST /v1/sync");
    assert_eq!(missing(&fewer, &rows()), ["`POST /v1/sync` is not deployed"]);
}

#[test]
fn the_template_opens_only_what_this_table_opens() {
    let template = Template::read();
    for route in template.routes() {
        let key = route.key();
        let row = ROUTES.iter().find(|row| row.route == key).expect("another test says so");
        assert_eq!(route.is_open, row.answers[0] != NO_TOKEN, "{key}");
    }
}

#[test]
fn every_action_has_a_row() {
    let lib = root().join("functions/socket-message/src/lib.rs");
    let lib = std::fs::read_to_string(lib).unwrap();
    let arms = lib.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"));
    let written: BTreeSet<_> = arms.map(|(action, _)| action.to_owned()).collect();
    assert!(
        written.contains("message.send"),
        "the actions are written in another way: {written:?}"
    );
    let rows = ACTIONS.iter().map(|(action, ..)| (*action).to_owned()).collect();
    assert_eq!(missing(&written, &rows), Vec::<String>::new());
}

#[tokio::test]
async fn each_of_the_four_gets_what_the_table_says() {
    let stack = Stack::start().await;
    let mut scene = Scene::new(&stack).await;
    let mut faults = Vec::new();
    scene.new_room().await;
    for Row { route, body, answers } in &ROUTES {
        let changes = route.contains("{room_id}") && !route.starts_with("GET");
        for (caller, expected) in answers.iter().enumerate() {
            if changes {
                scene.new_room().await;
            }
            let (method, path) = scene.path(route);
            let body = body.map(|body| body(&scene).to_string());
            let reply = scene.callers()[caller].request(method, &path, body, &[]).await;
            if answer(&reply) != *expected {
                let who = ["anonymous", "stranger", "member", "owner"][caller];
                faults.push(format!("{route} by {who}: {:?}, not {expected:?}", answer(&reply)));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn each_of_the_three_on_a_socket_gets_what_the_table_says() {
    let stack = Stack::start().await;
    let mut scene = Scene::new(&stack).await;
    let mut inboxes = Vec::new();
    for caller in &scene.callers()[1..] {
        inboxes.push(caller.connect().await);
    }
    let mut faults = Vec::new();
    for (action, data, answers) in ACTIONS {
        for (inbox, expected) in inboxes.iter_mut().zip(answers) {
            scene.new_room().await;
            let mut data = data(&scene);
            if action.contains('.') {
                data["room_id"] = json!(scene.room);
            }
            let frame = inbox.act(action, data).await;
            let found = frame["error"]["code"].as_str().or(frame["type"].as_str());
            if found != Some(expected) {
                faults.push(format!("{action}: {found:?}, not {expected}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
