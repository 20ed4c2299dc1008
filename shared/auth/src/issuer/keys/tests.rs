use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::issuer::testing::{Kind, TestIssuer};

/// Where keys are published; it counts who asks.
#[derive(Clone, Default)]
struct Publisher {
    answer: Arc<std::sync::Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
}

#[derive(Clone)]
enum Answer {
    Keys(Value, &'static str),
    Text(StatusCode, String),
    Elsewhere(String),
}

impl Default for Answer {
    fn default() -> Self {
        Self::Text(StatusCode::SERVICE_UNAVAILABLE, String::new())
    }
}

impl Publisher {
    async fn start() -> (Self, Keys) {
        let publisher = Self::default();
        let router = Router::new().route("/keys", get(answer)).with_state(publisher.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (publisher, Keys::published(Algorithm::EdDSA, Fetch::new(&url).unwrap()))
    }

    fn publish(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn answer(State(publisher): State<Publisher>) -> Response {
    publisher.asked.fetch_add(1, Ordering::SeqCst);
    let answer = publisher.answer.lock().unwrap().clone();
    match answer {
        Answer::Keys(keys, cache) => ([("cache-control", cache)], keys.to_string()).into_response(),
        Answer::Text(status, text) => (status, text).into_response(),
        Answer::Elsewhere(url) => (StatusCode::FOUND, [("location", url)]).into_response(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn keys_named(names: &[&str]) -> Value {
    let key = |name: &&str| {
        let mut issuer = TestIssuer::new(Kind::EdDsa);
        issuer.key_id = (*name).to_owned();
        issuer.public_key()
    };
    json!({ "keys": names.iter().map(key).collect::<Vec<_>>() })
}

fn is_unknown(found: &Result<DecodingKey, Error>) -> bool {
    matches!(found, Err(Error::Unauthenticated(Unauthenticated::InvalidToken)))
}

fn is_unavailable(found: &Result<DecodingKey, Error>) -> bool {
    matches!(found, Err(Error::Unavailable(_)))
}

#[tokio::test]
async fn keys_are_kept_and_an_unknown_one_asked_for_every_ten_seconds_at_most() {
    let (publisher, keys) = Publisher::start().await;
    publisher.publish(Answer::Keys(keys_named(&["one"]), "max-age=600"));
    for second in 0..9 {
        assert!(keys.find(Some("one"), at(second)).await.is_ok());
        assert!(is_unknown(&keys.find(Some("two"), at(second)).await));
    }
    assert_eq!(publisher.asked(), 1);

    // The issuer signs by a new key: it is good as soon as it may be asked for.
    publisher.publish(Answer::Keys(keys_named(&["one", "two"]), "max-age=600"));
    assert!(is_unknown(&keys.find(Some("two"), at(9)).await));
    assert!(keys.find(Some("two"), at(10)).await.is_ok());
    assert_eq!(publisher.asked(), 2);
    for made_up in ["../../etc/passwd", "https://evil.example/jwks", "three"] {
        assert!(is_unknown(&keys.find(Some(made_up), at(20)).await));
    }
    assert_eq!(publisher.asked(), 3);
    // Many at once are one question.
    let find = || keys.find(Some("four"), at(30));
    let _ = tokio::join!(find(), find(), find());
    assert_eq!(publisher.asked(), 4);
}

#[tokio::test]
async fn what_is_known_holds_through_an_outage_and_no_longer() {
    let (publisher, keys) = Publisher::start().await;
    // Nothing is known yet: it cannot be told who it is, and the issuer is not asked at every token.
    assert!(is_unavailable(&keys.find(Some("one"), at(0)).await));
    assert!(is_unavailable(&keys.find(Some("one"), at(9)).await));
    assert_eq!(publisher.asked(), 1);
    publisher.publish(Answer::Keys(keys_named(&["one"]), "max-age=60"));
    assert!(keys.find(Some("one"), at(10)).await.is_ok());

    publisher.publish(Answer::default());
    for second in [70, 71, 80, 10_000] {
        assert!(keys.find(Some("one"), at(second)).await.is_ok());
    }
    assert_eq!(publisher.asked(), 5);
    assert!(is_unavailable(&keys.find(Some("two"), at(10_001)).await));

    // It is back, and has taken the key away.
    publisher.publish(Answer::Keys(keys_named(&["two"]), "max-age=60"));
    assert!(is_unknown(&keys.find(Some("one"), at(10_010)).await));
    assert!(keys.find(Some("two"), at(10_010)).await.is_ok());
}

#[tokio::test]
async fn keys_are_fresh_as_long_as_their_publisher_says_within_bounds() {
    for (cache, until) in
        [("max-age=0", 60), ("max-age=600", 600), ("max-age=999999999", 3_600), ("no-store", 300)]
    {
        let (publisher, keys) = Publisher::start().await;
        publisher.publish(Answer::Keys(keys_named(&["one"]), cache));
        for (second, asked) in [(0, 1), (until - 1, 1), (until, 2)] {
            assert!(keys.find(Some("one"), at(second)).await.is_ok());
            assert_eq!(publisher.asked(), asked, "{cache} at {second}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_no_set_of_keys_changes_nothing() {
    let (publisher, keys) = Publisher::start().await;
    let (evil, other) = Publisher::start().await;
    evil.publish(Answer::Keys(keys_named(&["evil"]), ""));
    let Keys::Published { fetch, .. } = &other else { panic!("it is published") };
    publisher.publish(Answer::Keys(keys_named(&["one"]), "max-age=60"));
    assert!(keys.find(Some("one"), at(0)).await.is_ok());
    let large = format!("{}{}", keys_named(&["evil"]), " ".repeat(64 * 1_024));
    for (index, answer) in [
        Answer::Elsewhere(fetch.url().to_owned()),
        Answer::Text(StatusCode::OK, large),
        Answer::Text(StatusCode::OK, "<html>".to_owned()),
        Answer::Text(StatusCode::OK, json!({ "keys": [] }).to_string()),
        Answer::Text(StatusCode::NOT_FOUND, keys_named(&["evil"]).to_string()),
    ]
    .into_iter()
    .enumerate()
    {
        publisher.publish(answer);
        let now = at(60 + 10 * i64::try_from(index).unwrap());
        assert!(keys.find(Some("one"), now).await.is_ok(), "{index}");
        assert!(is_unavailable(&keys.find(Some("evil"), now).await), "{index}");
        assert_eq!(publisher.asked(), 2 + index);
    }
    assert_eq!(evil.asked(), 0, "a redirection was followed");
}

#[test]
fn only_keys_for_the_algorithm_are_taken() {
    let key = |change: fn(&mut Value)| {
        let mut key = TestIssuer::new(Kind::Es256).public_key();
        change(&mut key);
        let set = json!({ "keys": [{ "kty": "from another world" }, 5, key] });
        KeySet::parse(set.to_string().as_bytes(), Algorithm::ES256).is_ok()
    };
    let drop_fields = |key: &mut Value| {
        for field in ["use", "alg", "kid"] {
            key.as_object_mut().unwrap().remove(field);
        }
    };
    assert!(key(|_| {}));
    assert!(key(drop_fields));
    assert!(key(|key| key["key_ops"] = json!(["verify"])));
    for (what, change) in [
        ("of encryption", (|key| key["use"] = json!("enc")) as fn(&mut Value)),
        ("of another algorithm", |key| key["alg"] = json!("ES384")),
        ("of another curve", |key| key["crv"] = json!("P-384")),
        ("of another kind", |key| key["kty"] = json!("OKP")),
        ("that signs", |key| key["key_ops"] = json!(["sign"])),
        ("without a point", |key| key["x"] = json!(null)),
    ] {
        assert!(!key(change), "a key {what}");
    }
}
