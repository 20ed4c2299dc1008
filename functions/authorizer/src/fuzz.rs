//! Whatever is sent for a token, nobody is let in by it but by the one that was issued; nothing panics.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::tests::{app, at, handshake, http, ticket};
use super::*;

/// What is done to a good token.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, char),
    Insert(Index, char),
    Drop(Index),
    Cut(Index),
    Swap(Index, Index),
    Append(String),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    let letter = || prop_oneof![prop::char::range('!', '~'), any::<char>()];
    prop_oneof![
        (index(), letter()).prop_map(|(at, c)| Change::Put(at, c)),
        (index(), letter()).prop_map(|(at, c)| Change::Insert(at, c)),
        index().prop_map(Change::Drop),
        index().prop_map(Change::Cut),
        (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
        "[!-~]{1,8}".prop_map(Change::Append),
    ]
}

fn changed(token: &str, changes: &[Change]) -> String {
    let mut token: Vec<char> = token.chars().collect();
    for change in changes {
        let length = token.len().max(1);
        match change {
            Change::Append(text) => token.extend(text.chars()),
            _ if token.is_empty() => {}
            Change::Put(at, c) => token[at.index(length)] = *c,
            Change::Insert(at, c) => token.insert(at.index(length), *c),
            Change::Drop(at) => drop(token.remove(at.index(length))),
            Change::Cut(at) => token.truncate(at.index(length)),
            Change::Swap(one, other) => token.swap(one.index(length), other.index(length)),
        }
    }
    token.into_iter().collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Whether either API lets somebody in.
fn is_let_in(answer: &Result<Value, Failure>) -> bool {
    answer.as_ref().is_ok_and(|answer| !answer["context"]["user_id"].is_null())
}

#[test]
fn only_the_token_that_was_issued_lets_in() {
    let runtime = runtime();
    let (app, ana) = runtime.block_on(app(""));
    let token = ana.access_token;
    let asked = |token: &str| {
        let header = format!("Bearer {token}");
        let event = handshake(&[("Authorization", &header)], None);
        [
            runtime.block_on(answer_at(&app, &http(&header), at(1))),
            runtime.block_on(answer_at(&app, &event, at(1))),
        ]
    };
    // The control.
    assert!(asked(&token).iter().all(is_let_in));
    let strategy = (prop::collection::vec(change(), 1..4), "\\PC{0,80}");
    let tried = TestRunner::new(Config::with_cases(512)).run(&strategy, |(changes, junk)| {
        let changed = changed(&token, &changes);
        // Spaces around a token are not part of it.
        for text in [changed, junk].iter().filter(|text| text.trim() != token) {
            let answers = asked(text);
            prop_assert!(!answers.iter().any(is_let_in), "{text:?}: {answers:?}");
            prop_assert!(matches!(answers[1], Err(Failure::Unauthorized)), "{text:?}");
        }
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn only_the_ticket_and_the_refresh_token_that_were_issued_let_in() {
    let runtime = runtime();
    let (app, ana) = runtime.block_on(app(""));
    let ticket = runtime.block_on(ticket(&app, &ana, None));
    let (session, secret) = ana.refresh_token.split_once('.').unwrap();
    let strategy = (prop::collection::vec(change(), 1..4), "\\PC{0,80}");
    let tried = TestRunner::new(Config::with_cases(128)).run(&strategy, |(changes, junk)| {
        for text in [changed(&ticket, &changes), junk.clone()] {
            prop_assume!(text != ticket);
            let answer = runtime.block_on(answer_at(&app, &handshake(&[], Some(&text)), at(1)));
            prop_assert!(matches!(answer, Err(Failure::Unauthorized)), "{text:?}: {answer:?}");
        }
        // One plausible secret that is wrong ends the session, as it should: so not even that is one.
        let wrong = format!("{session}.{}", changed(secret, &changes));
        for text in [format!("{wrong}!"), junk] {
            let answer = runtime.block_on(app.identity.refresh(&text, at(1)));
            prop_assert!(matches!(answer, Err(auth::Error::Unauthenticated(_))), "{text:?}");
        }
        Ok(())
    });
    tried.unwrap();
    // The controls: nothing that was tried used them up.
    let opened = runtime.block_on(answer_at(&app, &handshake(&[], Some(&ticket)), at(1)));
    assert!(is_let_in(&opened), "{opened:?}");
    assert!(runtime.block_on(app.identity.refresh(&ana.refresh_token, at(1))).is_ok());
}

#[test]
fn any_event_is_answered_with_nobody() {
    let runtime = runtime();
    let (app, ana) = runtime.block_on(app(""));
    let good = http(&format!("Bearer {}", ana.access_token));
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![Just("ticket".to_owned()), "\\PC{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    });
    let fields = ["headers", "methodArn", "queryStringParameters", "requestContext"];
    let strategy = (prop::sample::select(fields.to_vec()), value);
    let tried = TestRunner::new(Config::with_cases(256)).run(&strategy, |(field, value)| {
        let mut event = good.clone();
        event[field] = value.clone();
        let mut bare = json!({});
        bare[field] = value.clone();
        for event in [bare, value] {
            let answer = runtime.block_on(answer_at(&app, &event, at(1)));
            prop_assert!(!is_let_in(&answer), "{event}: {answer:?}");
        }
        // Let in or not, by what is good in it: it is answered.
        let answer = runtime.block_on(answer_at(&app, &event, at(1)));
        prop_assert!(!matches!(answer, Err(Failure::Unavailable)), "{event}");
        Ok(())
    });
    tried.unwrap();
}
