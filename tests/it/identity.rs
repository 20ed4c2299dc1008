//! An outside issuer: whom it sends is a user like any other, and nobody else gets in by its name.

use auth::IssuerSettings;
use auth::issuer::testing::{Kind, TestIssuer, forgeries};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{IdentityProvider, Inbox, Person, Stack, eventually};

/// The flags of a stack that trusts this issuer.
pub(crate) fn parameters(issuer: &IssuerSettings) -> Vec<String> {
    let IssuerSettings { issuer, audience, keys, algorithm, staff_claim } = issuer;
    let parameters = [
        ("Issuer", issuer),
        ("Audience", audience),
        ("Keys", keys),
        ("Algorithm", algorithm),
        ("StaffClaim", staff_claim),
    ];
    let flags = parameters.map(|(name, value)| format!("--parameter=Identity{name}={value}"));
    flags.into_iter().collect()
}

async fn stack_beside(issuer: &IssuerSettings, more: &[&str], data: &TempDir) -> Stack {
    let parameters = parameters(issuer);
    let flags: Vec<_> = parameters.iter().map(String::as_str).chain(more.iter().copied()).collect();
    Stack::start_own_with(&flags, data.path()).await
}

#[expect(clippy::disallowed_methods, reason = "a token is of now")]
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Opens a socket with the token, as an app does that can set headers.
async fn open(stack: &Stack, token: &str) -> Result<Inbox, u16> {
    Inbox::open(&stack.ws, &[("authorization", &format!("Bearer {token}"))]).await
}

/// Whoever bears this token, who must be somebody.
async fn bearer(stack: &Stack, token: String) -> (Person, Value) {
    let mut person = stack.with_token(Some(token));
    let me = person.get("/v1/users/me").await.ok();
    person.id = me["id"].as_str().expect("a user has an id").to_owned();
    (person, me)
}

#[tokio::test]
async fn whom_the_issuer_sends_is_a_user_like_any_other() {
    let data = TempDir::new().unwrap();
    let issuer = TestIssuer::new(Kind::Rs256);
    let stack = stack_beside(&issuer.settings(), &[], &data).await;
    let ben = stack.person("ben").await;

    // The first thing that they ever do may be anything.
    let token = issuer.honest("subject-1", now());
    let first = stack.with_token(Some(token.clone()));
    let body = json!({ "type": "group", "name": "Lunch", "members": [ben.id] });
    let room = first.create_room(body).await.created();
    let room = room["id"].as_str().unwrap();
    let (ana, me) = bearer(&stack, token.clone()).await;
    assert_eq!((&me["username"], &me["name"]), (&json!("ana.garcia"), &json!("Ana García")));
    assert_eq!(me["is_staff"], false);
    let found = ben.get("/v1/users?q=garcia").await.ok();
    assert_eq!(found["data"], json!([me]));

    // Sockets open by the token, and by a ticket, and hear what the others say.
    let mut sockets = vec![open(&stack, &token).await.unwrap(), ana.connect().await];
    ben.send(room, "c-1", "hello").await.created();
    for socket in &mut sockets {
        socket.expect_event("message.created").await;
    }
    let said = ana.send(room, "c-1", "hi").await.created();
    assert_eq!(said["user"], json!({ "id": ana.id, "name": "Ana García" }));

    // Staff is who the issuer says, and somebody else of the same name is somebody else.
    let mut claims = issuer.claims("subject-2", now());
    claims["roles"] = json!(["moderator"]);
    let (mod_, me) = bearer(&stack, issuer.token(&issuer.header(), &claims)).await;
    assert_ne!(mod_.id, ana.id);
    assert_eq!(me["is_staff"], true);
    mod_.get("/v1/admin/users").await.ok();
    ana.get("/v1/admin/users").await.refused(403, "staff_only");
}

#[tokio::test]
async fn forged_tokens_open_neither_api() {
    let data = TempDir::new().unwrap();
    let issuer = TestIssuer::new(Kind::Es256);
    let stack = stack_beside(&issuer.settings(), &[], &data).await;
    let mut let_in = Vec::new();
    for (what, token) in forgeries(&issuer, now()) {
        let reply = stack.with_token(Some(token.clone())).get("/v1/users/me").await;
        if reply.status != 401 || reply.body["code"] != "unauthenticated" {
            let_in.push(format!("{what}: {} {}", reply.status, reply.body));
        }
        match open(&stack, &token).await {
            Err(401) => {}
            other => let_in.push(format!("{what}, on the socket: {:?}", other.err())),
        }
    }
    assert!(let_in.is_empty(), "{let_in:#?}");
    // The control: the same hands make a good one.
    let honest = issuer.honest("ana", now());
    stack.with_token(Some(honest.clone())).get("/v1/users/me").await.ok();
    open(&stack, &honest).await.unwrap().close().await;
}

