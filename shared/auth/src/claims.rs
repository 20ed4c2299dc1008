//! What a token says about its bearer.

use domain::{Actor, Author, Proof, UserId};
use jiff::Timestamp;

/// What a token says about its bearer; true when it was issued, at most 15 minutes ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Who.
    pub user_id: UserId,
    /// The name they sign in by.
    pub username: String,
    /// The name that others read.
    pub name: String,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
    /// What they proved it by.
    pub proof: Proof,
    /// When the token ends, in whole seconds.
    pub expires_at: Timestamp,
}

impl Claims {
    /// Who asks.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor { user_id: self.user_id, is_staff: self.is_staff }
    }

    /// Who writes.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { id: self.user_id, name: self.name.clone() }
    }
}
