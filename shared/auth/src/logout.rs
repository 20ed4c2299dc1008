//! Signing out.

use domain::UserId;
use uuid::Uuid;

use crate::secret::RefreshToken;
use crate::{Error, Identity};

/// A session that has ended. Sockets that it opened are still open: whoever learns this closes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Whose it was.
    pub user_id: UserId,
    /// Which.
    pub session_id: Uuid,
}

impl Identity {
    /// Ends the session of a refresh token, be it the newest or an older one, and says so also when
    /// it had ended before. One that never was is none.
    ///
    /// An access token stays good until it expires, at most 15 minutes, but opens no socket.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn logout(&self, refresh_token: &str) -> Result<Option<Ended>, Error> {
        match RefreshToken::parse(refresh_token) {
            Some(token) => self.end_session(token.session_id).await,
            None => Ok(None),
        }
    }

    pub(crate) async fn end_session(&self, session_id: Uuid) -> Result<Option<Ended>, Error> {
        let user_id = self.store.end_session(session_id).await?;
        Ok(user_id.map(|user_id| Ended { user_id, session_id }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{ana, at, identity};

    #[tokio::test]
    async fn a_session_that_was_ended_is_not_renewed() {
        let identity = identity().await;
        let signed_in = ana(&identity).await;
        let claims = identity.authenticate(&signed_in.access_token, at(0)).await.unwrap();
        let session_id = claims.proof.session().unwrap();
        let ended = Ended { user_id: claims.user_id, session_id };
        for _ in 0..2 {
            assert_eq!(identity.logout(&signed_in.refresh_token).await.unwrap(), Some(ended));
        }
        assert_eq!(identity.logout("nonsense").await.unwrap(), None);
        assert!(identity.refresh(&signed_in.refresh_token, at(1)).await.is_err());
    }
}
