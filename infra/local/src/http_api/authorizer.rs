//! Lambda authorizers of the HTTP API, and their cache.
//!
//! One cached answer serves every route of the authorizer: a function that decides by route is a
//! bug that must show here, unless `$context.routeKey` is an identity source.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::event::Request;
use crate::policy;
use crate::runtime::{Functions, Outcome};
use crate::template::{Authorizer, HttpApi, IdentitySource};

/// How long API Gateway waits for an authorizer.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// With the context for the function.
    Allowed(Value),
    Denied,
    /// An identity source is missing: 401, and nobody was asked.
    Unidentified,
    /// The authorizer failed or broke its contract: 500.
    Broken,
}

pub(super) struct Authorizers {
    authorizers: BTreeMap<String, Authorizer>,
    functions: Functions,
    cache: Cache,
}

impl Authorizers {
    pub(super) fn new(api: &HttpApi, functions: Functions) -> Self {
        Self { authorizers: api.authorizers.clone(), functions, cache: Cache::default() }
    }

    pub(super) async fn ask(&self, name: &str, request: &Request) -> Verdict {
        let Some(authorizer) = self.authorizers.get(name) else { return Verdict::Broken };
        let Some(identity) = identity(&authorizer.identity, request) else {
            return Verdict::Unidentified;
        };
        let cacheable = !authorizer.ttl.is_zero() && !identity.is_empty();
        let key = (name.to_owned(), identity);
        if let Some(answer) = self.cache.get(&key).filter(|_| cacheable) {
            return judge(authorizer, &answer, &request.arn());
        }
        let event = request.authorizer_event(&key.1);
        let (functions, function) = (self.functions.clone(), authorizer.function.clone());
        let invocation = tokio::spawn(async move { functions.invoke(&function, &event).await });
        let outcome = tokio::time::timeout(TIMEOUT, invocation).await;
        let Ok(Ok(Outcome::Answered(answer))) = outcome else { return Verdict::Broken };
        let Ok(answer) = serde_json::from_slice::<Value>(&answer) else { return Verdict::Broken };
        let verdict = judge(authorizer, &answer, &request.arn());
        if verdict == Verdict::Broken {
            tracing::warn!("the authorizer `{name}` returned an unusable answer: {answer}");
        } else if cacheable {
            self.cache.put(key, answer, authorizer.ttl);
        }
        verdict
    }
}

/// The values of all identity sources, or `None` if one is missing or empty.
fn identity(sources: &[IdentitySource], request: &Request) -> Option<Vec<String>> {
    let query = request.query();
    let value = |source: &IdentitySource| match source {
        IdentitySource::Header(name) if name == "cookie" => {
            Some(request.cookies.join("; ")).filter(|cookies| !cookies.is_empty())
        }
        IdentitySource::Header(name) => request.headers.get(name).cloned(),
        IdentitySource::Query(name) => query.get(name).cloned(),
        IdentitySource::StageVariable(name) => request.stage_variables.get(name).cloned(),
        IdentitySource::Context(name) => match name.as_str() {
            "routeKey" => Some(request.route_key.clone()),
            "httpMethod" => Some(request.method.clone()),
            "path" => Some(request.raw_path.clone()),
            "stage" => Some(request.stage.clone()),
            "identity.sourceIp" => Some("127.0.0.1".to_owned()),
            _ => None,
        },
    };
    sources.iter().map(|source| value(source).filter(|value| !value.is_empty())).collect()
}

fn judge(authorizer: &Authorizer, answer: &Value, arn: &str) -> Verdict {
    let allowed = if authorizer.simple_responses {
        answer.get("isAuthorized").and_then(Value::as_bool)
    } else {
        let document = answer.get("principalId").and(answer.get("policyDocument"));
        document.and_then(|document| policy::allows(document, arn))
    };
    match allowed {
        Some(true) => Verdict::Allowed(answer.get("context").cloned().unwrap_or(Value::Null)),
        Some(false) => Verdict::Denied,
        None => Verdict::Broken,
    }
}

type Key = (String, Vec<String>);

/// Answers by authorizer and identity. Failures are never kept.
#[derive(Default)]
struct Cache(Mutex<HashMap<Key, (Instant, Value)>>);

impl Cache {
    fn get(&self, key: &Key) -> Option<Value> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(until, _)| *until > Instant::now()).map(|(_, v)| v.clone())
    }

    fn put(&self, key: Key, answer: Value, ttl: Duration) {
        const SWEEP_AT: usize = 10_000;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= SWEEP_AT {
            let now = Instant::now();
            entries.retain(|_, (until, _)| *until > now);
        }
        entries.insert(key, (Instant::now() + ttl, answer));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn authorizer(simple_responses: bool) -> Authorizer {
        Authorizer {
            line: 1,
            function: "F".to_owned(),
            simple_responses,
            identity: Vec::new(),
            ttl: Duration::from_secs(300),
            may_invoke: true,
        }
    }

    #[test]
    fn an_entry_is_kept_for_its_time_and_its_identity_only() {
        let cache = Cache::default();
        let key = |token: &str| ("Token".to_owned(), vec![token.to_owned()]);
        cache.put(key("a"), json!(1), Duration::from_secs(60));
        cache.put(key("b"), json!(2), Duration::ZERO);
        assert_eq!(cache.get(&key("a")), Some(json!(1)));
        assert_eq!(cache.get(&key("b")), None);
        assert_eq!(cache.get(&("Other".to_owned(), key("a").1)), None);
    }

    #[test]
    fn a_simple_answer_must_be_a_boolean() {
        let simple = authorizer(true);
        for (answer, expected) in [
            (
                json!({ "isAuthorized": true, "context": { "a": 1 } }),
                Verdict::Allowed(json!({ "a": 1 })),
            ),
            (json!({ "isAuthorized": true }), Verdict::Allowed(Value::Null)),
            (json!({ "isAuthorized": false }), Verdict::Denied),
            (json!({ "isAuthorized": "true" }), Verdict::Broken),
            (json!({}), Verdict::Broken),
            (json!(null), Verdict::Broken),
        ] {
            assert_eq!(judge(&simple, &answer, "arn"), expected, "{answer}");
        }
    }

    #[test]
    fn a_policy_decides_by_route_and_a_simple_answer_is_none() {
        let arn = "arn:aws:execute-api:us-east-1:111122223333:h7t2p9x4qa/$default/GET/rooms/1";
        let fixture = include_str!("../../fixtures/http-authorizer-response-iam-allow.json");
        let answer: Value = serde_json::from_str(fixture).unwrap();
        let policy = authorizer(false);
        assert!(matches!(judge(&policy, &answer, arn), Verdict::Allowed(_)));
        assert_eq!(judge(&policy, &answer, "arn:other"), Verdict::Denied);
        assert_eq!(judge(&policy, &json!({ "isAuthorized": true }), arn), Verdict::Broken);
    }
}
