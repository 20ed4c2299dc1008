//! Access tokens: JWTs signed with HMAC-SHA-256 by the one key of the deployment.
//!
//! One algorithm and one issuer, both pinned: what a token's header asks for is compared and never
//! obeyed.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::Proof;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{Claims, Error, Unauthenticated};

/// How long an access token is good. Nothing ends it sooner, so it is short.
pub const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// As it stands in `iss`.
pub(crate) const ISSUER: &str = "banter";

/// Longest token that is looked at; ours have about 500 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Shortest secret: RFC 7518 section 3.2 asks for a key as long as the hash.
const MIN_SECRET_BYTES: usize = 32;

/// Signs and reads access tokens.
pub(crate) struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    secrets: hmac::Key,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

/// As it is in the token; the names are those of RFC 7519 where it has one.
#[derive(Serialize, Deserialize)]
struct TokenClaims {
    iss: String,
    sub: String,
    username: String,
    name: String,
    is_staff: bool,
    sid: Option<String>,
    iat: i64,
    exp: i64,
}

impl TokenKey {
    /// The key made of `secret`.
    ///
    /// # Errors
    /// [`Error::Internal`] if it is too short to sign with.
    pub(crate) fn new(secret: &str) -> Result<Self, Error> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(Error::Internal("the token secret is too short".into()));
        }
        crate::crypto::install();
        let secret = secret.as_bytes();
        Ok(Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            secrets: hmac::Key::new(hmac::HMAC_SHA256, secret),
        })
    }

    /// A secret of 256 bits that follows from `before`, for whoever has the key.
    pub(crate) fn secret_after(&self, before: &str) -> String {
        // No token is of this form, so neither says anything about the other.
        let tag = hmac::sign(&self.secrets, format!("refresh\n{before}").as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(tag)
    }

    pub(crate) fn sign(&self, claims: &Claims, now: Timestamp) -> Result<String, Error> {
        let claims = TokenClaims {
            iss: ISSUER.to_owned(),
            sub: claims.user_id.to_string(),
            username: claims.username.clone(),
            name: claims.name.clone(),
            is_staff: claims.is_staff,
            sid: claims.proof.session().map(|id| id.to_string()),
            iat: now.as_second(),
            exp: claims.expires_at.as_second(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| Error::Internal(Box::new(error)))
    }

    pub(crate) fn read(&self, token: &str, now: Timestamp) -> Result<Claims, Unauthenticated> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Unauthenticated::InvalidToken);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        validation.validate_exp = false; // Below, by the clock of the caller.
        let claims: TokenClaims = decode(token, &self.decoding, &validation)
            .map_err(|_| Unauthenticated::InvalidToken)?
            .claims;
        if claims.exp <= now.as_second() {
            return Err(Unauthenticated::ExpiredToken);
        }
        claims.checked().ok_or(Unauthenticated::InvalidToken)
    }
}

impl TokenClaims {
    fn checked(self) -> Option<Claims> {
        Some(Claims {
            user_id: self.sub.parse().ok()?,
            username: self.username,
            name: self.name,
            is_staff: self.is_staff,
            proof: Proof::Session(self.sid?.parse().ok()?),
            expires_at: Timestamp::from_second(self.exp).ok()?,
        })
    }
}

#[cfg(test)]
mod tests;
