//! What is signed is signed as the SDK's library signs it.

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use proptest::prelude::*;

use super::*;

const REGION: &str = "eu-central-1";
const HOST: &str = "dynamodb.eu-central-1.amazonaws.com";
const TARGET: &str = "DynamoDB_20120810.UpdateItem";

fn by_the_library(
    form: Form,
    keys: &Credentials,
    target: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> String {
    let headers = [("content-type", form.content_type)].into_iter();
    let headers = headers.chain(target.map(|target| ("x-amz-target", target)));
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new("POST", format!("https://{HOST}/"), headers, body).unwrap();
    let identity = keys.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(form.service)
        .time(SystemTime::from(now))
        .settings(SigningSettings::default())
        .build()
        .unwrap();
    let (signed, _) = sign(request, &parameters.into()).unwrap().into_parts();
    let (_, value) = signed.headers().find(|(name, _)| *name == "authorization").unwrap();
    value.to_owned()
}

fn ours(
    form: Form,
    keys: &Credentials,
    target: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> String {
    let key = Key::new(form, keys, REGION, HOST, now);
    key.sign("/", &Stamp::new(now), target, &digest(body))
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
        let target = target.as_deref();
        prop_assert_eq!(
            ours(form, &keys, target, &body, now),
            by_the_library(form, &keys, target, &body, now)
        );
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
    let signed =
        |form, keys, target, body: &str, now| ours(form, keys, Some(target), body.as_bytes(), now);
    let good = by_the_library(form, &keys, Some(TARGET), b"{}", noon);
    assert_eq!(signed(form, &keys, TARGET, "{}", noon), good);
    for other in [
        signed(Form { service: "sqs", ..form }, &keys, TARGET, "{}", noon),
        signed(Form { content_type: "application/json", ..form }, &keys, TARGET, "{}", noon),
        signed(form, &others, TARGET, "{}", noon),
        signed(form, &keys, "DynamoDB_20120810.PutItem", "{}", noon),
        signed(form, &keys, TARGET, "{ }", noon),
        signed(form, &keys, TARGET, "{}", later),
    ] {
        assert_ne!(other, good);
    }
}
