use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::UserId;
use ring::hmac;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::identity::tests::{SECRET, at};
use crate::issuer::testing::assembled;

fn claims() -> Claims {
    Claims {
        user_id: UserId::new(Uuid::from_u128(1)),
        username: "ana".to_owned(),
        name: "Ana".to_owned(),
        is_staff: true,
        proof: Proof::Session(Uuid::from_u128(2)),
        expires_at: at(900),
    }
}

fn good_claims() -> Value {
    json!({
        "iss": "banter", "sub": Uuid::from_u128(1), "username": "ana", "name": "Ana",
        "is_staff": true, "sid": Uuid::from_u128(2), "iat": at(0).as_second(),
        "exp": at(900).as_second(),
    })
}

fn hmac_by(secret: &str, algorithm: hmac::Algorithm) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    move |message| hmac::sign(&key, message).as_ref().to_vec()
}

fn key() -> TokenKey {
    TokenKey::new(SECRET).unwrap()
}

#[test]
fn a_token_is_read_as_signed() {
    let token = key().sign(&claims(), at(0)).unwrap();
    assert_eq!(key().read(&token, at(0)), Ok(claims()));
    assert_eq!(key().read(&token, at(899)), Ok(claims()));
}

#[test]
fn a_token_made_by_hand_with_the_key_is_good() {
    // The control of the next test: what it changes, and only that, is why those are refused.
    let ours = hmac_by(SECRET, hmac::HMAC_SHA256);
    let token = assembled(&json!({ "alg": "HS256", "typ": "JWT" }), &good_claims(), ours);
    assert_eq!(key().read(&token, at(0)), Ok(claims()));
}

#[test]
fn forged_tokens_let_nobody_in() {
    let ours = || hmac_by(SECRET, hmac::HMAC_SHA256);
    let hs256 = json!({ "alg": "HS256", "typ": "JWT" });
    let with = |name: &str, value: Value| {
        let mut claims = good_claims();
        claims[name] = value;
        assembled(&hs256, &claims, ours())
    };
    let without = |name: &str| {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(name);
        assembled(&hs256, &claims, ours())
    };
    let good = assembled(&hs256, &good_claims(), ours());
    let header = |alg: &str| json!({ "alg": alg, "typ": "JWT" });
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other_claims = assembled(&hs256, &json!({ "sub": "x" }), ours());
    let (other_message, _) = other_claims.rsplit_once('.').unwrap();
    let table = [
        ("alg none", assembled(&header("none"), &good_claims(), |_| Vec::new())),
        ("alg None", assembled(&header("None"), &good_claims(), |_| Vec::new())),
        ("alg none, signed", assembled(&header("none"), &good_claims(), ours())),
        ("no signature", format!("{message}.")),
        ("no third part", message.to_owned()),
        (
            "another key",
            assembled(&hs256, &good_claims(), hmac_by(&"x".repeat(64), hmac::HMAC_SHA256)),
        ),
        ("the empty key", assembled(&hs256, &good_claims(), hmac_by("", hmac::HMAC_SHA256))),
        (
            "HS512 by our key",
            assembled(&header("HS512"), &good_claims(), hmac_by(SECRET, hmac::HMAC_SHA512)),
        ),
        ("RS256 header, our key", assembled(&header("RS256"), &good_claims(), ours())),
        ("ES256 header, our key", assembled(&header("ES256"), &good_claims(), ours())),
        ("unknown algorithm", assembled(&header("HS1"), &good_claims(), ours())),
        ("no algorithm", assembled(&json!({ "typ": "JWT" }), &good_claims(), ours())),
        ("another's signature", format!("{other_message}.{signature}")),
        ("truncated", good[..good.len() - 1].to_owned()),
        ("extended", format!("{good}A")),
        ("a fourth part", format!("{good}.{signature}")),
        ("wrong issuer", with("iss", json!("stranger"))),
        ("no issuer", without("iss")),
        ("for another audience", with("aud", json!("elsewhere"))),
        ("no subject", without("sub")),
        ("subject is no user", with("sub", json!("ana"))),
        ("no expiry", without("exp")),
        ("expiry is text", with("exp", json!("tomorrow"))),
        ("no session", without("sid")),
        ("staff is text", with("is_staff", json!("true"))),
        ("oversize", with("name", json!("x".repeat(4_096)))),
        ("not a JWT", "not a JWT".to_owned()),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("no UTF-8 within", format!("{}.{message}", BASE64_URL_SAFE_NO_PAD.encode(b"\xff"))),
    ];
    for (what, token) in table {
        assert_eq!(key().read(&token, at(0)), Err(Unauthenticated::InvalidToken), "{what}");
    }
}

#[test]
fn an_expired_token_is_told_apart_only_if_it_was_ours() {
    let token = key().sign(&claims(), at(0)).unwrap();
    for late in [900, 901, 1_000_000] {
        assert_eq!(key().read(&token, at(late)), Err(Unauthenticated::ExpiredToken));
    }
    let other = TokenKey::new(&"x".repeat(32)).unwrap().sign(&claims(), at(0)).unwrap();
    assert_eq!(key().read(&other, at(900)), Err(Unauthenticated::InvalidToken));
}

#[test]
fn a_short_secret_signs_nothing() {
    assert!(TokenKey::new(&"x".repeat(31)).is_err());
    assert!(TokenKey::new("").is_err());
}
