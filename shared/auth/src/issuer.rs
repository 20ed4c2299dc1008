//! The outside issuer: an identity provider whose tokens are taken beside those of our own accounts.
//!
//! Its name, the audience, the algorithm and where its keys are, are all the deployment's to say. What a
//! token's header asks for is compared with that and never obeyed: it names a key among those that are
//! known, and a token that brings a key or says where there is one is refused.

mod fetch;
mod keys;
mod settings;
mod staff;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Unauthenticated, secret};
use keys::Keys;
use staff::StaffClaim;

pub use settings::{InvalidIssuer, IssuerSettings};

/// How far the issuer's clock may be from ours.
const LEEWAY: Duration = Duration::from_secs(30);

/// Longest subject that an OIDC issuer may have.
const MAX_SUBJECT_BYTES: usize = 255;

/// One issuer. It keeps its keys, so it is made once in a process.
#[derive(Debug)]
pub(crate) struct Issuer {
    name: String,
    algorithm: Algorithm,
    validation: Validation,
    staff: Option<StaffClaim>,
    keys: Keys,
}

/// What a good token states of its bearer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Names issuer and subject together: a hash, because a subject may be an e-mail address.
    pub(crate) subject: String,
    /// What they would like to be called by, best first; none of it is valid or free yet.
    pub(crate) usernames: Vec<String>,
    /// The name that others read.
    pub(crate) name: Option<String>,
    /// `None` if this issuer does not say who is staff.
    pub(crate) is_staff: Option<bool>,
    /// When it was stated, in whole seconds.
    pub(crate) issued_at: Timestamp,
    /// When it ends, in whole seconds.
    pub(crate) expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Named {
    iss: String,
}

impl Issuer {
    /// Whether a token says that it is this issuer's. Nothing in it is believed yet.
    pub(crate) fn is_named_in(&self, token: &str) -> bool {
        insecure_decode_claims::<Named>(token).is_ok_and(|named| named.iss == self.name)
    }

    /// What a token states.
    ///
    /// # Errors
    /// [`Unauthenticated`], or [`Error::Unavailable`] while the keys cannot be had.
    pub(crate) async fn read(&self, token: &str, now: Timestamp) -> Result<Statement, Error> {
        let invalid = || Error::from(Unauthenticated::InvalidToken);
        let header = decode_header(token).map_err(|_| invalid())?;
        if !self.allows(&header) {
            return Err(invalid());
        }
        let key = self.keys.find(header.kid.as_deref(), now).await?;
        let claims = decode(token, &key, &self.validation).map_err(|_| invalid())?.claims;
        Ok(self.statement(&claims, now)?)
    }

    /// Whether such a header may stand before a token of this issuer's.
    fn allows(&self, header: &Header) -> bool {
        let Header { typ, alg, jku, jwk, x5u, x5c, crit, .. } = header;
        // Neither a key that comes along, nor an address of one, nor what must be understood and is not.
        let brings_keys = jku.is_some() || jwk.is_some() || x5u.is_some() || x5c.is_some();
        // Of one issuer there are other kinds of JWT too, such as those that tell of a sign-out.
        let is_token = typ.as_deref().is_none_or(|typ| {
            let typ = typ.to_ascii_lowercase();
            matches!(typ.trim_start_matches("application/"), "jwt" | "at+jwt")
        });
        *alg == self.algorithm && !brings_keys && crit.is_none() && is_token
    }

    fn statement(
        &self,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Statement, Unauthenticated> {
        let invalid = Unauthenticated::InvalidToken;
        let (issued_at, expires_at) = (time(claims, "iat")?, time(claims, "exp")?);
        let (issued_at, expires_at) = (issued_at.ok_or(invalid)?, expires_at.ok_or(invalid)?);
        let soon = now + LEEWAY;
        if issued_at > soon || time(claims, "nbf")?.is_some_and(|from| from > soon) {
            return Err(invalid);
        }
        let expires_at = expires_at.saturating_add(LEEWAY).map_err(|_| invalid)?;
        if expires_at <= now {
            return Err(Unauthenticated::ExpiredToken);
        }
        let text = |claim: &str| claims.get(claim).and_then(Value::as_str).map(str::to_owned);
        // The library is content with a list that has it in it.
        if text("iss").as_ref() != Some(&self.name) {
            return Err(invalid);
        }
        let subject = text("sub").filter(|sub| (1..=MAX_SUBJECT_BYTES).contains(&sub.len()));
        let subject = subject.ok_or(invalid)?;
        let local_part = text("email").and_then(|mail| Some(mail.split_once('@')?.0.to_owned()));
        Ok(Statement {
            // The name of the issuer has no such character in it.
            subject: secret::hash(&format!("{}\n{subject}", self.name)),
            usernames: [text("preferred_username"), local_part, text("name")]
                .into_iter()
                .flatten()
                .collect(),
            name: text("name"),
            is_staff: self.staff.as_ref().map(|staff| staff.holds(claims)),
            issued_at,
            expires_at,
        })
    }
}

/// A time in a token: seconds since the epoch, of which RFC 7519 allows fractions. `None` if it is not there.
fn time(claims: &Map<String, Value>, claim: &str) -> Result<Option<Timestamp>, Unauthenticated> {
    let Some(value) = claims.get(claim) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| {
        let seconds = value.as_f64()?.floor();
        // Further away than any calendar goes; a cast would cut it off silently.
        (seconds.abs() < 1e12).then_some(seconds as i64)
    });
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map(Some).ok_or(Unauthenticated::InvalidToken)
}

#[cfg(test)]
mod tests;
