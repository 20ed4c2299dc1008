//! Signing out.

use crate::secret::RefreshToken;
use crate::{Error, Identity};

impl Identity {
    /// Ends the session of a refresh token, be it the newest or an older one. Ending it again, or
    /// one that never was, changes nothing.
    ///
    /// An access token stays good until it expires, at most 15 minutes.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn logout(&self, refresh_token: &str) -> Result<(), Error> {
        if let Some(token) = RefreshToken::parse(refresh_token) {
            self.store.end_session(token.session_id).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::tests::{ana, at, identity};

    #[tokio::test]
    async fn a_session_that_was_ended_is_not_renewed() {
        let identity = identity().await;
        let signed_in = ana(&identity).await;
        for _ in 0..2 {
            identity.logout(&signed_in.refresh_token).await.unwrap();
        }
        identity.logout("nonsense").await.unwrap();
        assert!(identity.refresh(&signed_in.refresh_token, at(1)).await.is_err());
    }
}
