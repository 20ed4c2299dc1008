//! What no client of ours would send, sent to the real functions: each is answered as the contract
//! says, and none breaks. So many cases, however long they take.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::{Inbox, Person, Reply, Stack};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// JSON of any shape in which fields have names that mean something here.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "action",
        "avatar_media_id",
        "client_id",
        "data",
        "id",
        "is_owner",
        "is_public",
        "limit",
        "media",
        "members",
        "muted",
        "name",
        "permissions",
        "reaction",
        "reply_to_seq",
        "room_id",
        "rooms",
        "scope",
        "seq",
        "text",
        "type",
        "typing",
        "user_id",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "(group|channel|mine|0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f)".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let key = prop_oneof![
            4 => prop::sample::select(names.to_vec()).prop_map(str::to_owned),
            1 => "\\PC{0,8}",
        ];
        let fields = prop::collection::vec((key, inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            fields.prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Whether it is done or refused, and never broken; the body of a refusal says why.
fn is_fine(reply: &Reply) -> bool {
    let code = reply.body["code"].as_str();
    match reply.status {
        200..=299 => true,
        // What no route has, the gateway answers by itself.
        404 if code.is_none() => reply.body["message"] == "Not Found",
        400..=499 => code.is_some() && reply.body["request_id"].is_string(),
        _ => false,
    }
}

struct Scene {
    runtime: Runtime,
    // Kept for what it looks at when it goes.
    _stack: Stack,
    ana: Person,
    room: String,
}

impl Scene {
    fn new() -> Self {
        let runtime = runtime();
        let (stack, ana, room) = runtime.block_on(async {
            let stack = Stack::start().await;
            let ana = stack.staff("ana").await;
            let room = ana.create_group("Lunch", &[]).await;
            ana.send(&room, "c-1", "hello").await.created();
            let reaction = json!({ "reaction": "👍" });
            let path = format!("/v1/rooms/{room}/messages/3/reactions");
            ana.post(&path, reaction).await.created();
            (stack, ana, room)
        });
        Self { runtime, _stack: stack, ana, room }
    }

    fn ask(&self, method: &Method, path: &str, body: Option<String>) -> Reply {
        self.runtime.block_on(self.ana.request(method.clone(), path, body, &[]))
    }
}

#[test]
fn whatever_is_sent_is_answered_and_never_breaks() {
    let scene = Scene::new();
    let room = format!("/v1/rooms/{}", scene.room);
    let routes = [
        (Method::POST, "/v1/accounts/login".to_owned()),
        (Method::POST, "/v1/accounts/refresh".to_owned()),
        (Method::PATCH, "/v1/users/me".to_owned()),
        (Method::POST, "/v1/rooms".to_owned()),
        (Method::PATCH, room.clone()),
        (Method::POST, format!("{room}/members")),
        (Method::PATCH, format!("{room}/members/me")),
        (Method::POST, format!("{room}/read")),
        (Method::POST, format!("{room}/messages")),
        (Method::PATCH, format!("{room}/messages/3")),
        (Method::POST, format!("{room}/messages/3/reactions")),
        (Method::POST, "/v1/media".to_owned()),
        (Method::POST, "/v1/sync".to_owned()),
        (Method::POST, "/v1/admin/users".to_owned()),
    ];
    let cut = prop_oneof![4 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)];
    let strategy = (prop::sample::select(routes.to_vec()), any_json(), cut);
    let tried = TestRunner::new(Config::with_cases(256)).run(&strategy, |(route, body, cut)| {
        let (method, path) = route;
        let mut body: Vec<_> = body.to_string().chars().collect();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len().max(1)));
        }
        let body: String = body.into_iter().collect();
        let reply = scene.ask(&method, &path, Some(body.clone()));
        prop_assert!(is_fine(&reply), "{method} {path} {body}: {reply:?}");
        Ok(())
    });
    tried.expect("every case is answered");
}

