use auth::SignedIn;

use super::*;

const SECRET: &str = "a secret of the tests, 64 characters long as the deployed one is";
const ARN: &str = "arn:aws:execute-api:us-east-1:111122223333:w3k8m1z6vb/live/$connect";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::new(1_800_000_000 + second, 0).unwrap()
}

pub(super) async fn app(origins: &str) -> (App, SignedIn) {
    let identity = Identity::with_secret(storage::testing::store().await, SECRET);
    let ana = identity.sign_up("ana", "correct horse", "Ana", at(0)).await.unwrap();
    (App { identity, allowed_origins: origin_list(origins) }, ana)
}

pub(super) fn http(authorization: &str) -> Value {
    json!({
        "version": "2.0", "type": "REQUEST", "routeArn": "arn", "identitySource": [authorization],
        "headers": { "accept": "*/*", "authorization": authorization },
    })
}

/// A handshake with these headers and this ticket.
pub(super) fn handshake(headers: &[(&str, &str)], ticket: Option<&str>) -> Value {
    let mut event = json!({
        "type": "REQUEST", "methodArn": ARN, "headers": { "Connection": "upgrade" },
        "queryStringParameters": ticket.map(|ticket| json!({ "ticket": ticket })),
    });
    for (name, value) in headers {
        event["headers"][*name] = json!(value);
    }
    event
}

pub(super) async fn ticket(app: &App, ana: &SignedIn, origin: Option<&str>) -> String {
    let claims = app.identity.authenticate(&ana.access_token, at(0)).await.unwrap();
    let origin = origin.map(str::to_owned);
    app.identity.issue_ticket(claims, origin, at(0)).await.unwrap().ticket
}

fn effect(answer: &Value) -> &str {
    answer["policyDocument"]["Statement"][0]["Effect"].as_str().unwrap()
}

#[tokio::test]
async fn the_http_api_learns_who_it_is() {
    let (app, ana) = app("").await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let event = http(&format!("{scheme} {}", ana.access_token));
        let answer = answer_at(&app, &event, at(1)).await.unwrap();
        let context = &answer["context"];
        let session_id = context["session_id"].as_str().unwrap();
        let expected = json!({
            "isAuthorized": true,
            "context": {
                "user_id": ana.user.id.to_string(), "username": "ana", "name": "Ana",
                "is_staff": false, "session_id": session_id,
                "expires_at": at(900).as_second(),
            },
        });
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn the_http_api_lets_bad_tokens_through_as_nobody() {
    let (app, ana) = app("").await;
    let good = format!("Bearer {}", ana.access_token);
    let unsigned = &good[..good.rfind('.').unwrap() + 1];
    for (event, now, reason) in [
        (http(&good), 900, "expired"),
        (http(&ana.access_token), 1, "invalid"),
        (http(&format!("Basic {}", ana.access_token)), 1, "invalid"),
        (http(&format!("Bearer {}", ana.refresh_token)), 1, "invalid"),
        (http(unsigned), 1, "invalid"),
        (http("Bearer "), 1, "invalid"),
        (http(""), 1, "invalid"),
        (json!({ "routeArn": "arn" }), 1, "invalid"),
        (json!({ "headers": { "authorization": 5 } }), 1, "invalid"),
        (json!(null), 1, "invalid"),
    ] {
        let answer = answer_at(&app, &event, at(now)).await.unwrap();
        let expected = json!({ "isAuthorized": true, "context": { "refused": reason } });
        assert_eq!(answer, expected, "{event}");
    }
}

#[tokio::test]
async fn a_socket_is_opened_with_a_header_or_a_ticket() {
    let (app, ana) = app("").await;
    let bearer = format!("Bearer {}", ana.access_token);
    let ticket = ticket(&app, &ana, None).await;
    for event in [
        handshake(&[("Authorization", &bearer)], None),
        handshake(&[("authorization", &bearer)], None),
        handshake(&[("AUTHORIZATION", &bearer)], Some("stale")),
        handshake(&[], Some(&ticket)),
    ] {
        let answer = answer_at(&app, &event, at(1)).await.unwrap();
        let statement = &answer["policyDocument"]["Statement"][0];
        assert_eq!(
            statement,
            &json!({ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN })
        );
        assert_eq!(answer["principalId"], ana.user.id.to_string());
        assert_eq!(answer["context"]["user_id"], ana.user.id.to_string());
        assert_eq!(answer["context"]["expires_at"], at(900).as_second());
        // The gateway takes no other kinds of value here.
        let mut values = answer["context"].as_object().unwrap().values();
        assert!(values.all(|value| value.is_string() || value.is_number() || value.is_boolean()));
    }
}

#[tokio::test]
async fn a_socket_without_a_good_credential_is_unauthorized() {
    let (app, ana) = app("*").await;
    let bearer = format!("Bearer {}", ana.access_token);
    let used = ticket(&app, &ana, None).await;
    answer_at(&app, &handshake(&[], Some(&used)), at(1)).await.unwrap();
    let late = ticket(&app, &ana, None).await;
    for (event, now) in [
        (handshake(&[], None), 1),
        (handshake(&[], Some("")), 1),
        (handshake(&[], Some("x")), 1),
        (handshake(&[], Some(&used)), 1),
        (handshake(&[], Some(&late)), 30),
        (handshake(&[], Some(&ana.access_token)), 1),
        (handshake(&[("Authorization", &bearer)], None), 900),
        (handshake(&[("Authorization", "Bearer x")], None), 1),
        (handshake(&[("Cookie", &bearer)], None), 1),
    ] {
        let failure = answer_at(&app, &event, at(now)).await.err().unwrap();
        assert_eq!(failure.to_string(), "Unauthorized", "{event}");
    }
}

#[tokio::test]
async fn a_web_page_opens_sockets_only_where_it_is_welcome() {
    const HOME: &str = "https://home.example";
    // Allowed origins, the page that asked for the ticket, the page that opens the socket.
    for (allowed, minted, origin, expected) in [
        ("", None, None, "Allow"),
        ("", None, Some(HOME), "Deny"),
        ("", Some(HOME), Some(HOME), "Allow"),
        ("", Some(HOME), Some("https://evil.example"), "Deny"),
        ("", Some(HOME), Some("http://home.example"), "Deny"),
        ("", Some(HOME), Some("https://home.example.evil.example"), "Deny"),
        ("", Some("null"), Some("null"), "Deny"),
        ("https://a.example, https://home.example/", None, Some(HOME), "Allow"),
        ("https://a.example", None, Some("https://A.example"), "Allow"),
        ("https://a.example", None, Some("https://sub.a.example"), "Deny"),
        ("https://a.example", None, Some(""), "Deny"),
        ("*", None, Some("https://evil.example"), "Allow"),
        (",", None, Some(HOME), "Deny"),
    ] {
        let (app, ana) = app(allowed).await;
        let ticket = ticket(&app, &ana, minted).await;
        let headers: Vec<_> = origin.map(|origin| ("Origin", origin)).into_iter().collect();
        let event = handshake(&headers, Some(&ticket));
        let answer = answer_at(&app, &event, at(1)).await.unwrap();
        let case = format!("{allowed:?} {minted:?} {origin:?}");
        assert_eq!(effect(&answer), expected, "{case}");
        assert_eq!(answer.get("context").is_some(), expected == "Allow", "{case}");
    }
}
