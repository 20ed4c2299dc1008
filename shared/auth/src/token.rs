//! Access tokens: JWTs signed with HMAC-SHA-256 by the one key of the deployment.
//!
//! One algorithm and one issuer, both pinned: what a token's header asks for is compared and never
//! obeyed. The cryptography is ring's, which is in the house for TLS already.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation, decode, encode,
};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::{Claims, Error, Unauthenticated};

/// How long an access token is good. Nothing ends it sooner, so it is short.
pub const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

const ISSUER: &str = "banter";

/// Longest token that is looked at; ours have about 500 bytes.
const MAX_TOKEN_BYTES: usize = 4_096;

/// Shortest secret: RFC 7518 section 3.2 asks for a key as long as the hash.
const MIN_SECRET_BYTES: usize = 32;

/// Signs and reads access tokens.
pub(crate) struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
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
    sid: String,
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
        // Only the first time in a process does anything.
        let _ = PROVIDER.install_default();
        let secret = secret.as_bytes();
        Ok(Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        })
    }

    pub(crate) fn sign(&self, claims: &Claims, now: Timestamp) -> Result<String, Error> {
        let claims = TokenClaims {
            iss: ISSUER.to_owned(),
            sub: claims.user_id.to_string(),
            username: claims.username.clone(),
            name: claims.name.clone(),
            is_staff: claims.is_staff,
            sid: claims.session_id.to_string(),
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
            session_id: self.sid.parse().ok()?,
            expires_at: Timestamp::from_second(self.exp).ok()?,
        })
    }
}

/// HMAC-SHA-256 and nothing else.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(key.as_bytes()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => verifier(key),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn verifier(key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)))
}

struct Hs256(hmac::Key);

impl Hs256 {
    fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(hmac::sign(&self.0, message).as_ref().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    /// In constant time.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        hmac::verify(&self.0, message, signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
