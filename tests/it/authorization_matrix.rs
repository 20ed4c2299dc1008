//! Guard: who may call what. Every route of the template and every action of the socket has a row
//! here, and a row says exactly what each of eight callers gets in a private channel. What a socket
//! answers is read from the row of the route that does the same, so the two cannot differ.
//!
//! A test fails on a route or action without a row: add one. The tables only ever grow with what is
//! deployed. Rooms of other types, public ones and those for staff have their own tables in `domain`.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Person, Reply, Stack, Template, root};

/// Who calls, in the order of the answers. The muted member and the member only read; the writer
/// may write as well; staff are in no way members of the channel.
const CALLERS: [&str; 8] = [
    "anonymous",
    "stranger",
    "former member",
    "muted member",
    "member",
    "writer",
    "owner",
    "staff",
];

/// Makes what is sent along.
type Body = fn(&Scene) -> Value;

/// A route, what is sent along, and what each of [`CALLERS`] gets: a status, followed by the code of
/// a refusal. Alone, 401 is the gateway's own, without a code; 403 is `forbidden`, and 404
/// `room_not_found`.
///
/// `{seq}` is a message of the owner, `{user_id}` another reader.
type Row = (&'static str, Option<Body>, &'static str);

#[rustfmt::skip]
const ROUTES: [Row; 45] = [
    //  anonymous, stranger, former member, muted member, member, writer, owner, staff
    ("GET /",                                      None,              "200 200 200 200 200 200 200 200"),
    ("GET /health",                                None,              "200 200 200 200 200 200 200 200"),
    ("GET /{path+}",                               None,              "200 200 200 200 200 200 200 200"),
    ("POST /v1/accounts",                          Some(account),     "201 201 201 201 201 201 201 201"),
    ("POST /v1/accounts/logout",                   Some(dead_token),  "204 204 204 204 204 204 204 204"),
    ("POST /v1/accounts/login",                    Some(wrong_password), NOBODY),
    ("POST /v1/accounts/refresh",                  Some(dead_token),  NOBODY),
    ("GET /v1/users",                              None,              "401 200 200 200 200 200 200 200"),
    ("GET /v1/users/me",                           None,              "401 200 200 200 200 200 200 200"),
    ("PATCH /v1/users/me",                         Some(nothing),     "401 200 200 200 200 200 200 200"),
    ("POST /v1/users/me/password",                 Some(a_password),  GUESSED),
    ("POST /v1/connections/tickets",               None,              "401 201 201 201 201 201 201 201"),
    ("GET /v1/limits",                             None,              "401 200 200 200 200 200 200 200"),
    ("GET /v1/rooms",                              None,              "401 200 200 200 200 200 200 200"),
    ("POST /v1/rooms",                             Some(group),       "401 201 201 201 201 201 201 201"),
    ("GET /v1/reactions",                          None,              "401 200 200 200 200 200 200 200"),
    ("POST /v1/sync",                              Some(nothing),     "401 200 200 200 200 200 200 200"),

    ("POST /v1/media",                             Some(media),       "401 201 201 201 201 201 201 201"),
    ("GET /v1/media/{media_id}",                   None,              OF_THE_OWNER),

    ("GET /v1/rooms/{room_id}",                    None,              "401 404 404 200 200 200 200 200"),
    ("PATCH /v1/rooms/{room_id}",                  Some(name),        "401 404 404 403 403 403 200 403"),
    ("DELETE /v1/rooms/{room_id}",                 None,              "401 404 404 403 403 403 204 204"),
    ("POST /v1/rooms/{room_id}/join",              None,              "401 404 404 200 200 200 200 403"),
    ("POST /v1/rooms/{room_id}/leave",             None,              "401 404 404 204 204 204 409:last_owner 403"),
    ("POST /v1/rooms/{room_id}/read",              Some(seq),         "401 404 404 200 200 200 200 403"),
    ("GET /v1/rooms/{room_id}/presence",           None,              "401 404 404 200 200 200 200 403"),

    ("GET /v1/rooms/{room_id}/members",            None,              "401 404 404 200 200 200 200 200"),
    ("POST /v1/rooms/{room_id}/members",           Some(members),     "401 404 404 200 200 200 200 403"),
    ("GET /v1/rooms/{room_id}/members/{user_id}",  None,              "401 404 404 200 200 200 200 200"),
    ("PATCH /v1/rooms/{room_id}/members/{user_id}", Some(owner),      "401 404 404 403 403 403 200 403"),
    ("DELETE /v1/rooms/{room_id}/members/{user_id}", None,            "401 404 404 403 403 403 204 204"),

    ("GET /v1/rooms/{room_id}/messages",           None,              "401 404 404 200 200 200 200 200"),
    ("POST /v1/rooms/{room_id}/messages",          Some(message),     "401 404 404 403 403 201 201 403"),
    ("GET /v1/rooms/{room_id}/messages/{seq}",     None,              "401 404 404 200 200 200 200 200"),
    ("PATCH /v1/rooms/{room_id}/messages/{seq}",   Some(text),        "401 404 404 403 403 403 200 403"),
    ("DELETE /v1/rooms/{room_id}/messages/{seq}",  None,              "401 404 404 403 403 403 204 204"),

    ("GET /v1/rooms/{room_id}/messages/{seq}/reactions",  None,       "401 404 404 200 200 200 200 200"),
    ("POST /v1/rooms/{room_id}/messages/{seq}/reactions", Some(reaction), "401 404 404 201 201 201 201 403"),
    // The other reader has not reacted, and it would not be for anybody else to take it back.
    ("GET /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}", None, NO_REACTION),
    ("DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}", None,
                                                                      "401 404 404 403 403 403 403 403"),
    ("DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/me/{reaction}", None,
                                                                      "401 404 404 204 204 204 204 403"),

    ("GET /v1/admin/rooms",                        None,              FOR_STAFF),
    ("GET /v1/admin/users",                        None,              FOR_STAFF),
    ("POST /v1/admin/users",                       Some(account),     MADE_BY_STAFF),
    ("PATCH /v1/admin/users/{user_id}",            Some(no_staff),    FOR_STAFF),
];

