use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::routing::{get, post};
use domain::Refusal;
use protocol::AddMembers;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

fn limited() -> Limited {
    Limited {
        class: domain::RateClass::Send,
        rate: "60/10".parse().unwrap(),
        retry_after: std::time::Duration::from_millis(1_200),
    }
}
use crate::{Json, Limit, MAX_BODY_BYTES, Query, RoomMemberPath, RoomPath, RoomSeqPath, testing};

const ROOM: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    after_seq: Option<u64>,
    #[serde(default)]
    q: Option<String>,
}

pub(super) fn router() -> Router {
    Router::new()
        .route("/rooms", post(async |Json(body): Json<AddMembers>| Json(body.members.len())))
        .route(
            "/rooms",
            get(async |Query(filter): Query<Filter>| {
                Json(json!([filter.limit.get(), filter.after_seq, filter.q]))
            }),
        )
        .route("/rooms/{room_id}", get(async |RoomPath(room): RoomPath| room.to_string()))
        .route(
            "/rooms/{room_id}/messages/{seq}",
            get(async |RoomSeqPath(_, seq): RoomSeqPath| seq.to_string()),
        )
        .route(
            "/rooms/{room_id}/members/{user_id}",
            get(async |RoomMemberPath(_, member): RoomMemberPath| format!("{member:?}")),
        )
        .route("/made", post(async || crate::created("/v1/made/1".to_owned(), json!({"id": 1}))))
        .route(
            "/broken",
            get(async || ApiError::from(auth::Error::Unavailable("the cause".into()))),
        )
        .route("/cached", get(async || ([("cache-control", "max-age=60")], "x")))
        .route("/limited", get(async || ApiError::from(chat::Error::from(limited()))))
        .route(
            "/name",
            get(async || {
                ApiError::from(Refusal::Invalid {
                    pointer: "/name",
                    reason: "must be short".into(),
                })
            }),
        )
}

async fn ask(method: &str, uri: &str) -> testing::Answer {
    testing::send(&router(), testing::request(method, uri, None, None)).await
}

async fn post_raw(content_type: Option<&str>, body: impl Into<Body>) -> testing::Answer {
    let mut request = testing::request("POST", "/rooms", None, None);
    request.headers_mut().remove(CONTENT_TYPE);
    if let Some(content_type) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
    }
    *request.body_mut() = body.into();
    testing::send(&router(), request).await
}

#[tokio::test]
async fn a_problem_is_whole() {
    let answer = ask("GET", "/name").await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-request-id"], "r-1");
    assert_eq!(
        answer.body,
        json!({
            "type": "about:blank", "title": "Invalid request", "status": 400,
            "detail": "`/name` must be short.", "code": "invalid_request", "retryable": false,
            "request_id": "r-1", "errors": [{ "pointer": "/name", "code": "invalid_request" }],
        })
    );
}

#[tokio::test]
async fn an_unknown_path_or_method_is_not_found() {
    for (method, uri) in [("GET", "/nowhere"), ("DELETE", "/rooms"), ("GET", "/")] {
        let answer = ask(method, uri).await;
        assert_eq!(answer.refusal(), (404, "not_found"), "{method} {uri}");
    }
}

#[tokio::test]
async fn a_limit_says_when_to_come_back() {
    let answer = ask("GET", "/limited").await;
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    assert_eq!(answer.headers["retry-after"], "2");
    assert_eq!(answer.body["retry_after_ms"], 1_200);
}

#[tokio::test]
async fn an_answer_is_not_cached_unless_it_says_so() {
    let made = testing::send(&router(), testing::request("POST", "/made", None, None)).await;
    assert_eq!((made.status.as_u16(), &made.body), (201, &json!({ "id": 1 })));
    assert_eq!(made.headers["location"], "/v1/made/1");
    assert_eq!(made.headers["cache-control"], "no-store");
    assert_eq!(ask("GET", "/cached").await.headers["cache-control"], "max-age=60");
}

