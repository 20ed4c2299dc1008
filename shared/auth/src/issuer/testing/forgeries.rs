//! What a forger would try, each with what it tries.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use super::{Kind, TestIssuer, assembled};

/// What it tries, and the token.
pub type Forgery = (&'static str, String);

/// Tokens that the issuer did not make, or not for us, or not for now. [`TestIssuer::honest`], made by
/// the same hands, is the control: what these change, and only that, is why they are refused.
#[must_use]
pub fn forgeries(issuer: &TestIssuer, now: i64) -> Vec<Forgery> {
    let mut all = headers(issuer, now);
    all.extend(keys(issuer, now));
    all.extend(claims(issuer, now));
    all.extend(shapes(issuer, now));
    all
}

/// The honest value with one field changed, or taken away by `null`.
fn with(mut value: Value, field: &str, other: Value) -> Value {
    match value.as_object_mut() {
        Some(fields) if other.is_null() => drop(fields.remove(field)),
        _ => value[field] = other,
    }
    value
}

fn hmac_by(secret: &[u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    move |message| hmac::sign(&key, message).as_ref().to_vec()
}

/// Other algorithms than the one that was agreed on.
fn headers(issuer: &TestIssuer, now: i64) -> Vec<Forgery> {
    let claims = issuer.claims("ana", now);
    let header = |alg: &str| with(issuer.header(), "alg", json!(alg));
    let unsigned = |_: &[u8]| Vec::new();
    let public = issuer.public_key();
    let part = |field: &str| public[field].as_str().unwrap_or_default().as_bytes().to_vec();
    let raw = |field: &str| BASE64_URL_SAFE_NO_PAD.decode(part(field)).unwrap_or_default();
    let main = if issuer.kind == Kind::Rs256 { "n" } else { "x" };
    let sibling = match issuer.kind {
        Kind::Rs256 => "RS512",
        Kind::Es256 => "ES384",
        Kind::EdDsa => "Ed25519",
    };
    let stranger_kind = if issuer.kind == Kind::Es256 { Kind::EdDsa } else { Kind::Es256 };
    let stranger = TestIssuer::new(stranger_kind);
    vec![
        ("alg none", assembled(&header("none"), &claims, unsigned)),
        ("alg None", assembled(&header("None"), &claims, unsigned)),
        ("alg none, signed", issuer.token(&header("none"), &claims)),
        ("no alg", issuer.token(&with(issuer.header(), "alg", Value::Null), &claims)),
        ("unknown alg", issuer.token(&header("XS256"), &claims)),
        ("another alg of the family", issuer.token(&header(sibling), &claims)),
        ("HS256 by the public key", assembled(&header("HS256"), &claims, hmac_by(&raw(main)))),
        ("HS256 by its text", assembled(&header("HS256"), &claims, hmac_by(&part(main)))),
        (
            "HS256 by the published key",
            assembled(&header("HS256"), &claims, hmac_by(public.to_string().as_bytes())),
        ),
        ("HS256 by the empty key", assembled(&header("HS256"), &claims, hmac_by(b""))),
        ("our alg, signed by HMAC", assembled(&issuer.header(), &claims, hmac_by(&raw(main)))),
        (
            "another alg by a key of its own",
            stranger.token(&with(stranger.header(), "kid", json!(issuer.key_id)), &claims),
        ),
        (
            "a sign-out token",
            issuer.token(&with(issuer.header(), "typ", json!("logout+jwt")), &claims),
        ),
    ]
}

/// Other keys than the issuer's.
fn keys(issuer: &TestIssuer, now: i64) -> Vec<Forgery> {
    const EVIL: &str = "https://evil.example/jwks.json";
    let claims = issuer.claims("ana", now);
    // There is one RSA key in the tests; a forger's is of another kind, under the header of ours.
    let forger = TestIssuer::new(match issuer.kind {
        Kind::Rs256 | Kind::Es256 => Kind::Es256,
        Kind::EdDsa => Kind::EdDsa,
    });
    let forged =
        |field: &str, value: Value| forger.token(&with(issuer.header(), field, value), &claims);
    let certificate = BASE64_STANDARD.encode(b"a certificate");
    vec![
        ("another key by the same name", forger.token(&issuer.header(), &claims)),
        ("an unknown key", forged("kid", json!("key-2"))),
        ("a key without a name", forged("kid", Value::Null)),
        ("a key that is a path", forged("kid", json!("../../../../dev/null"))),
        ("a key that is an address", forged("kid", json!(EVIL))),
        ("a key that is a statement", forged("kid", json!("key-1' UNION SELECT 'a"))),
        ("a key that is a number", forged("kid", json!(1))),
        ("jku", forged("jku", json!(EVIL))),
        ("x5u", forged("x5u", json!(EVIL))),
        ("jwk", forged("jwk", forger.public_key())),
        ("x5c", forged("x5c", json!([certificate]))),
        // Honestly signed, and still: nothing that a token brings along is looked at.
        (
            "jku of the issuer's own token",
            issuer.token(&with(issuer.header(), "jku", json!(EVIL)), &claims),
        ),
        ("crit", issuer.token(&with(issuer.header(), "crit", json!(["exp"])), &claims)),
    ]
}

/// Tokens of the issuer's that are not for us, or not for now, or for nobody.
fn claims(issuer: &TestIssuer, now: i64) -> Vec<Forgery> {
    let claimed = |field: &str, value: Value| {
        issuer.token(&issuer.header(), &with(issuer.claims("ana", now), field, value))
    };
    vec![
        ("expired", claimed("exp", json!(now - 31))),
        ("expired long ago", claimed("exp", json!(0))),
        ("no end", claimed("exp", Value::Null)),
        ("an end in words", claimed("exp", json!("tomorrow"))),
        ("an end past all calendars", claimed("exp", json!(1e300))),
        ("not good yet", claimed("nbf", json!(now + 120))),
        ("from the future", claimed("iat", json!(now + 120))),
        ("from no time", claimed("iat", Value::Null)),
        ("for another audience", claimed("aud", json!("another-app"))),
        ("for other audiences", claimed("aud", json!(["another-app", "a-third"]))),
        ("for nobody's audience", claimed("aud", Value::Null)),
        ("another issuer", claimed("iss", json!("https://evil.example/"))),
        ("nearly the issuer", claimed("iss", json!("https://issuer.example"))),
        ("two issuers", claimed("iss", json!([TestIssuer::NAME, "https://evil.example/"]))),
        ("no issuer", claimed("iss", Value::Null)),
        ("our own accounts' name", claimed("iss", json!("banter"))),
        ("no subject", claimed("sub", Value::Null)),
        ("an empty subject", claimed("sub", json!(""))),
        ("a subject that is a number", claimed("sub", json!(7))),
        ("a subject without an end", claimed("sub", json!("a".repeat(256)))),
    ]
}

/// What is no whole token.
fn shapes(issuer: &TestIssuer, now: i64) -> Vec<Forgery> {
    let honest = issuer.honest("ana", now);
    let other = issuer.honest("ben", now);
    let large = with(issuer.claims("ana", now), "name", json!("x".repeat(6_200)));
    let (message, signature) = honest.rsplit_once('.').unwrap_or_default();
    let (_, others) = other.rsplit_once('.').unwrap_or_default();
    let zeros = BASE64_URL_SAFE_NO_PAD.encode([0; 64]);
    vec![
        ("no signature", format!("{message}.")),
        ("a signature of zeros", format!("{message}.{zeros}")),
        ("another token's signature", format!("{message}.{others}")),
        ("cut short", honest[..honest.len() - 4].to_owned()),
        ("a fourth part", format!("{honest}.{signature}")),
        ("two parts", message.to_owned()),
        ("oversize", issuer.token(&issuer.header(), &large)),
    ]
}
