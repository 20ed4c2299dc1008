use bucket::Bucket;
use push::{Push, QueueUrls};
use rest::testing::{Answer, context, request, send};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "a secret of the tests, 64 characters long as the deployed one is";

struct Deployed {
    app: App,
    router: Router,
}

impl Deployed {
    async fn with(change: impl Fn(Identity) -> Identity) -> Self {
        let store = storage::testing::store().await;
        let sdk = storage::testing::sdk;
        // Nobody is connected and nothing is uploaded, so neither is ever asked.
        let nowhere = "http://127.0.0.1:1/live";
        let push = Push::new(&sdk(nowhere), nowhere, QueueUrls::default(), store.clone());
        let bucket = Bucket::new(&sdk(nowhere), "media");
        let settings = chat::Settings::default();
        let app = App {
            identity: Arc::new(change(Identity::with_secret(store.clone(), SECRET))),
            chat: chat::App::new(store, bucket, push, settings),
            socket_url: "wss://socket.example/live".into(),
        };
        Self { router: router(app.clone()), app }
    }

    async fn new() -> Self {
        Self::with(|identity| identity).await
    }

    /// A call without a token.
    async fn post(&self, uri: &str, body: Value) -> Answer {
        send(&self.router, request("POST", uri, None, Some(&body))).await
    }

    /// A call by `ana`, as the authorizer knows her.
    async fn as_ana(&self, ana: &Value, method: &str, uri: &str, body: Option<Value>) -> Answer {
        let id = ana["user"]["id"].as_str().unwrap().parse().unwrap();
        let context = context(id, "ana", false);
        send(&self.router, request(method, uri, Some(&context), body.as_ref())).await
    }

    async fn ana(&self) -> Value {
        let answer = self.post("/v1/accounts", ana()).await;
        assert_eq!(answer.status, 201);
        assert_eq!(answer.headers["location"], "/v1/users/me");
        answer.body
    }
}

fn ana() -> Value {
    json!({ "username": "ana", "password": "correct horse", "name": "Ana" })
}

#[tokio::test]
async fn an_account_is_made_signed_in_and_signed_out() {
    let deployed = Deployed::new().await;
    let session = deployed.ana().await;
    assert_eq!(session["user"]["username"], "ana");
    assert_eq!(session["expires_in"], 900);
    assert_eq!(deployed.post("/v1/accounts", ana()).await.refusal(), (409, "username_taken"));

    let login = json!({ "username": "ana", "password": "correct horse" });
    let login = deployed.post("/v1/accounts/login", login).await;
    assert_eq!((login.status.as_u16(), &login.body["user"]), (200, &session["user"]));
    assert_eq!(login.headers["cache-control"], "no-store");

    let token = json!({ "refresh_token": login.body["refresh_token"] });
    let refreshed = deployed.post("/v1/accounts/refresh", token.clone()).await;
    assert_eq!(refreshed.status, 200);
    let again = deployed.post("/v1/accounts/refresh", token.clone()).await;
    assert_eq!(again.body["refresh_token"], refreshed.body["refresh_token"]);
    let newer = json!({ "refresh_token": refreshed.body["refresh_token"] });
    assert_eq!(deployed.post("/v1/accounts/refresh", newer).await.status, 200);
    let replay = deployed.post("/v1/accounts/refresh", token).await;
    assert_eq!(replay.refusal(), (401, "unauthenticated"));

    let token = json!({ "refresh_token": session["refresh_token"] });
    for _ in 0..2 {
        let logout = deployed.post("/v1/accounts/logout", token.clone()).await;
        assert_eq!((logout.status.as_u16(), logout.body), (204, Value::Null));
    }
    let ended = deployed.post("/v1/accounts/refresh", token).await;
    assert_eq!(ended.refusal(), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_wrong_username_and_a_wrong_password_get_the_same_answer() {
    let deployed = Deployed::new().await;
    deployed.ana().await;
    let login = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        deployed.post("/v1/accounts/login", body).await
    };
    let wrong_password = login("ana", "wrong horse").await;
    assert_eq!(wrong_password.refusal(), (401, "unauthenticated"));
    for (username, password) in [("ben", "correct horse"), ("BEN", "correct horse"), ("ana", "x")] {
        assert_eq!(login(username, password).await.body, wrong_password.body);
    }
}

#[tokio::test]
async fn a_bad_account_is_refused_at_its_field() {
    let deployed = Deployed::new().await;
    let with = |name: &str, value: Value| {
        let mut body = ana();
        body[name] = value;
        body
    };
    for (body, code, pointer) in [
        (with("username", json!("Ana")), "invalid_request", "/username"),
        (with("username", json!(5)), "invalid_request", "/username"),
        (with("password", json!("short")), "invalid_request", "/password"),
        (with("name", json!("")), "invalid_request", "/name"),
        (with("is_staff", json!(true)), "unknown_field", "/is_staff"),
        (json!({}), "invalid_request", "/username"),
    ] {
        let answer = deployed.post("/v1/accounts", body.clone()).await;
        assert_eq!(answer.refusal(), (400, code), "{body}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{body}");
        assert!(!answer.body.to_string().contains("correct horse"));
    }
}

#[tokio::test]
async fn one_reads_and_changes_oneself() {
    let deployed = Deployed::new().await;
    let ana = deployed.ana().await;
    let me = deployed.as_ana(&ana, "GET", "/v1/users/me", None).await;
    assert_eq!(me.body, ana["user"]);
    let change = json!({ "name": "Zoë", "avatar_media_id": null });
    let changed = deployed.as_ana(&ana, "PATCH", "/v1/users/me", Some(change)).await;
    assert_eq!((changed.status.as_u16(), &changed.body["name"]), (200, &json!("Zoë")));
    let me = deployed.as_ana(&ana, "GET", "/v1/users/me", None).await;
    assert_eq!(me.body, changed.body);
    for (change, expected) in [
        (json!({ "name": "" }), (400, "invalid_request")),
        (json!({ "is_staff": true }), (400, "unknown_field")),
        (json!({ "avatar_media_id": "x" }), (404, "media_not_found")),
    ] {
        let answer = deployed.as_ana(&ana, "PATCH", "/v1/users/me", Some(change)).await;
        assert_eq!(answer.refusal(), expected);
    }
}

#[tokio::test]
async fn users_are_found_and_listed() {
    let deployed = Deployed::new().await;
    let ana = deployed.ana().await;
    let id = ana["user"]["id"].as_str().unwrap();
    let page = json!({ "data": [ana["user"]], "page": { "next": null } });
    let nobody = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
    for query in ["?q=an".to_owned(), format!("?ids={id}"), format!("?ids={nobody},{id},{id}")] {
        let answer = deployed.as_ana(&ana, "GET", &format!("/v1/users{query}"), None).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &page), "{query}");
    }
    let many = vec![nobody; 101].join(",");
    for (query, code, pointer) in [
        (String::new(), "invalid_request", "/q"),
        ("?q=".to_owned(), "invalid_request", "/q"),
        (format!("?q=a&ids={id}"), "invalid_request", "/q"),
        ("?ids=".to_owned(), "invalid_request", "/ids"),
        ("?ids=ana".to_owned(), "invalid_request", "/ids"),
        (format!("?ids={many}"), "invalid_request", "/ids"),
        ("?q=a&limit=201".to_owned(), "invalid_request", "/limit"),
        ("?name=a".to_owned(), "unknown_field", "/name"),
    ] {
        let answer = deployed.as_ana(&ana, "GET", &format!("/v1/users{query}"), None).await;
        assert_eq!(answer.refusal(), (400, code), "{query}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{query}");
    }
}

