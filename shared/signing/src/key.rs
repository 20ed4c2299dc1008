//! One day's key, and what is signed by it.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::generate_signing_key;
use jiff::Timestamp;
use ring::digest::SHA256;
use ring::hmac;

/// What all requests to a service have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The service, as a signature names it.
    pub service: &'static str,
    /// The header of that name.
    pub content_type: &'static str,
    /// Whether requests say by `x-amz-target` what is asked for.
    pub has_target: bool,
}

/// A digest of a body, as it is signed: SHA-256 in hexadecimal.
#[must_use]
pub fn digest(body: &[u8]) -> String {
    hex::encode(ring::digest::digest(&SHA256, body))
}

/// When a request is signed, as it says so itself: `20260131T120000Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(String);

impl Stamp {
    /// Of this time.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(now.strftime("%Y%m%dT%H%M%SZ").to_string())
    }

    fn as_str(&self) -> &str {
        &self.0
    }

    /// A key is good for one.
    pub(crate) fn day(&self) -> &str {
        self.0.split('T').next().unwrap_or_default()
    }
}

/// What signs the requests of one day to one host.
pub struct Key {
    hmac: hmac::Key,
    token: Option<String>,
    day: String,
    /// The canonical headers up to the time, between it and what is asked for, and all their names.
    headers: [String; 3],
    /// What is signed, between the time and the digest.
    scope: String,
    /// The header up to the signature.
    authorization: String,
}

impl Key {
    pub(crate) fn new(
        form: Form,
        keys: &Credentials,
        region: &str,
        host: &str,
        now: Timestamp,
    ) -> Self {
        let Form { service, content_type, has_target } = form;
        let day = Stamp::new(now).day().to_owned();
        let secret = keys.secret_access_key();
        let key = generate_signing_key(secret, SystemTime::from(now), region, service);
        let mut token_line = String::new();
        let mut signed = "content-type;host;x-amz-date".to_owned();
        if let Some(token) = keys.session_token() {
            token_line = format!("x-amz-security-token:{token}\n");
            signed.push_str(";x-amz-security-token");
        }
        if has_target {
            signed.push_str(";x-amz-target");
        }
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let id = keys.access_key_id();
        Self {
            hmac: hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()),
            token: keys.session_token().map(str::to_owned),
            authorization: format!(
                "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature="
            ),
            headers: [
                format!("\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:"),
                format!("\n{token_line}"),
                format!("\n{signed}\n"),
            ],
            scope,
            day,
        }
    }

    /// Whether it signs at this time.
    pub(crate) fn is_for(&self, stamp: &Stamp) -> bool {
        self.day == stamp.day()
    }

    /// The headers that sign a POST to `path`, as it is signed, for this `target`, if the form has one,
    /// of a body with this [`digest`]: `x-amz-date`, `x-amz-security-token` if there is to be one, and
    /// `authorization`.
    pub fn sign(
        &self,
        path: &str,
        stamp: &Stamp,
        target: Option<&str>,
        sha256: &str,
    ) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let authorization = self.authorization(path, stamp, target, sha256);
        let token = self.token.clone().map(|token| ("x-amz-security-token", token));
        let date = [("x-amz-date", stamp.as_str().to_owned())];
        date.into_iter().chain(token).chain([("authorization", authorization)])
    }

    fn authorization(
        &self,
        path: &str,
        stamp: &Stamp,
        target: Option<&str>,
        sha256: &str,
    ) -> String {
        let ([head, token, signed], stamp) = (&self.headers, stamp.as_str());
        let target = target.map_or_else(String::new, |target| format!("x-amz-target:{target}\n"));
        let canonical = ["POST\n", path, head, stamp, token, &target, signed, sha256].concat();
        let canonical = digest(canonical.as_bytes());
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

#[cfg(test)]
mod tests;