#[test]
fn whatever_is_sent_for_a_cursor_is_a_place_or_refused() {
    let scene = Scene::new();
    let lists = [
        "/v1/rooms?cursor=".to_owned(),
        "/v1/rooms?scope=public&cursor=".to_owned(),
        "/v1/rooms?scope=public&q=l&cursor=".to_owned(),
        "/v1/users?q=a&cursor=".to_owned(),
        "/v1/reactions?user=me&cursor=".to_owned(),
        "/v1/admin/rooms?cursor=".to_owned(),
        "/v1/admin/users?cursor=".to_owned(),
        "/v1/admin/users?q=a&cursor=".to_owned(),
        format!("/v1/rooms/{}/members?cursor=", scene.room),
        format!("/v1/rooms/{}/messages/3/reactions?cursor=", scene.room),
        format!("/v1/rooms/{}/messages?before_seq=", scene.room),
        format!("/v1/rooms/{}/messages?around_seq=", scene.room),
        format!("/v1/rooms/{}/messages?q=h&after_seq=", scene.room),
    ];
    let id = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
    // Base64 of any place, however long, what looks like each of them, and junk.
    let cursor = prop_oneof![
        "[A-Za-z0-9_-]{0,60}",
        "[A-Za-z0-9_-]{2000,2100}",
        (any::<i64>(), any::<u64>()).prop_map(move |(time, shown)| format!("{time}_{id}_{shown}")),
        (any::<i64>()).prop_map(move |time| format!("{time}_{id}")),
        (any::<u64>()).prop_map(move |shown| format!("{id}_{shown}")),
        any::<i64>().prop_map(|number| number.to_string()),
        Just(id.to_owned()),
        "(%[0-9A-F]{2}){0,8}",
    ];
    let strategy = (prop::sample::select(lists.to_vec()), cursor);
    let tried = TestRunner::new(Config::with_cases(384)).run(&strategy, |(list, cursor)| {
        let path = format!("{list}{cursor}");
        let reply = scene.ask(&Method::GET, &path, None);
        prop_assert!(is_fine(&reply), "{path}: {reply:?}");
        prop_assert!(matches!(reply.status, 200 | 400 | 404), "{path}: {reply:?}");
        Ok(())
    });
    tried.expect("every case is answered");
}

/// One answer for one frame: what it carries for an id comes back, so that none is missed.
async fn answer(inbox: &mut Inbox, frame: &str) -> Value {
    inbox.say(frame).await;
    inbox.next_answer().await
}

#[test]
fn whatever_is_said_on_a_socket_is_answered_and_it_stays_open() {
    let scene = Scene::new();
    let mut inbox = scene.runtime.block_on(scene.ana.connect());
    let actions = [
        "hello",
        "ping",
        "sync",
        "room.join",
        "room.leave",
        "room.read",
        "message.send",
        "message.edit",
        "message.delete",
        "reaction.add",
        "reaction.remove",
        "room.sing",
    ];
    let strategy = (prop::sample::select(actions.to_vec()), any_json(), any::<bool>());
    let room = scene.room.clone();
    let mut runner = TestRunner::new(Config::with_cases(192));
    let inbox_cell = std::cell::RefCell::new(&mut inbox);
    let tried = runner.run(&strategy, |(action, mut data, is_here)| {
        // Half of them of a room that there is, or little would be looked at.
        if is_here && let Some(fields) = data.as_object_mut() {
            fields.insert("room_id".to_owned(), json!(room));
        }
        let frame = json!({ "action": action, "id": "f", "data": data }).to_string();
        let answer = scene.runtime.block_on(answer(&mut inbox_cell.borrow_mut(), &frame));
        prop_assert_eq!(&answer["id"], "f");
        let code = answer["error"]["code"].as_str();
        let is_broken = matches!(code, Some("internal" | "unavailable"));
        prop_assert!(
            answer["type"] == "ack" || (code.is_some() && !is_broken),
            "{frame}: {answer}"
        );
        Ok(())
    });
    tried.expect("every case is answered");
    scene.runtime.block_on(inbox.ack("ping", json!({})));
}

/// The control: what is broken is not taken for an answer.
#[test]
fn a_fault_is_no_answer() {
    let runtime = runtime();
    runtime.block_on(async {
        let stack = Stack::start_faulty().await;
        let ana = stack.person("ana").await;
        let room = ana.create_group("Lunch", &[]).await;
        let fault = json!({ "containing": room, "fault": { "refuse": "InternalServerError" } });
        let fault = stack.control().fault(fault).await;
        let broken = ana.send(&room, "c-1", "hello").await;
        fault.heal().await;
        assert!(!is_fine(&broken), "{broken:?}");
        assert!(is_fine(&ana.send(&room, "c-1", "hello").await));
    });
}
