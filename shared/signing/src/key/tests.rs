//! What is signed is signed as the SDK's library signs it.

use proptest::prelude::*;

use super::*;
use crate::testing::{self, Request};

const REGION: &str = "eu-central-1";
const HOST: &str = "dynamodb.eu-central-1.amazonaws.com";
const TARGET: &str = "DynamoDB_20120810.UpdateItem";

/// What is signed, beside the form.
#[derive(Debug, Clone, Copy)]
struct Signed<'a> {
    keys: &'a Credentials,
    target: Option<&'a str>,
    body: &'a [u8],
    now: Timestamp,
}

fn by_the_library(form: Form, Signed { keys, target, body, now }: Signed<'_>) -> String {
    let mut headers = vec![("content-type", form.content_type)];
    headers.extend(target.map(|target| ("x-amz-target", target)));
    let (url, headers) = (format!("https://{HOST}/"), headers.as_slice());
    let service = form.service;
    let request = Request { service, region: REGION, method: "POST", url: &url, headers, body };
    testing::by_the_library(request, keys, now)
}

fn ours(form: Form, Signed { keys, target, body, now }: Signed<'_>) -> String {
    let key = Key::new(form, keys, REGION, HOST, now);
    let headers: Vec<_> = key.sign("/", &Stamp::new(now), target, &digest(body)).collect();
    let token = keys.session_token().map(|token| ("x-amz-security-token", token.to_owned()));
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let others: Vec<_> = [("x-amz-date", stamp)].into_iter().chain(token).collect();
    let [others_of_it @ .., (name, authorization)] = headers.as_slice() else {
        panic!("no headers")
    };
    assert_eq!((others_of_it, *name), (others.as_slice(), "authorization"));
    authorization.clone()
}

proptest! {
    #[test]
    fn every_request_is_signed_as_the_library_signs_it(
        access in "[A-Z0-9]{4,20}",
        secret in "[!-~]{1,40}",
        token in proptest::option::of("[!-~]{1,900}"),
        target in proptest::option::of("[A-Za-z0-9_.]{1,40}"),
        body in any::<Vec<u8>>(),
        second in 0..4_000_000_000_i64,
    ) {
        let has_target = target.is_some();
        let content_type = "application/x-amz-json-1.0";
        let form = Form { service: "dynamodb", content_type, has_target };
        let keys = Credentials::new(access, secret, token, None, "test");
        let now = Timestamp::from_second(second).unwrap();
        let signed = Signed { keys: &keys, target: target.as_deref(), body: &body, now };
        prop_assert_eq!(ours(form, signed), by_the_library(form, signed));
    }
}

/// The control: whoever changes what is signed has no signature for it.
#[test]
fn a_change_anywhere_needs_another_signature() {
    let form =
        Form { service: "dynamodb", content_type: "application/x-amz-json-1.0", has_target: true };
    let keys = Credentials::new("AKIA", "secret", Some("token".to_owned()), None, "test");
    let others = Credentials::new("AKIA", "secreu", Some("token".to_owned()), None, "test");
    let noon: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    let later = noon + jiff::SignedDuration::from_secs(1);
    let usual = Signed { keys: &keys, target: Some(TARGET), body: b"{}", now: noon };
    let good = by_the_library(form, usual);
    assert_eq!(ours(form, usual), good);
    for other in [
        ours(Form { service: "sqs", ..form }, usual),
        ours(Form { content_type: "application/json", ..form }, usual),
        ours(form, Signed { keys: &others, ..usual }),
        ours(form, Signed { target: Some("DynamoDB_20120810.PutItem"), ..usual }),
        ours(form, Signed { body: b"{ }", ..usual }),
        ours(form, Signed { now: later, ..usual }),
    ] {
        assert_ne!(other, good);
    }
}
