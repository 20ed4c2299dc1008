//! What somebody proved who they are by.

use jiff::Timestamp;
use uuid::Uuid;

/// What somebody proved who they are by. Their rights end with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A session of a built-in account: one signed-in device.
    Session(Uuid),
    /// A token of the outside issuer, of this time. Banter has no session of its own for it.
    Token {
        /// In whole seconds.
        issued_at: Timestamp,
    },
}

impl Proof {
    /// The session, if it is one.
    #[must_use]
    pub const fn session(self) -> Option<Uuid> {
        match self {
            Self::Session(id) => Some(id),
            Self::Token { .. } => None,
        }
    }

    /// When the token was issued, if it is one of the outside issuer, in seconds since the epoch.
    #[must_use]
    pub fn issued_at(self) -> Option<i64> {
        match self {
            Self::Session(_) => None,
            Self::Token { issued_at } => Some(issued_at.as_second()),
        }
    }

    /// The reverse of [`Self::session`] and [`Self::issued_at`]; `None` if it is neither.
    #[must_use]
    pub fn from_parts(session: Option<Uuid>, issued_at: Option<i64>) -> Option<Self> {
        match (session, issued_at) {
            (Some(id), _) => Some(Self::Session(id)),
            (None, Some(at)) => Some(Self::Token { issued_at: Timestamp::from_second(at).ok()? }),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_what_its_parts_say() {
        let issued_at = Timestamp::from_second(1_800_000_000).unwrap();
        for proof in [Proof::Session(Uuid::from_u128(7)), Proof::Token { issued_at }] {
            assert_eq!(Proof::from_parts(proof.session(), proof.issued_at()), Some(proof));
        }
        assert_eq!(Proof::from_parts(None, None), None);
        assert_eq!(Proof::from_parts(None, Some(i64::MAX)), None);
    }
}