/// Whoever is signed in, and guesses.
const GUESSED: &str = "401 403:wrong_password 403:wrong_password 403:wrong_password \
                       403:wrong_password 403:wrong_password 403:wrong_password 403:wrong_password";

const NOBODY: &str = "401:unauthenticated 401:unauthenticated 401:unauthenticated \
    401:unauthenticated 401:unauthenticated 401:unauthenticated 401:unauthenticated \
    401:unauthenticated";
const NO_REACTION: &str =
    "401 404 404 404:not_found 404:not_found 404:not_found 404:not_found 404:not_found";
/// Media that nobody has used yet; what happens then is told in `media`.
const OF_THE_OWNER: &str = "401 404:media_not_found 404:media_not_found 404:media_not_found \
    404:media_not_found 404:media_not_found 200 404:media_not_found";
const FOR_STAFF: &str = "401 403:staff_only 403:staff_only 403:staff_only 403:staff_only \
    403:staff_only 403:staff_only 200";
const MADE_BY_STAFF: &str = "401 403:staff_only 403:staff_only 403:staff_only 403:staff_only \
    403:staff_only 403:staff_only 201";

/// Every action, and the route that does the same. Without a token nobody gets as far as a socket.
#[rustfmt::skip]
const ACTIONS: [(&str, Body, Option<&str>); 12] = [
    ("hello",           nothing,     None),
    ("ping",            nothing,     None),
    ("sync",            nothing,     Some("POST /v1/sync")),
    ("room.join",       nothing,     Some("POST /v1/rooms/{room_id}/join")),
    ("room.leave",      nothing,     Some("POST /v1/rooms/{room_id}/leave")),
    ("room.read",       seq,         Some("POST /v1/rooms/{room_id}/read")),
    ("message.send",    message,     Some("POST /v1/rooms/{room_id}/messages")),
    ("message.edit",    text_of,     Some("PATCH /v1/rooms/{room_id}/messages/{seq}")),
    ("message.delete",  seq,         Some("DELETE /v1/rooms/{room_id}/messages/{seq}")),
    ("reaction.add",    reaction_to, Some("POST /v1/rooms/{room_id}/messages/{seq}/reactions")),
    ("reaction.remove", reaction_to, Some("DELETE /v1/rooms/{room_id}/messages/{seq}/reactions/me/{reaction}")),
    // Who may write may tell that they are about to.
    ("typing",          nothing,     Some("POST /v1/rooms/{room_id}/messages")),
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
    json!({ "username": scene.other.username, "password": "wrong horse" })
}