#[tokio::test]
async fn what_is_switched_off_is_forbidden() {
    let deployed = Deployed::with(Identity::switched_off).await;
    assert_eq!(deployed.post("/v1/accounts", ana()).await.refusal(), (403, "forbidden"));
    let somebody = json!({ "user": { "id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f" } });
    let search = deployed.as_ana(&somebody, "GET", "/v1/users?q=a", None).await;
    assert_eq!(search.refusal(), (403, "forbidden"));
    let gone = deployed.as_ana(&somebody, "GET", "/v1/users/me", None).await;
    assert_eq!(gone.refusal(), (404, "user_not_found"));
}

#[tokio::test]
async fn a_ticket_opens_one_socket_for_the_page_that_asked() {
    let deployed = Deployed::new().await;
    let ana = deployed.ana().await;
    let id = ana["user"]["id"].as_str().unwrap().parse().unwrap();
    // A token from when she was staff.
    let mut asked =
        request("POST", "/v1/connections/tickets", Some(&context(id, "ana", true)), None);
    asked.headers_mut().insert("origin", "https://chat.example".parse().unwrap());
    asked.headers_mut().remove("content-type"); // There is no body.
    let answer = send(&deployed.router, asked).await;
    assert_eq!((answer.status.as_u16(), &answer.body["expires_in"]), (201, &json!(30)));
    let ticket = answer.body["ticket"].as_str().unwrap();
    assert_eq!(answer.body["url"], format!("wss://socket.example/live?ticket={ticket}"));

    let redeemed = deployed.app.identity.redeem_ticket(ticket, rest::now()).await.unwrap();
    assert_eq!((redeemed.claims.user_id, redeemed.claims.is_staff), (id, false));
    assert_eq!(redeemed.origin.as_deref(), Some("https://chat.example"));
    assert!(deployed.app.identity.redeem_ticket(ticket, rest::now()).await.is_err());
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_so() {
    let deployed = Deployed::new().await;
    for (method, uri) in [
        ("GET", "/v1/users/me"),
        ("PATCH", "/v1/users/me"),
        ("GET", "/v1/users?q=a"),
        ("POST", "/v1/connections/tickets"),
    ] {
        for context in [None, Some(json!({ "refused": "expired" }))] {
            let asked = request(method, uri, context.as_ref(), Some(&json!({})));
            let answer = send(&deployed.router, asked).await;
            assert_eq!(answer.refusal(), (401, "unauthenticated"), "{method} {uri}");
        }
    }
}
