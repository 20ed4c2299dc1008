//! Every kind of bad input on every kind of route: the exact refusal, and nothing changed.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Person, Stack};

use crate::forge;

/// A room with a message in it, and what there is to be seen of it by Ana, who is staff.
struct Scene {
    stack: Stack,
    ana: Person,
    ben: Person,
    room: String,
}

impl Scene {
    async fn new() -> Self {
        let stack = Stack::start().await;
        let [ana, ben] = [stack.staff("ana").await, stack.person("ben").await];
        let room = ana.create_group("Lunch", &[&ben]).await;
        ana.send(&room, "c-1", "hello").await.created();
        Self { stack, ana, ben, room }
    }

    /// Everything that a request could have changed.
    async fn seen(&self) -> [Value; 6] {
        let path = format!("/v1/rooms/{}", self.room);
        [
            self.ana.room(&self.room).await,
            self.ana.get(&format!("{path}/members")).await.ok(),
            self.ana.messages(&self.room, "").await.ok(),
            self.ana.get("/v1/rooms").await.ok(),
            // Herself, and whoever's username begins with hers.
            self.ana.get(&format!("/v1/users?q={}", self.ana.username)).await.ok(),
            self.ana.get(&format!("/v1/users?ids={}", self.ben.id)).await.ok(),
        ]
    }

    fn new_user(&self) -> Value {
        let username = format!("{}.bo", self.ana.username);
        json!({ "username": username, "password": Person::PASSWORD, "name": "Bo" })
    }