#[tokio::test]
async fn a_real_identity_provider_signs_people_in() {
    let data = TempDir::new().unwrap();
    let mut provider = IdentityProvider::start();
    let settings = IssuerSettings {
        issuer: provider.issuer.clone(),
        audience: IdentityProvider::AUDIENCE.to_owned(),
        keys: format!("{}/jwks", provider.issuer),
        algorithm: "ES256".to_owned(),
        staff_claim: "roles=moderator".to_owned(),
    };
    // Each process keeps keys of its own, so that one of them is enough to count.
    let off = ["--concurrency=1", "--parameter=BuiltInAccounts=off"];
    let stack = stack_beside(&settings, &off, &data).await;

    let tokens = provider.sign_in("ana");
    let (ana, me) = bearer(&stack, tokens.access_token.clone()).await;
    assert_eq!((&me["username"], &me["name"]), (&json!("ana"), &json!("Ana García")));
    let mut inbox = ana.connect().await;
    inbox.ack("ping", json!({})).await;
    open(&stack, &tokens.access_token).await.unwrap().close().await;
    // The token by which the app knows who signed in is for the app.
    stack
        .with_token(Some(tokens.id_token))
        .get("/v1/users/me")
        .await
        .refused(401, "unauthenticated");
    assert_eq!(provider.asked(), 1);

    // Another key. It is asked for once, ten seconds after the last time, however many tokens name it.
    provider.rotate();
    let (_, me) = eventually("the new key is known", async || {
        let token = provider.sign_in("mod").access_token;
        let reply = stack.with_token(Some(token.clone())).get("/v1/users/me").await;
        (reply.status == 200).then(|| (token, reply.ok()))
    })
    .await;
    assert_eq!((&me["username"], &me["is_staff"]), (&json!("mod"), &json!(true)));
    assert_eq!(provider.asked(), 2);

    // Nobody who is known is kept out while the provider is away.
    provider.take_down();
    open(&stack, &tokens.access_token).await.unwrap().close().await;

    // There are no passwords here.
    let anonymous = stack.anonymous();
    let account = json!({ "username": "eve", "password": Person::PASSWORD, "name": "Eve" });
    anonymous.post("/v1/accounts", account).await.refused(403, "forbidden");
    let login = json!({ "username": "ana", "password": Person::PASSWORD });
    anonymous.post("/v1/accounts/login", login).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_connection_ends_with_the_token_that_opened_it_if_no_session_stands_behind() {
    let data = TempDir::new().unwrap();
    let issuer = TestIssuer::new(Kind::Es256);
    // Its own clock for sockets: see `tests/it/faults/sockets.rs`.
    let stack = stack_beside(&issuer.settings(), &["--control"], &data).await;
    let ends_at = now() + 900;
    let mut claims = issuer.claims("subject-1", now());
    claims["exp"] = json!(ends_at);
    let token = issuer.token(&issuer.header(), &claims);
    let mut inbox = open(&stack, &token).await.unwrap();
    let hello = inbox.ack("hello", json!({})).await;
    let stated: Timestamp = hello["expires_at"].as_str().unwrap().parse().unwrap();
    // Clocks differ a little, and half a minute is allowed for it.
    assert_eq!(stated.as_second(), ends_at + 30);
    // The control: the access token of a built-in account is as short, and its session is not.
    let mut other = stack.person("ben").await.connect().await;

    stack.control().advance(500).await;
    inbox.expect_nothing_before_pong().await;
    other.expect_nothing_before_pong().await;
    stack.control().advance(130).await;
    inbox.expect_last_call("token_expired").await;
    stack.control().advance(310).await;
    inbox.say(r#"{"action": "typing", "data": {"room_id": "any"}}"#).await;
    inbox.expect_bye("token_expired").await;
    other.expect_nothing_before_pong().await;
}
