//! Who bears an access token.

use jiff::Timestamp;

use crate::{Claims, Error, Identity};

impl Identity {
    /// Who bears `token`. Nothing is looked up: a token is good until it expires, also when its
    /// session has ended meanwhile.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an expired token and for one that is none of ours.
    pub async fn authenticate(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        Ok(self.key().await?.read(token, now)?)
    }
}
