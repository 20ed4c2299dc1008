//! What a deployment says of its outside issuer.

use jsonwebtoken::{Algorithm, Validation};

use super::Issuer;
use super::fetch::Fetch;
use super::keys::{InvalidKeys, KeySet, Keys};
use super::staff::StaffClaim;
use crate::token::ISSUER;

/// What a deployment says of its outside issuer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IssuerSettings {
    /// As it stands in `iss`.
    pub issuer: String,
    /// What must be in `aud`.
    pub audience: String,
    /// A JSON Web Key Set, or the address of one.
    pub keys: String,
    /// `RS256`, `ES256` or `EdDSA`.
    pub algorithm: String,
    /// `claim` or `claim=value`; empty if tokens do not say who is staff.
    pub staff_claim: String,
}

/// Why an outside issuer cannot be trusted as it is described.
#[derive(Debug, thiserror::Error)]
pub enum InvalidIssuer {
    /// It has no name of its own, or no audience.
    #[error(
        "IDENTITY_ISSUER and IDENTITY_AUDIENCE must name the issuer and whom its tokens are for"
    )]
    Name,
    /// Its algorithm is none of the three.
    #[error("IDENTITY_ALGORITHM must be RS256, ES256 or EdDSA")]
    Algorithm,
    /// Its keys are at no address that is safe to ask.
    #[error("IDENTITY_KEYS must be a JSON Web Key Set or an https address")]
    Address,
    /// Its keys are given, and are none.
    #[error("IDENTITY_KEYS is not usable")]
    Keys(#[from] InvalidKeys),
}

impl IssuerSettings {
    /// From `IDENTITY_ISSUER`, `IDENTITY_AUDIENCE`, `IDENTITY_KEYS`, `IDENTITY_ALGORITHM` and
    /// `IDENTITY_STAFF_CLAIM`. `None` where there is no such issuer.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let text = |name| environment::optional(name).unwrap_or_default();
        Some(Self {
            issuer: environment::optional("IDENTITY_ISSUER")?,
            audience: text("IDENTITY_AUDIENCE"),
            keys: text("IDENTITY_KEYS"),
            algorithm: text("IDENTITY_ALGORITHM"),
            staff_claim: text("IDENTITY_STAFF_CLAIM"),
        })
    }
}

impl Issuer {
    /// # Errors
    /// [`InvalidIssuer`].
    pub(crate) fn new(settings: &IssuerSettings) -> Result<Self, InvalidIssuer> {
        let IssuerSettings { issuer, audience, keys, algorithm, staff_claim } = settings;
        // Our own name is our own accounts'.
        let is_name = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if issuer == ISSUER || !is_name(issuer) || !is_name(audience) {
            return Err(InvalidIssuer::Name);
        }
        let algorithm = match algorithm.as_str() {
            "RS256" => Algorithm::RS256,
            "ES256" => Algorithm::ES256,
            "EdDSA" => Algorithm::EdDSA,
            _ => return Err(InvalidIssuer::Algorithm),
        };
        let keys = if keys.trim_start().starts_with('{') {
            Keys::Given(KeySet::parse(keys.as_bytes(), algorithm)?)
        } else {
            Keys::published(algorithm, Fetch::new(keys).ok_or(InvalidIssuer::Address)?)
        };
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.validate_exp = false; // By the clock of the caller instead.
        crate::crypto::install();
        Ok(Self {
            name: issuer.clone(),
            algorithm,
            validation,
            staff: StaffClaim::parse(staff_claim),
            keys,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::issuer::testing::{Kind, TestIssuer};

    #[test]
    fn a_description_is_complete_and_safe_or_refused() {
        let good = TestIssuer::new(Kind::Es256).settings();
        let with = |change: fn(&mut IssuerSettings)| {
            let mut settings = good.clone();
            change(&mut settings);
            Issuer::new(&settings).err().map(|error| error.to_string())
        };
        assert_eq!(with(|_| {}), None);
        assert_eq!(with(|it| it.keys = "https://issuer.example/jwks.json".to_owned()), None);
        for (change, part) in [
            ((|it| it.issuer = "banter".to_owned()) as fn(&mut IssuerSettings), "IDENTITY_ISSUER"),
            (|it| it.issuer = "a\nb".to_owned(), "IDENTITY_ISSUER"),
            (|it| it.audience.clear(), "IDENTITY_AUDIENCE"),
            (|it| it.algorithm = "HS256".to_owned(), "IDENTITY_ALGORITHM"),
            (|it| it.algorithm = "none".to_owned(), "IDENTITY_ALGORITHM"),
            (|it| it.algorithm.clear(), "IDENTITY_ALGORITHM"),
            (|it| it.keys.clear(), "https"),
            (|it| it.keys = "http://issuer.example/jwks.json".to_owned(), "https"),
            (|it| it.keys = "{}".to_owned(), "not usable"),
            (|it| it.keys = json!({ "keys": [] }).to_string(), "not usable"),
            (
                |it| it.keys = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }).to_string(),
                "not usable",
            ),
            // Keys of another algorithm are none.
            (|it| it.algorithm = "EdDSA".to_owned(), "not usable"),
        ] {
            let refused = with(change).unwrap_or_default();
            assert!(refused.contains(part), "{part}: {refused}");
        }
    }
}
