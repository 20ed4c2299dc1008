//! What is on the wire is what is signed, and as the library of the SDK signs it.

use std::cell::RefCell;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::ConnectionId;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, TestRunner};
use signing::testing::{Request, by_the_library};

use super::reference;
use crate::testing::{Gateway, Heard, REGION, TAKEN, ana, credentials, noon, sdk, settled};
use crate::{Client, Frame};

const LIMIT: Duration = Duration::from_secs(10);

/// The signature that this request should have had.
fn expected(heard: &Heard, host: &str, keys: &Credentials) -> String {
    const BY_THE_LIBRARY: [&str; 3] = ["host", "x-amz-date", "x-amz-security-token"];
    let (_, signed) = heard.headers["authorization"].split_once("SignedHeaders=").unwrap();
    let signed = signed.split(',').next().unwrap().split(';');
    let others = signed.filter(|name| !BY_THE_LIBRARY.contains(name));
    let headers = others.map(|name| (name, heard.headers[name].as_str()));
    let headers: Vec<_> = headers.collect();
    let url = format!("http://{host}{}", heard.path);
    let (method, body) = (heard.method.as_str(), heard.body.as_slice());
    let (service, region) = ("execute-api", REGION);
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", &heard.headers["x-amz-date"]).unwrap();
    let now = date.to_zoned(TimeZone::UTC).unwrap().timestamp();
    let request = Request { service, region, method, url: &url, headers: &headers, body };
    by_the_library(request, keys, now)
}

pub(super) fn is_good(heard: &Heard, host: &str, keys: &Credentials) -> bool {
    let same_token = heard.headers.get("x-amz-security-token").map(String::as_str);
    heard.headers["host"] == host
        && same_token == keys.session_token()
        && heard.headers["authorization"] == expected(heard, host, keys)
}

/// The signed path is made simple first, and these have no place there. The gateway makes no such names.
fn is_a_name(id: &str) -> bool {
    !id.is_empty() && id != "." && id != ".."
}

#[test]
fn every_post_is_signed_as_the_library_signs_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let gateway = runtime.block_on(Gateway::start(TAKEN));
    let (url, host) = (gateway.url(), gateway.host.clone());
    let gateway = RefCell::new(gateway); // A run may change nothing that it shares.
    let id = "([A-Za-z0-9_-]{12,15}=?)|(\\PC{1,12})".prop_filter("a name", |id| is_a_name(id));
    let token = proptest::option::of("[!-~]{1,900}");
    let time = (0..4_000_000_000_i64)
        .prop_map(|second| Timestamp::from_second(second).expect("it is before the year 9999"));
    let all = (id, any::<Vec<u8>>(), "[A-Z0-9]{4,20}", "[!-~]{1,40}", token, time);
    let mut runner = TestRunner::new(Config::with_cases(300));
    let result = runner.run(&all, |(id, body, access, secret, token, now)| {
        let keys = credentials(&access, &secret, token);
        let client = Client::new(&sdk(keys.clone()), &url, LIMIT);
        let (to, frame) = (ConnectionId::new(id), Frame::new(body.clone()));
        runtime.block_on(client.post(&to, &frame, now)).unwrap();
        let heard = runtime.block_on(gateway.borrow_mut().heard());
        assert_eq!(heard.body, body);
        assert_eq!(heard.headers["x-amz-date"], now.strftime("%Y%m%dT%H%M%SZ").to_string());
        assert!(is_good(&heard, &host, &keys), "{heard:?}");
        Ok(())
    });
    result.unwrap();
}

/// The control: whoever changes what is signed has no signature for it.
#[tokio::test]
async fn a_change_anywhere_needs_another_signature() {
    let mut gateway = Gateway::start(TAKEN).await;
    let keys = credentials("AKIA", "secret", Some("token".to_owned()));
    let client = Client::new(&sdk(keys.clone()), &gateway.url(), LIMIT);
    client.post(&ana(), &Frame::new("hello"), noon()).await.unwrap();
    let heard = gateway.heard().await;
    assert!(is_good(&heard, &gateway.host, &keys));
    let header = |name: &str, value: &str| {
        let mut changed = heard.clone();
        changed.headers.insert(name.to_owned(), value.to_owned());
        changed
    };
    for changed in [
        Heard { body: b"hellp".to_vec(), ..heard.clone() },
        Heard { path: heard.path.replace("Qx7", "Qx8"), ..heard.clone() },
        Heard { method: "DELETE".to_owned(), ..heard.clone() },
        header("content-type", "application/json"),
        header("x-amz-date", "20260131T120001Z"),
        header("x-amz-security-token", "other"),
        header("host", "elsewhere"),
    ] {
        assert!(!is_good(&changed, &gateway.host, &keys), "{changed:?}");
    }
    let others = credentials("AKIA", "secreu", Some("token".to_owned()));
    assert!(!is_good(&heard, &gateway.host, &others));
}

#[tokio::test]
async fn what_is_signed_is_heard_of_when_it_is_sent_and_is_the_same_post() {
    let mut gateway = Gateway::start(TAKEN).await;
    let keys = credentials("AKIA", "secret", Some("token".to_owned()));
    let client = Client::new(&sdk(keys.clone()), &gateway.url(), LIMIT);
    let frame = Frame::new("hello");
    let signed = client.sign(&ana(), &frame, noon()).await.unwrap();
    assert_eq!(format!("{signed:?}"), "Signed { .. }");
    settled().await;
    assert_eq!(gateway.unheard(), 0);

    client.send(signed, noon()).await.unwrap();
    let late = gateway.heard().await;
    assert!(is_good(&late, &gateway.host, &keys));
    client.post(&ana(), &frame, noon()).await.unwrap();
    let whole = gateway.heard().await;
    assert_eq!((late.method, late.path), (whole.method, whole.path));
    assert_eq!((late.headers, late.body), (whole.headers, whole.body));
}

#[tokio::test]
async fn a_post_asks_for_what_the_sdk_asks_for() {
    let mut gateway = Gateway::start(TAKEN).await;
    for token in [None, Some("token".to_owned())] {
        let keys = credentials("AKIA", "secret", token);
        let sdk = sdk(keys.clone());
        for id in ["Qx7bLd3-oAMCFTg=", "a b/c?d#e%f", "ä€😀", "~._-"] {
            let client = Client::new(&sdk, &gateway.url(), LIMIT);
            client.post(&ConnectionId::new(id), &Frame::new("hello"), noon()).await.unwrap();
            let ours = gateway.heard().await;
            let reference = reference(&sdk, &gateway.url(), LIMIT);
            let post = reference.post_to_connection().connection_id(id);
            post.data(Blob::new("hello")).send().await.unwrap();
            let theirs = gateway.heard().await;
            assert!(is_good(&theirs, &gateway.host, &keys), "this test knows a good signature");
            assert_eq!((&ours.method, &ours.path), (&theirs.method, &theirs.path));
            assert_eq!(ours.body, theirs.body);
            for (name, value) in &ours.headers {
                let said = theirs.headers.get(name);
                let is_of_its_time = matches!(name.as_str(), "authorization" | "x-amz-date");
                assert!(is_of_its_time || said == Some(value), "{name}: {value}, {said:?}");
            }
            let (says, repeats) = ("user-agent", "amz-sdk-");
            let left_out: Vec<_> =
                theirs.headers.keys().filter(|name| !ours.headers.contains_key(*name)).collect();
            assert!(
                left_out.iter().all(|name| name.ends_with(says) || name.starts_with(repeats)),
                "{left_out:?}"
            );
        }
    }
}