#[tokio::test]
async fn a_body_is_json_or_refused() {
    let good = r#"{"members":["a"]}"#;
    let padding = |bytes: usize| format!("{}{good}", " ".repeat(bytes - good.len()));
    let json = Some("application/json");
    let (invalid, unknown) = ((400, "invalid_request"), (400, "unknown_field"));
    type Row<'a> = (Option<&'a str>, String, (u16, &'a str), Option<&'a str>);
    let table: [Row<'_>; 14] = [
        (json, good.into(), (200, ""), None),
        (Some("Application/JSON; charset=utf-8"), good.into(), (200, ""), None),
        (json, padding(MAX_BODY_BYTES), (200, ""), None),
        (json, padding(MAX_BODY_BYTES + 1), invalid, None),
        (None, good.into(), invalid, None),
        (Some("text/plain"), good.into(), invalid, None),
        (Some("application/x-www-form-urlencoded"), good.into(), invalid, None),
        (json, String::new(), invalid, None),
        (json, "{".into(), invalid, None),
        (json, format!("{good}{good}"), invalid, None),
        (json, "{}".into(), invalid, Some("/members")),
        (json, r#"{"members":"a"}"#.into(), invalid, Some("/members")),
        (json, r#"{"members":[{"user_id":7}]}"#.into(), invalid, Some("/members/0/user_id")),
        (
            json,
            r#"{"members":[{"user_id":"a","permissions":{"x/y":true}}]}"#.into(),
            unknown,
            Some("/members/0/permissions/x~1y"),
        ),
    ];
    for (content_type, body, expected, pointer) in table {
        let start: String = body.trim().chars().take(60).collect();
        let answer = post_raw(content_type, body).await;
        assert_eq!(answer.refusal(), expected, "{content_type:?} {start}");
        assert_eq!(answer.body["errors"][0]["pointer"].as_str(), pointer, "{start}");
    }
}

#[tokio::test]
async fn a_query_string_is_checked_as_bodies_are() {
    type Refused<'a> = (&'a str, Option<&'a str>);
    let table: [(&str, Result<Value, Refused<'_>>); 13] = [
        ("", Ok(json!([50, null, null]))),
        ("?limit=1", Ok(json!([1, null, null]))),
        ("?limit=200&q=a%20b+c", Ok(json!([200, null, "a b c"]))),
        ("?after_seq=0", Ok(json!([50, 0, null]))),
        ("?limit=0", Err(("invalid_request", Some("/limit")))),
        ("?limit=201", Err(("invalid_request", Some("/limit")))),
        ("?limit=-1", Err(("invalid_request", Some("/limit")))),
        ("?limit=", Err(("invalid_request", Some("/limit")))),
        ("?limit=many", Err(("invalid_request", Some("/limit")))),
        ("?after_seq=x", Err(("invalid_request", Some("/after_seq")))),
        ("?q=a&q=b", Err(("invalid_request", None))),
        ("?before=1", Err(("unknown_field", Some("/before")))),
        ("?after_seq=1&Limit=1", Err(("unknown_field", Some("/Limit")))),
    ];
    for (query, expected) in table {
        let answer = ask("GET", &format!("/rooms{query}")).await;
        match expected {
            Ok(value) => assert_eq!(answer.body, value, "{query}"),
            Err((code, pointer)) => {
                assert_eq!(answer.refusal(), (400, code), "{query}");
                assert_eq!(answer.body["errors"][0]["pointer"].as_str(), pointer, "{query}");
            }
        }
    }
    assert_eq!(
        ask("GET", "/rooms?limit=201").await.body["detail"],
        "Expected a number from 1 to 200."
    );
}

#[tokio::test]
async fn what_nothing_could_be_called_is_not_found() {
    let table = [
        (format!("/rooms/{ROOM}"), (200, "")),
        (format!("/rooms/{ROOM}/messages/1"), (200, "")),
        (format!("/rooms/{ROOM}/members/me"), (200, "")),
        (format!("/rooms/{ROOM}/members/{ROOM}"), (200, "")),
        ("/rooms/lobby".into(), (404, "room_not_found")),
        ("/rooms/%ff".into(), (404, "room_not_found")),
        (format!("/rooms/{}", ROOM.to_uppercase()), (404, "room_not_found")),
        ("/rooms/lobby/messages/x".into(), (404, "room_not_found")),
        (format!("/rooms/{ROOM}/messages/0"), (404, "message_not_found")),
        (format!("/rooms/{ROOM}/messages/01"), (404, "message_not_found")),
        (format!("/rooms/{ROOM}/messages/+1"), (404, "message_not_found")),
        (format!("/rooms/{ROOM}/messages/99999999999999999999"), (404, "message_not_found")),
        (format!("/rooms/{ROOM}/members/ana"), (404, "member_not_found")),
        (format!("/rooms/{ROOM}/members/Me"), (404, "member_not_found")),
    ];
    for (uri, expected) in table {
        assert_eq!(ask("GET", &uri).await.refusal(), expected, "{uri}");
    }
}

#[tokio::test]
async fn an_event_of_the_gateway_becomes_a_request() {
    use tower::ServiceExt as _;

    let event = json!({
        "version": "2.0", "routeKey": "POST /rooms", "rawPath": "/rooms", "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "api.example" },
        "requestContext": {
            "http": { "method": "POST", "path": "/rooms" }, "requestId": "Zq81LhVUoAMEcxQ=",
            "routeKey": "POST /rooms", "stage": "$default", "timeEpoch": 0,
            "authorizer": { "lambda": { "refused": "expired" } },
        },
        // {"members":["a","b"]}
        "body": "eyJtZW1iZXJzIjpbImEiLCJiIl19", "isBase64Encoded": true,
    });
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    assert!(matches!(
        crate::Caller::from_request_parts(&mut request_parts(&event), &()).await,
        Err(ApiError::Unauthenticated("The access token has expired."))
    ));
    let answer = app(router()).oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "Zq81LhVUoAMEcxQ=");
    let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
    assert_eq!(body, "2");
}

fn request_parts(event: &Value) -> http::request::Parts {
    lambda_http::request::from_str(&event.to_string()).unwrap().into_parts().0
}

/// What is logged while a request is answered.
#[derive(Clone, Default)]
struct Written(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_the_route_and_nothing_that_a_user_wrote() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let context = json!({ "user_id": ROOM });
    let mut request = testing::request(
        "GET",
        &format!("/rooms/{ROOM}/members/SECRET-PATH?q=SECRET-QUERY"),
        Some(&context),
        Some(&json!("SECRET-BODY")),
    );
    request.headers_mut().insert("authorization", "Bearer SECRET-TOKEN".parse().unwrap());
    // For all threads: a subscriber of this one alone may find that another thread, which has
    // none, came first and switched the lines off. So other tests write here too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let answer = testing::send(&router(), request).await;
    let broken = testing::request("GET", "/broken", None, None);
    let failure = testing::send(&router(), broken).await;

    assert_eq!(answer.refusal(), (404, "member_not_found"));
    assert_eq!(failure.refusal(), (503, "unavailable"));
    assert!(!failure.body.to_string().contains("the cause"));
    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/rooms/{room_id}/members/{user_id}"), "{log}");
    assert!(log.matches("answered").count() >= 2, "{log}");
    assert_eq!(log.matches("the cause").count(), 1, "{log}");
    assert!(!log.contains("SECRET") && !log.contains(ROOM), "{log}");
}
