//! Tokens that nobody issued.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tests::Stack;

/// The three parts of a token.
pub(crate) fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("a token has three parts")
}

/// A part that says `value`.
pub(crate) fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The claims after `change`.
pub(crate) fn claims(part: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = decode(part);
    change(&mut claims);
    encode(&claims)
}

/// When the token with these claims was issued.
pub(crate) fn issued_at(part: &str) -> i64 {
    decode(part)["iat"].as_i64().expect("a token says when it was issued")
}

/// A token signed with `secret`.
pub(crate) fn signed(header: &str, claims: &str, secret: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let signature = ring::hmac::sign(&key, format!("{header}.{claims}").as_bytes());
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The secret of a stack, which lies in its data.
pub(crate) fn secret_of(stack: &Stack) -> String {
    std::fs::read_to_string(stack.data().join("secrets/TokenSecret")).expect("a stack has one")
}

fn decode(part: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("a part is base64");
    serde_json::from_slice(&bytes).expect("a part is JSON")
}
