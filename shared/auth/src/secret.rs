//! Random secrets: made here, handed out once, stored as hashes only.
//!
//! They have 256 random bits, so a plain hash is enough: there is nothing to guess.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use uuid::Uuid;

use crate::Error;
use crate::token::TokenKey;

const BYTES: usize = 32;

/// A new secret, 43 characters that need no escaping in a URL.
pub(crate) fn fresh() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a secret.
pub(crate) fn hash(secret: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}

/// Whether it could be a secret of ours: whatever else comes costs no call.
pub(crate) fn is_plausible(text: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == BYTES)
}

/// `<session>.<secret>`: good for one refresh of that session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) session_id: Uuid,
    secret: String,
}

impl RefreshToken {
    pub(crate) fn issue(session_id: Uuid) -> Result<Self, Error> {
        Ok(Self { session_id, secret: fresh()? })
    }

    /// The one that takes the place of this one: always the same, so that a client which lost it can be
    /// told again. Nobody without the key of the deployment can tell it from any other.
    pub(crate) fn next(&self, key: &TokenKey) -> Self {
        let Self { session_id, secret } = self;
        Self {
            session_id: *session_id,
            secret: key.secret_after(&format!("{session_id}.{secret}")),
        }
    }

    /// `None` for what was never issued.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (session_id, secret) = text.split_once('.')?;
        let session_id = Uuid::parse_str(session_id).ok()?;
        is_plausible(secret).then(|| Self { session_id, secret: secret.to_owned() })
    }

    pub(crate) fn secret_hash(&self) -> String {
        hash(&self.secret)
    }

    pub(crate) fn text(&self) -> String {
        format!("{}.{}", self.session_id, self.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_plausible() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, other);
        assert_ne!(hash(&one), hash(&other));
        assert!(is_plausible(&one) && one.len() == 43);
        for bad in ["", "x", &one[1..], &format!("{one}A"), &one.replace(&one[..1], "+")] {
            assert!(!is_plausible(bad), "{bad}");
        }
    }

    #[test]
    fn a_refresh_token_is_read_as_written() {
        let token = RefreshToken::issue(Uuid::from_u128(7)).unwrap();
        assert!(RefreshToken::parse(&token.text()) == Some(token));
        let secret = fresh().unwrap();
        for bad in ["", ".", &secret, &format!(".{secret}"), &format!("{}.", Uuid::from_u128(7))] {
            assert!(RefreshToken::parse(bad).is_none(), "{bad}");
        }
    }
}