    /// Every route that takes a body, with a good one; each would change something.
    fn writes(&self) -> Vec<(Method, String, Value)> {
        let path = format!("/v1/rooms/{}", self.room);
        vec![
            (Method::PATCH, "/v1/users/me".to_owned(), json!({ "name": "Anita" })),
            (
                Method::POST,
                "/v1/users/me/password".to_owned(),
                json!({ "current_password": Person::PASSWORD, "new_password": "another horse" }),
            ),
            (Method::POST, "/v1/rooms".to_owned(), json!({ "type": "group", "name": "Dinner" })),
            (Method::PATCH, path.clone(), json!({ "name": "Dinner" })),
            (Method::POST, format!("{path}/read"), json!({ "seq": 3 })),
            (Method::POST, format!("{path}/members"), json!({ "members": [self.ana.id] })),
            (Method::PATCH, format!("{path}/members/me"), json!({ "muted": true })),
            (
                Method::POST,
                format!("{path}/messages"),
                json!({ "client_id": "c-2", "text": "hello" }),
            ),
            (Method::PATCH, format!("{path}/messages/3"), json!({ "text": "goodbye" })),
            (Method::POST, "/v1/sync".to_owned(), json!({ "rooms": {} })),
            (Method::POST, "/v1/admin/users".to_owned(), self.new_user()),
            (
                Method::PATCH,
                format!("/v1/admin/users/{}", self.ben.id),
                json!({ "is_staff": true }),
            ),
        ]
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_everywhere() {
    let scene = Scene::new().await;
    let before = scene.seen().await;
    for (method, path, good) in scene.writes() {
        let good = good.to_string();
        let mut cut = good.clone();
        cut.pop();
        for body in [
            String::new(),
            "hello".to_owned(),
            "{".to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
            "\"text\"".to_owned(),
            "7".to_owned(),
            "\u{feff}{}".to_owned(),
            format!("{good} x"),
            format!("{good}{good}"),
            format!("{good},"),
            cut,
            "{\"a\":\u{0}}".to_owned(),
        ] {
            let reply = scene.ana.request(method.clone(), &path, Some(body.clone()), &[]).await;
            let refusal = reply.refused(400, "invalid_request");
            assert_eq!(refusal.get("errors"), None, "{method} {path} {body}: {refusal}");
        }
    }
    assert_eq!(scene.seen().await, before);
}

#[tokio::test]
async fn another_content_type_is_refused_everywhere() {
    let scene = Scene::new().await;
    let before = scene.seen().await;
    for (method, path, good) in scene.writes() {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "", "json"] {
            let headers = [("content-type", content_type)];
            let body = Some(good.to_string());
            let reply = scene.ana.request(method.clone(), &path, body, &headers).await;
            reply.refused(400, "invalid_request");
        }
    }
    assert_eq!(scene.seen().await, before);
    // The control: with a parameter and in capitals it is JSON all the same.
    let headers = [("content-type", "Application/JSON; charset=utf-8")];
    let body = Some(json!({ "name": "Anita" }).to_string());
    scene.ana.request(Method::PATCH, "/v1/users/me", body, &headers).await.ok();
}

#[tokio::test]
async fn an_unknown_field_is_pointed_at_everywhere() {
    let scene = Scene::new().await;
    let before = scene.seen().await;
    for (method, path, mut body) in scene.writes() {
        body["no/such~field"] = json!(1);
        let reply = scene.ana.request(method, &path, Some(body.to_string()), &[]).await;
        reply.refused_at(400, "unknown_field", "/no~1such~0field");
    }
    let members = format!("/v1/rooms/{}/members", scene.room);
    let nested = json!({ "members": [scene.ana.id, { "user_id": scene.ana.id, "role": "x" }] });
    scene.ana.post(&members, nested).await.refused_at(400, "unknown_field", "/members/1/role");
    assert_eq!(scene.seen().await, before);
}

#[tokio::test]
async fn a_wrong_or_missing_value_is_pointed_at() {
    let scene = Scene::new().await;
    let before = scene.seen().await;
    let path = format!("/v1/rooms/{}", scene.room);
    let (rooms, messages) = ("/v1/rooms".to_owned(), format!("{path}/messages"));
    let (members, read) = (format!("{path}/members"), format!("{path}/read"));
    let users = "/v1/admin/users".to_owned();
    let bens = format!("{users}/{}", scene.ben.id);
    let password = "/v1/users/me/password".to_owned();
    let passwords = |new| json!({ "current_password": Person::PASSWORD, "new_password": new });
    let with = |field: &str, value: Value| {
        let mut user = scene.new_user();
        user[field] = value;
        user
    };
    for (method, path, body, pointer) in [
        (Method::POST, &rooms, json!({}), "/type"),
        (Method::POST, &rooms, json!({ "type": "club" }), "/type"),
        (Method::POST, &rooms, json!({ "type": "group", "is_public": "yes" }), "/is_public"),
        (Method::POST, &rooms, json!({ "type": "group", "is_public": null }), "/is_public"),
        (Method::POST, &rooms, json!({ "type": "group", "members": "ana" }), "/members"),
        (Method::POST, &rooms, json!({ "type": "group", "members": [7] }), "/members/0"),
        (Method::PATCH, &path, json!({ "name": 7 }), "/name"),
        (Method::PATCH, &path, json!({ "name": "x".repeat(101) }), "/name"),
        (Method::POST, &read, json!({}), "/seq"),
        (Method::POST, &read, json!({ "seq": -1 }), "/seq"),
        (Method::POST, &read, json!({ "seq": 1.5 }), "/seq"),
        (Method::POST, &read, json!({ "seq": "1" }), "/seq"),
        (Method::POST, &members, json!({}), "/members"),
        (
            Method::POST,
            &members,
            json!({ "members": [{ "permissions": {} }] }),
            "/members/0/user_id",
        ),
        (Method::POST, &messages, json!({ "text": "x" }), "/client_id"),
        (Method::POST, &messages, json!({ "client_id": 7, "text": "x" }), "/client_id"),
        (Method::POST, &messages, json!({ "client_id": "c-2", "text": ["x"] }), "/text"),
        (Method::PATCH, &format!("{messages}/3"), json!({}), "/text"),
        (Method::PATCH, &format!("{messages}/3"), json!({ "text": null }), "/text"),
        (Method::PATCH, &format!("{members}/me"), json!({ "muted": 1 }), "/muted"),
        (Method::PATCH, &bens, json!({ "is_staff": "yes" }), "/is_staff"),
        (Method::POST, &password, json!({ "new_password": "another horse" }), "/current_password"),
        (Method::POST, &password, passwords(json!(7)), "/new_password"),
        (Method::POST, &password, passwords(json!("1234567")), "/new_password"),
        (Method::POST, &password, passwords(json!("x".repeat(129))), "/new_password"),
        (Method::POST, &users, json!({ "username": "bo", "password": "x" }), "/name"),
        (Method::POST, &users, with("username", json!("Bo")), "/username"),
        (Method::POST, &users, with("password", json!("1234567")), "/password"),
        (Method::POST, &users, with("name", json!(" ")), "/name"),
        (Method::POST, &users, with("is_staff", json!(1)), "/is_staff"),
    ] {
        let reply = scene.ana.request(method, path, Some(body.to_string()), &[]).await;
        reply.refused_at(400, "invalid_request", pointer);
    }
    // What was sent never comes back.
    let secret = json!({ "type": "SENT-AND-NOT-TOLD" });
    let refusal = scene.ana.post("/v1/rooms", secret).await.refused(400, "invalid_request");
    assert!(!refusal.to_string().contains("SENT-AND-NOT-TOLD"), "{refusal}");
    let nobody = json!({ "members": ["ana"] });
    scene.ana.post(&members, nobody).await.refused(404, "user_not_found");
    assert_eq!(scene.seen().await, before);
}

#[tokio::test]
async fn without_a_good_token_nothing_is_done_anywhere() {
    let scene = Scene::new().await;
    let before = scene.seen().await;
    let token = scene.ana.token.clone().unwrap();
    let [header, claims, signature] = forge::parts(&token);
    let expired = forge::claims(&claims, |claims| claims["exp"] = json!(1));
    let expired = forge::signed(&header, &expired, &forge::secret_of(&scene.stack));
    let none = forge::encode(&json!({ "alg": "none" }));
    let forged = forge::claims(&claims, |claims| claims["exp"] = json!(u32::MAX));
    let bad = [
        "garbage".to_owned(),
        expired,
        format!("{none}.{claims}."),
        format!("{header}.{forged}.{signature}"),
    ];
    for (method, path, body) in scene.writes() {
        let send =
            async |by: Person| by.request(method.clone(), &path, Some(body.to_string()), &[]).await;
        let reply = send(scene.stack.anonymous()).await;
        assert_eq!((reply.status, reply.body), (401, json!({ "message": "Unauthorized" })));
        for token in &bad {
            send(scene.stack.with_token(Some(token.clone()))).await.refused(401, "unauthenticated");
        }
    }
    assert_eq!(scene.seen().await, before);
}

#[tokio::test]
async fn another_persons_room_is_not_there() {
    let scene = Scene::new().await;
    let cai = scene.stack.person("cai").await;
    let before = scene.seen().await;
    let in_room = |path: &str| path.starts_with("/v1/rooms/");
    for (method, path, body) in scene.writes().into_iter().filter(|(_, path, _)| in_room(path)) {
        let reply = cai.request(method, &path, Some(body.to_string()), &[]).await;
        reply.refused(404, "room_not_found");
    }
    let path = format!("/v1/rooms/{}", scene.room);
    for path in ["", "/members", "/members/me", "/messages", "/messages/3"] {
        cai.get(&format!("/v1/rooms/{}{path}", scene.room)).await.refused(404, "room_not_found");
    }
    for path in ["", "/members/me", "/messages/3"] {
        let path = format!("/v1/rooms/{}{path}", scene.room);
        cai.delete(&path).await.refused(404, "room_not_found");
    }
    cai.delete(&format!("{path}/members/{}", scene.ana.id)).await.refused(404, "room_not_found");
    assert_eq!(scene.seen().await, before);
}

#[tokio::test]
async fn what_cannot_name_a_room_names_none() {
    let scene = Scene::new().await;
    let upper = scene.room.to_uppercase();
    let bare = scene.room.replace('-', "");
    let braced = format!("%7B{}%7D", scene.room);
    for room in ["lobby", "0", "-", &upper, &bare, &braced] {
        let path = format!("/v1/rooms/{room}");
        scene.ana.get(&path).await.refused(404, "room_not_found");
        scene.ana.delete(&path).await.refused(404, "room_not_found");
        let messages = format!("{path}/messages");
        let body = json!({ "client_id": "c-2", "text": "hello" });
        scene.ana.post(&messages, body).await.refused(404, "room_not_found");
    }
    // What is no text, or another path once it is decoded, finds nothing either.
    for room in ["%00", "%FF", "..%2F", "..", "%2E%2E"] {
        let reply = scene.ana.get(&format!("/v1/rooms/{room}/messages")).await;
        assert_eq!(reply.status, 404, "{room}: {reply:?}");
    }
}

#[tokio::test]
async fn a_path_that_is_none_is_not_found() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    ana.get("/v1/nothing").await.refused(404, "not_found");
    ana.get("/v1").await.refused(404, "not_found");
    // Where no function takes the method, the gateway itself answers.
    for (method, path) in
        [(Method::PUT, "/v1/rooms"), (Method::DELETE, "/v1/rooms"), (Method::POST, "/v1/users/me")]
    {
        let reply = ana.request(method, path, None, &[]).await;
        assert_eq!((reply.status, reply.body), (404, json!({ "message": "Not Found" })));
    }
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let scene = Scene::new().await;
    let path = format!("/v1/rooms/{}/messages", scene.room);
    let body = json!({ "client_id": "c-2", "text": "x".repeat(300 * 1024) });
    scene.ana.post(&path, body).await.refused(400, "invalid_request");
    // Depth is as good as size.
    let deep = "[".repeat(100_000);
    let reply = scene.ana.request(Method::POST, &path, Some(deep), &[]).await;
    reply.refused(400, "invalid_request");
    assert_eq!(scene.ana.room(&scene.room).await["message_count"], 1);
}
