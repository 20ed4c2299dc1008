//! Signature Version 4 of a post. All but the path, the time and the digest is written once.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::generate_signing_key;
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use ring::hmac;

/// What a frame is sent as; an API's management reads bytes, whatever they are.
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

const SERVICE: &str = "execute-api";

/// When a request is signed, as it says so itself: `20260131T120000Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp(String);

impl Stamp {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(now.strftime("%Y%m%dT%H%M%SZ").to_string())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A key is good for one.
    pub(crate) fn day(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }
}

/// What signs the posts of one day to one host.
pub(crate) struct Key {
    hmac: hmac::Key,
    pub(crate) token: Option<String>,
    day: String,
    /// The canonical headers up to the time, and from there to the digest.
    headers: [String; 2],
    /// What is signed, between the time and the digest.
    scope: String,
    /// The header up to the signature.
    authorization: String,
}

impl Key {
    pub(crate) fn new(keys: &Credentials, region: &str, host: &str, now: Timestamp) -> Self {
        let day = Stamp::new(now).day().to_owned();
        let secret = keys.secret_access_key();
        let key = generate_signing_key(secret, SystemTime::from(now), region, SERVICE);
        let (token_line, signed) = match keys.session_token() {
            Some(token) => (
                format!("x-amz-security-token:{token}\n"),
                "content-type;host;x-amz-date;x-amz-security-token",
            ),
            None => (String::new(), "content-type;host;x-amz-date"),
        };
        let scope = format!("{day}/{region}/{SERVICE}/aws4_request");
        let id = keys.access_key_id();
        Self {
            hmac: hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()),
            token: keys.session_token().map(str::to_owned),
            headers: [
                format!("\n\ncontent-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:"),
                format!("\n{token_line}\n{signed}\n"),
            ],
            authorization: format!(
                "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature="
            ),
            scope,
            day,
        }
    }

    /// Whether it signs at this time.
    pub(crate) fn is_for(&self, stamp: &Stamp) -> bool {
        self.day == stamp.day()
    }

    /// The `authorization` of a post to `path`, as it is signed, of a body with this digest.
    pub(crate) fn sign(&self, path: &str, stamp: &Stamp, sha256: &str) -> String {
        let ([head, tail], stamp) = (&self.headers, stamp.as_str());
        let canonical = ["POST\n", path, head, stamp, tail, sha256].concat();
        let canonical = hex::encode(digest(&SHA256, canonical.as_bytes()));
        let signed = ["AWS4-HMAC-SHA256\n", stamp, "\n", &self.scope, "\n", &canonical].concat();
        let signature = hmac::sign(&self.hmac, signed.as_bytes());
        [self.authorization.as_str(), &hex::encode(signature)].concat()
    }
}

/// Without the token, which is as good as a password.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("scope", &self.scope).finish_non_exhaustive()
    }
}
