//! Who bears an access token.

use domain::Proof;
use jiff::Timestamp;

use crate::{Claims, Error, Identity, Unauthenticated};

/// Longest token that is looked at. Ours have about 500 bytes, and API Gateway takes no headers of more
/// than 10,240 together.
const MAX_TOKEN_BYTES: usize = 8_192;

impl Identity {
    /// Who bears `token`. A token of our own is good until it expires, also when its session has ended
    /// meanwhile: nothing is looked up. Whom a token of the outside issuer means is looked up.
    ///
    /// Which of the two it is, is what it says in `iss`; it is believed by the key of that issuer only.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an expired token and for one that is good for nobody.
    pub async fn authenticate(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Unauthenticated::InvalidToken.into());
        }
        if let Some(issuer) = self.issuer.as_ref().filter(|one| one.is_named_in(token)) {
            let statement = issuer.read(token, now).await?;
            return self.admit(&statement, now).await;
        }
        if !self.accounts {
            return Err(Unauthenticated::InvalidToken.into());
        }
        Ok(self.key().await?.read(token, now)?)
    }

    /// The same, unless their account is banned now.
    ///
    /// # Errors
    /// [`domain::Refusal::AccountBanned`], those of [`Self::authenticate`], or the store does not answer.
    pub async fn let_in(&self, token: &str, now: Timestamp) -> Result<Claims, Error> {
        let claims = self.authenticate(token, now).await?;
        // Whom a token of the outside issuer means was looked up.
        if let Proof::Session(_) = claims.proof
            && let Some(user) = self.store.user(claims.user_id).await?
        {
            user.unless_banned()?;
        }
        Ok(claims)
    }

    /// # Errors
    /// [`Error::SwitchedOff`] where only the outside issuer signs people in.
    pub(crate) const fn with_accounts(&self) -> Result<(), Error> {
        if self.accounts { Ok(()) } else { Err(Error::SwitchedOff) }
    }
}