fn dead_token(_: &Scene) -> Value {
    json!({ "refresh_token": "nonsense" })
}

fn a_password(_: &Scene) -> Value {
    json!({ "current_password": "not that one", "new_password": "another horse" })
}

fn group(_: &Scene) -> Value {
    json!({ "type": "group" })
}

fn name(_: &Scene) -> Value {
    json!({ "name": "Old news" })
}

fn seq(scene: &Scene) -> Value {
    json!({ "seq": scene.seq })
}

fn members(scene: &Scene) -> Value {
    json!({ "members": [scene.other.id] })
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

fn no_staff(_: &Scene) -> Value {
    json!({ "is_staff": false })
}

/// A status, and the code of the refusal.
type Answer = (u16, String);

/// What the row says that each caller gets.
fn answers(row: &str) -> [Answer; 8] {
    let answers: Vec<_> = row.split_whitespace().map(expected).collect();
    answers.try_into().unwrap_or_else(|_| panic!("not one answer for each caller: {row}"))
}

fn expected(text: &str) -> Answer {
    let (status, code) = text.split_once(':').unwrap_or((text, ""));
    let status = status.parse().expect("an answer begins with a status");
    let code = match (status, code) {
        (403, "") => "forbidden",
        (404, "") => "room_not_found",
        (_, code) => code,
    };
    (status, code.to_owned())
}

/// The eight who call, and a channel that is made anew after each call that changed it.
struct Scene {
    callers: [Person; 8],
    other: Person,
    room: String,
    seq: u64,
    /// The owner's own.
    media: String,
}

impl Scene {
    async fn new(stack: &Stack) -> Self {
        let names = ["stranger", "former", "muted", "member", "writer", "owner", "other"];
        let [stranger, former, muted, member, writer, owner, other] = stack.people(names).await;
        let staff = stack.staff("staff").await;
        let media = owner.post("/v1/media", a_file()).await.created();
        let media = media["id"].as_str().expect("media have an id").to_owned();
        let callers = [stack.anonymous(), stranger, former, muted, member, writer, owner, staff];
        let mut scene = Self { callers, other, room: String::new(), seq: 0, media };
        scene.new_room().await;
        scene
    }

    async fn new_room(&mut self) {
        let [_, _, former, muted, member, writer, owner, _] = &self.callers;
        let may_write = json!({ "can_create_messages": true });
        let body = json!({ "type": "channel", "name": "News", "members": [
            former.id, muted.id, member.id, self.other.id,
            { "user_id": writer.id, "permissions": may_write },
        ]});
        let room = owner.create_room(body).await.created();
        self.room = room["id"].as_str().expect("a room has an id").to_owned();
        let path = format!("/v1/rooms/{}", self.room);
        former.post(&format!("{path}/leave"), json!({})).await.no_content();
        muted.patch(&format!("{path}/members/me"), json!({ "muted": true })).await.ok();
        self.seq = owner.send_all(&self.room, &["hello"]).await[0];
    }

    fn path(&self, route: &str) -> (Method, String) {
        let (method, path) = route.split_once(' ').expect("a route is a method and a path");
        let path = path
            .replace("{room_id}", &self.room)
            .replace("{user_id}", &self.other.id)
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

fn answer(reply: &Reply) -> Answer {
    let code = reply.body["code"].as_str().unwrap_or_default();
    (reply.status, code.to_owned())
}

/// The route as it is deployed: to name oneself is to name a user.
fn deployed_as(route: &str) -> String {
    route.replace("/me/{reaction}", "/{user_id}/{reaction}")
}

/// What is deployed and has no row, and the rows of what is not.
fn missing(deployed: &BTreeSet<String>, rows: &BTreeSet<String>) -> Vec<String> {
    let without_row = deployed.difference(rows).map(|one| format!("`{one}` has no row here"));
    let without_route = rows.difference(deployed).map(|row| format!("`{row}` is not deployed"));
    without_row.chain(without_route).collect()
}

fn routes() -> BTreeSet<String> {
    ROUTES.iter().map(|(route, ..)| deployed_as(route)).collect()
}

fn actions() -> BTreeSet<String> {
    ACTIONS.iter().map(|(action, ..)| (*action).to_owned()).collect()
}

fn deployed_routes() -> BTreeSet<String> {
    Template::read().routes().iter().map(tests::Route::key).collect()
}

/// The arms of the dispatcher, and the names that it gives to actions.
fn deployed_actions() -> BTreeSet<String> {
    let lib = root().join("functions/socket-message/src/lib.rs");
    let lib = std::fs::read_to_string(lib).expect("the dispatcher is there");
    let arm = |line: &str| Some(line.strip_prefix('"')?.split_once("\" =>")?.0.to_owned());
    let name = |line: &str| {
        let value = line.strip_prefix("const ")?.split_once(": &str = \"")?.1;
        Some(value.strip_suffix("\";")?.to_owned())
    };
    let lines = lib.lines().map(str::trim);
    lines.filter_map(|line| arm(line).or_else(|| name(line))).collect()
}

#[test]
fn everything_that_is_deployed_has_a_row() {
    assert_eq!(missing(&deployed_routes(), &routes()), Vec::<String>::new());
    assert_eq!(missing(&deployed_actions(), &actions()), Vec::<String>::new());
}

/// The control: a check that finds nothing proves nothing.
#[test]
fn a_missing_row_is_found() {
    let mut more = deployed_routes();
    more.insert("POST /v1/secrets".to_owned());
    assert_eq!(missing(&more, &routes()), ["`POST /v1/secrets` has no row here"]);
    let mut fewer = deployed_routes();
    fewer.remove("POST /v1/sync");
    assert_eq!(missing(&fewer, &routes()), ["`POST /v1/sync` is not deployed"]);
    let mut more = deployed_actions();
    more.insert("room.burn".to_owned());
    assert_eq!(missing(&more, &actions()), ["`room.burn` has no row here"]);
}

#[test]
fn the_template_opens_only_what_this_table_opens() {
    for route in Template::read().routes() {
        let key = route.key();
        let row = ROUTES.iter().find(|(row, ..)| *row == key).expect("another test says so");
        // The gateway refuses whoever brings no token before any function is asked.
        assert_eq!(route.is_open, answers(row.2)[0] != (401, String::new()), "{key}");
    }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let stack = Stack::start().await;
    let mut scene = Scene::new(&stack).await;
    let mut faults = Vec::new();
    for (route, body, row) in &ROUTES {
        let is_change = route.contains("{room_id}") && !route.starts_with("GET");
        for (caller, expected) in answers(row).into_iter().enumerate() {
            let (method, path) = scene.path(route);
            let body = body.map(|body| body(&scene).to_string());
            let reply = scene.callers[caller].request(method, &path, body, &[]).await;
            if answer(&reply) != expected {
                let found = answer(&reply);
                faults.push(format!("{route} by {}: {found:?}, not {expected:?}", CALLERS[caller]));
            }
            if is_change && reply.status < 300 {
                scene.new_room().await;
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn everybody_gets_the_same_on_a_socket() {
    let stack = Stack::start().await;
    let mut scene = Scene::new(&stack).await;
    let mut inboxes = Vec::new();
    for caller in &scene.callers[1..] {
        inboxes.push(caller.connect().await);
    }
    let mut faults = Vec::new();
    for (action, data, route) in ACTIONS {
        let row = ROUTES.iter().find(|(row, ..)| Some(*row) == route);
        assert_eq!(row.is_some(), route.is_some(), "{action} does what no row tells of");
        let row = row.map_or("401 200 200 200 200 200 200 200", |(.., row)| *row);
        for (caller, (status, code)) in answers(row).into_iter().enumerate().skip(1) {
            let mut data = data(&scene);
            if action.contains('.') || action == "typing" {
                data["room_id"] = json!(scene.room);
            }
            let inbox = &mut inboxes[caller - 1];
            let frame = if action == "typing" && status < 300 {
                // It has no ack: that of a ping comes next.
                inbox.say(&json!({ "action": action, "id": "t", "data": data }).to_string()).await;
                inbox.act("ping", json!({})).await
            } else {
                inbox.act(action, data).await
            };
            let found = frame["error"]["code"].as_str().or(frame["type"].as_str());
            let expected = if status < 300 { "ack" } else { &code };
            if found != Some(expected) {
                faults.push(format!("{action} by {}: {found:?}, not {expected}", CALLERS[caller]));
            }
            if action.contains('.') && status < 300 {
                scene.new_room().await;
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
