//! The keys of the outside issuer: given with the deployment, or fetched from where they are published.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::fetch::{Fetch, Fetched};
use crate::{Error, Unauthenticated};

/// However many unknown keys tokens name, and however often it failed, the issuer is asked no sooner.
pub(crate) const ASKED_AT_MOST_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// How long keys are believed without asking, by what their publisher says: within these.
const FRESH: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(60 * 60);
/// The same where the publisher says nothing.
const FRESH_BY_DEFAULT: Duration = Duration::from_secs(5 * 60);

/// Where keys are found.
#[derive(Debug)]
pub(crate) enum Keys {
    /// They are these.
    Given(KeySet),
    /// They are published there.
    Published { algorithm: Algorithm, fetch: Fetch, known: Mutex<Known> },
}

/// What was learned of published keys so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    set: Option<KeySet>,
    fresh_until: Timestamp,
    asked_at: Option<Timestamp>,
    is_outage: bool,
}

impl Keys {
    pub(crate) fn published(algorithm: Algorithm, fetch: Fetch) -> Self {
        Self::Published { algorithm, fetch, known: Mutex::default() }
    }

    /// The key of this name; without a name, the only key there is.
    ///
    /// Published keys are asked for anew when they have got old, or a name is unknown: a new key
    /// works at once, and whoever makes names up causes one request in [`ASKED_AT_MOST_EVERY`]. While
    /// the issuer cannot be reached, what was known of it goes on holding.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidToken`] if there is no such key; [`Error::Unavailable`] if that cannot
    /// be told.
    pub(crate) async fn find(
        &self,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<DecodingKey, Error> {
        let unknown = || Error::from(Unauthenticated::InvalidToken);
        let (algorithm, fetch, known) = match self {
            Self::Given(set) => return set.find(name).cloned().ok_or_else(unknown),
            Self::Published { algorithm, fetch, known } => (*algorithm, fetch, known),
        };
        // Held while asking, so that of many tokens at once one asks.
        let mut known = known.lock().await;
        let is_known = known.set.as_ref().is_some_and(|set| set.find(name).is_some());
        let may_ask = known.asked_at.is_none_or(|at| now.duration_since(at) >= ASKED_AT_MOST_EVERY);
        if may_ask && (!is_known || now >= known.fresh_until) {
            known.asked_at = Some(now);
            match ask(fetch, algorithm).await {
                Ok((set, fresh_for)) => {
                    known.set = Some(set);
                    known.fresh_until = now + fresh_for;
                    known.is_outage = false;
                }
                Err(error) => {
                    tracing::warn!(
                        error = environment::chain(&*error),
                        "the issuer's keys could not be had"
                    );
                    known.is_outage = true;
                }
            }
        }
        match known.set.as_ref().and_then(|set| set.find(name)) {
            Some(key) => Ok(key.clone()),
            None if known.is_outage => {
                Err(Error::Unavailable("the issuer's keys are not there".into()))
            }
            None => Err(unknown()),
        }
    }
}

type AskError = Box<dyn std::error::Error + Send + Sync>;

async fn ask(fetch: &Fetch, algorithm: Algorithm) -> Result<(KeySet, Duration), AskError> {
    let Fetched { body, max_age } = fetch.get().await?;
    // An answer without a key is an issuer's mistake: what was known before is better.
    let set = KeySet::parse(&body, algorithm)?;
    let fresh_for = max_age.unwrap_or(FRESH_BY_DEFAULT);
    Ok((set, fresh_for.clamp(*FRESH.start(), *FRESH.end())))
}

/// Keys that verify by the issuer's algorithm, with the names that tokens call them by.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<(Option<String>, DecodingKey)>);

/// Why a text is no set of keys.
#[derive(Debug, thiserror::Error)]
pub enum InvalidKeys {
    /// It is no JSON Web Key Set.
    #[error("not a JSON Web Key Set")]
    Unreadable(#[source] serde_json::Error),
    /// None of them is for the algorithm.
    #[error("no key that signs by the algorithm")]
    NoneUsable,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl KeySet {
    /// The keys of a JSON Web Key Set that are for `algorithm`; others are passed over.
    pub(crate) fn parse(json: &[u8], algorithm: Algorithm) -> Result<Self, InvalidKeys> {
        let set: Set = serde_json::from_slice(json).map_err(InvalidKeys::Unreadable)?;
        let usable = |key: Value| {
            let key: Jwk = serde_json::from_value(key).ok()?;
            let decoding = is_for(&key, algorithm).then(|| DecodingKey::from_jwk(&key).ok())??;
            Some((key.common.key_id, decoding))
        };
        let keys: Vec<_> = set.keys.into_iter().filter_map(usable).collect();
        if keys.is_empty() { Err(InvalidKeys::NoneUsable) } else { Ok(Self(keys)) }
    }

    fn find(&self, name: Option<&str>) -> Option<&DecodingKey> {
        match (name, self.0.as_slice()) {
            (None, [(_, only)]) => Some(only),
            (None, _) => None,
            (Some(name), keys) => {
                let named = keys.iter().find(|(own, _)| own.as_deref() == Some(name));
                named.map(|(_, key)| key)
            }
        }
    }
}

/// Whether a key is one that verifies signatures by `algorithm`, and no other.
fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    let (is_of_kind, named) = match (algorithm, &key.algorithm) {
        (Algorithm::RS256, AlgorithmParameters::RSA(_)) => (true, KeyAlgorithm::RS256),
        (Algorithm::ES256, AlgorithmParameters::EllipticCurve(key)) => {
            (key.curve == EllipticCurve::P256, KeyAlgorithm::ES256)
        }
        (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(key)) => {
            (key.curve == EllipticCurve::Ed25519, KeyAlgorithm::EdDSA)
        }
        _ => return false,
    };
    let common = &key.common;
    let verifies = |operations: &Vec<_>| operations.contains(&KeyOperations::Verify);
    is_of_kind
        && common.key_algorithm.is_none_or(|own| own == named)
        && common.public_key_use.as_ref().is_none_or(|own| *own == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(verifies)
}

#[cfg(test)]
mod tests;
