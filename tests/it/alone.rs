//! Each function alone, with the event of `tests/events/` that `infra/DEPLOY.md` tells people to try.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Alone, Stack, Template, event_of, local_program};

/// Function, what of its answer is the point, and that as JSON.
const ANSWERS: [(&str, &str, &str); 14] = [
    ("accounts", "/statusCode", "401"), // Nobody has that password.
    ("authorizer", "/isAuthorized", "true"), // But nobody: the edge says 401.
    ("fan-out", "/batchItemFailures", "[]"), // Who is to have it has gone.
    ("media", "/statusCode", "201"),
    ("media-uploaded", "", "null"), // There is no such upload any more.
    ("members", "/statusCode", "404"),
    ("messages", "/statusCode", "200"),
    ("reactions", "/statusCode", "200"),
    ("rooms", "/statusCode", "200"),
    ("socket-connect", "/statusCode", "401"), // No such device is signed in.
    ("socket-disconnect", "/statusCode", "200"),
    ("socket-message", "/statusCode", "200"),
    ("staff", "/statusCode", "403"), // Nobody has that account, whatever the token says.
    ("web", "/statusCode", "200"),
];

#[test]
fn every_function_has_an_event() {
    let functions = Template::read().functions.into_values();
    let functions: BTreeSet<_> =
        functions.map(|one| one.folder.trim_start_matches("functions/").to_owned()).collect();
    let answers: BTreeSet<_> = ANSWERS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(functions, answers);
    for function in functions {
        assert!(event_of(&function).is_some(), "tests/events/{function}.json is missing");
    }
}

#[tokio::test]
async fn every_function_answers_alone() {
    let data = TempDir::new().unwrap();
    let _stack = Stack::start_own(data.path()).await;
    let programs = local_program().parent().unwrap();
    for (name, pointer, expected) in ANSWERS {
        let environment = data.path().join("environment").join(name).with_extension("env");
        let mut function = Alone::start(&programs.join(name), &environment).await;
        let answer = function.invoke(&event_of(name).expect("it has an event")).await;
        let answer = answer.unwrap_or_else(|error| panic!("{name} failed: {error}"));
        let point = answer.pointer(pointer).map(Value::to_string);
        assert_eq!(point.as_deref(), Some(expected), "{name}: {answer}");
    }
    // The control: what is no event of it is no answer of it.
    let environment = data.path().join("environment/socket-message.env");
    let mut function = Alone::start(&programs.join("socket-message"), &environment).await;
    let refused = function.invoke(&json!({})).await;
    assert!(refused.is_err(), "{refused:?}");
}
