//! Whatever event the gateway hands over, it is answered, and a refusal is a problem; nothing panics.

use http::StatusCode;
use lambda_http::request::LambdaRequest;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::tests::router;
use super::*;

fn event() -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /rooms", "rawPath": "/rooms", "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "api.example" },
        "cookies": ["a=b"], "queryStringParameters": { "limit": "1" },
        "pathParameters": { "room_id": "lobby" }, "stageVariables": {},
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "api.example", "domainPrefix": "api",
            "http": {
                "method": "POST", "path": "/rooms", "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "curl",
            },
            "requestId": "r-1", "routeKey": "POST /rooms", "stage": "$default",
            "time": "31/Jan/2026:09:30:00 +0000", "timeEpoch": 0,
            "authorizer": { "lambda": { "user_id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f" } },
        },
        "body": "{\"members\":[\"a\",\"b\"]}", "isBase64Encoded": false,
    })
}

const GATEWAY: [&str; 6] = [
    "/rawPath",
    "/requestContext",
    "/requestContext/domainName",
    "/requestContext/http",
    "/requestContext/http/path",
    "/requestContext/stage",
];

/// Every place in a document, the deepest first.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    for (key, item) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        places(item, &at, found);
        found.push(at);
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "(GET|POST|PATCH|DELETE|PUT)".prop_map(Value::from),
        "(limit|after_seq|q|%ff|\\PC{0,4})=\\PC{0,8}".prop_map(Value::from),
        "\\{\"members\":[\\[\\]\\{\\}\",:a-z0-9.e-]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("\\PC{0,8}", inner), 0..4)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// What became of an event: none if it is no request at all.
async fn answer(event: &Value) -> Option<(StatusCode, Value)> {
    let event: LambdaRequest = serde_json::from_str(&event.to_string()).ok()?;
    let request = http::Request::from(crate::event::fit(event));
    let answer = app(router()).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    Some((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn is_well_formed(status: StatusCode, body: &Value) -> bool {
    let is_problem = body["status"] == status.as_u16()
        && body["code"].is_string()
        && body["detail"].is_string()
        && body["request_id"].is_string();
    status.is_success() || (is_problem && status != StatusCode::INTERNAL_SERVER_ERROR)
}

#[test]
fn a_body_that_is_not_encoded_as_its_event_says_is_taken_as_it_stands() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut event = event();
    event["isBase64Encoded"] = true.into();
    for body in ["{\"members\":[\"a\",\"b\"]}", "eyJtZW1iZXJzIjpbImEiLCJiIl19"] {
        event["body"] = body.into();
        assert_eq!(runtime.block_on(answer(&event)), Some((StatusCode::OK, json!(2))), "{body}");
    }
}

#[test]
fn any_event_is_answered_and_a_refusal_is_a_problem() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // The controls: the event is good, and what is no problem is not taken for one.
    assert_eq!(runtime.block_on(answer(&event())), Some((StatusCode::OK, json!(2))));
    assert!(!is_well_formed(StatusCode::BAD_REQUEST, &json!("no")));
    let mut found = Vec::new();
    places(&event(), "", &mut found);
    // Where it is, and that a path begins with a stroke, nobody but the gateway says.
    found.retain(|place| !GATEWAY.contains(&place.as_str()));
    let change = || (any::<Index>(), value());
    let path = "/(rooms|limited|\\PC{0,4})(/|\\?|#|%|\\PC{0,8}){0,4}";
    let strategy = (prop::collection::vec(change(), 1..3), prop::option::of(path));
    let tried = TestRunner::new(Config::with_cases(1_024)).run(&strategy, |(changes, path)| {
        let mut event = event();
        if let Some(path) = path {
            event["rawPath"] = path.into();
        }
        for (place, value) in changes {
            if let Some(changed) = event.pointer_mut(place.get::<String>(&found)) {
                *changed = value;
            }
        }
        if let Some((status, body)) = runtime.block_on(answer(&event)) {
            prop_assert!(is_well_formed(status, &body), "{event}: {status} {body}");
        }
        Ok(())
    });
    tried.unwrap();
}
