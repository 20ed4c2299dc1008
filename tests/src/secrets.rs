//! What must be in no log: all that people say here, sign in with or are given to sign in with.
//!
//! Whatever passes through a person or an inbox is remembered, by the whole process, and each test
//! that ends looks for it in what its stack logged meanwhile. A line may come a moment after the
//! answer, so that a test may miss the last of them; `it/logs.rs` waits for each.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::Logged;

/// Shorter texts are words that a log may use, too.
const SHORTEST: usize = 8;

/// Fields that hold a secret, whoever sends them; parts of their names.
const KEYS: [&str; 4] = ["password", "token", "ticket", "secret"];

/// Fields that hold what somebody says.
const SAID: [&str; 6] = ["text", "name", "description", "filename", "username", "q"];

static SECRETS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// How many there are so far.
pub(crate) fn count() -> usize {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Those that came after the first `count`.
pub(crate) fn since(count: usize) -> BTreeSet<String> {
    let secrets = SECRETS.lock().unwrap_or_else(PoisonError::into_inner);
    secrets.iter().skip(count).cloned().collect()
}

/// Remembers one.
pub(crate) fn keep(secret: &str) {
    if secret.len() >= SHORTEST {
        SECRETS.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
    }
}

/// Remembers the query string of an address.
pub(crate) fn keep_query(address: &str) {
    if let Some((_, query)) = address.split_once('?') {
        keep(query);
    }
}

/// Remembers what is said in a body or a frame.
pub(crate) fn keep_said(body: &str) {
    match serde_json::from_str(body) {
        Ok(body) => walk("", &body, &|key, text| {
            let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
            is_secret(key) || (SAID.contains(&key) && !text.chars().all(is_word))
        }),
        Err(_) => keep(body),
    }
}

/// Remembers the tokens in an answer.
pub(crate) fn keep_given(body: &Value) {
    walk("", body, &|key, _| is_secret(key));
    if let Some(url) = body["url"].as_str() {
        keep_query(url);
    }
}

fn is_secret(key: &str) -> bool {
    KEYS.iter().any(|part| key.contains(part))
}

fn walk(key: &str, value: &Value, is_one: &dyn Fn(&str, &str) -> bool) {
    match value {
        Value::String(text) if is_one(key, text) => keep(text),
        Value::Array(items) => items.iter().for_each(|item| walk(key, item, is_one)),
        Value::Object(fields) => fields.iter().for_each(|(key, item)| walk(key, item, is_one)),
        _ => {}
    }
}

/// Those of `secrets` that are in these lines, each with one.
#[must_use]
pub(crate) fn leaked(lines: &[Logged], secrets: &BTreeSet<String>) -> Vec<String> {
    // Thousands of lines differ by a time and an id: what else they say is looked at once.
    let said: BTreeSet<_> = lines.iter().map(said).collect();
    let all = said.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let found = secrets.iter().filter(|secret| all.contains(secret.as_str()));
    let line = |secret: &String| said.iter().find(|said| said.contains(secret.as_str()));
    found.map(|secret| format!("{secret:?} in {:?}", line(secret))).collect()
}

/// All that a line says but for numbers, times, and the ids of requests and users.
fn said(line: &Logged) -> String {
    let mut said = vec![line.function.clone()];
    match serde_json::from_str(&line.text) {
        Ok(value) => spell("", &value, &mut said),
        Err(_) => said.push(line.text.clone()),
    }
    said.join(" ")
}

fn spell(key: &str, value: &Value, said: &mut Vec<String>) {
    match value {
        Value::String(text) if !is_counted(key, text) => said.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| spell(key, item, said)),
        Value::Object(fields) => {
            for (key, item) in fields {
                said.push(key.clone());
                spell(key, item, said);
            }
        }
        _ => {}
    }
}

/// Whether this is one of many that look like this, and nothing else.
fn is_counted(key: &str, text: &str) -> bool {
    let is_id = |c: char| c.is_ascii_alphanumeric() || "-_=+/".contains(c);
    match key {
        "timestamp" => text.parse::<jiff::Timestamp>().is_ok(),
        "request_id" => text.len() <= 36 && text.chars().all(is_id),
        "user" => text.len() == 12 && text.chars().all(|c| c.is_ascii_hexdigit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leaks(text: &str) -> bool {
        let line = Logged { function: "banter-Rooms".to_owned(), text: text.to_owned() };
        let secrets =
            BTreeSet::from(["a canary that sings\n\"".to_owned(), "eyJh.eyJi".to_owned()]);
        !leaked(&[line], &secrets).is_empty()
    }

    /// The control: wherever in a line a secret is, it is found.
    #[test]
    fn a_secret_is_found_wherever_it_is() {
        let canary = "a canary that sings\n\"";
        for line in [
            json!({ "message": format!("said {canary}"), "level": "INFO" }),
            json!({ "message": "answered", "span": { "route": format!("GET /{canary}") } }),
            json!({ "message": "answered", "span": { "user": canary } }),
            json!({ "span": { "request_id": "eyJh.eyJi" } }),
            json!({ "causes": [{ "eyJh.eyJi": 1 }] }),
            json!({ "timestamp": canary }),
            json!(canary),
        ] {
            assert!(leaks(&line.to_string()), "{line}");
        }
        assert!(leaks("thread 'main' panicked: eyJh.eyJi"));
        let time = "2026-01-31T09:30:00.000Z";
        let harmless = json!({
            "timestamp": time, "level": "INFO", "message": "answered", "duration_ms": 12,
            "span": { "request_id": "Zq81LhVUoAMEcxQ=", "user": "24d4b96f58da", "route": "GET /" },
        });
        assert!(!leaks(&harmless.to_string()));
    }

    #[test]
    fn what_people_say_and_sign_in_with_is_remembered() {
        let before = count();
        keep_said(
            r#"{"username":"ana-1234","password":"correct horse","type":"private_messages"}"#,
        );
        keep_said(
            r#"{"action":"message.send","data":{"text":"Lunch at one?","client_id":"0123456789"}}"#,
        );
        keep_said("ahoy, no JSON");
        keep_query("/v1/users?q=canary");
        keep_given(&json!({ "user": { "name": "Somebody" }, "access_token": "eyJhbGciOi" }));
        keep_given(&json!({ "url": "ws://127.0.0.1/live?ticket=Zm9vYmFy" }));
        let kept = since(before);
        for one in [
            "ana-1234",
            "correct horse",
            "Lunch at one?",
            "ahoy, no JSON",
            "q=canary",
            "eyJhbGciOi",
            "ticket=Zm9vYmFy",
        ] {
            assert!(kept.contains(one), "{one}: {kept:?}");
        }
        for other in ["private_messages", "message.send", "0123456789", "Somebody"] {
            assert!(!kept.contains(other), "{other}");
        }
    }
}
