//! Renewing a session.

use jiff::Timestamp;
use storage::RotateSession;

use crate::identity::{SESSION_LIFE, signed_in};
use crate::secret::RefreshToken;
use crate::{Error, Identity, SignedIn, Unauthenticated};

impl Identity {
    /// Gives a new pair of tokens for a refresh token, which dies: half a minute later, because an answer
    /// may be lost, and until then the same one is given for it again.
    ///
    /// A refresh token that was used before that ends its session (RFC 9700 section 4.14.2): of two who
    /// hold it one is a thief, and nobody can tell which.
    ///
    /// # Errors
    /// [`Unauthenticated::DeadSession`] or [`Error::Replayed`]: sign in again.
    /// [`domain::Refusal::AccountBanned`].
    pub async fn refresh(&self, refresh_token: &str, now: Timestamp) -> Result<SignedIn, Error> {
        self.with_accounts()?;
        let dead = || Error::from(Unauthenticated::DeadSession);
        let old = RefreshToken::parse(refresh_token).ok_or_else(dead)?;
        // Whatever may be unavailable is asked before the token dies: a client that is told to try
        // again must still have one.
        let key = self.key().await?;
        let session = self.store.session(old.session_id).await?.ok_or_else(dead)?;
        let account = self.store.account(session.user_id).await?.ok_or_else(dead)?;
        account.user.unless_banned()?;
        if session.opened_at < account.valid_from {
            return Err(dead());
        }

        let new = old.next(key);
        let rotated = self
            .store
            .rotate_session(
                old.session_id,
                &old.secret_hash(),
                &new.secret_hash(),
                now,
                now + SESSION_LIFE,
            )
            .await?;
        match rotated {
            RotateSession::Rotated(_) | RotateSession::Repeated => {
                signed_in(key, account.user, &new, now)
            }
            RotateSession::Replayed => {
                tracing::warn!(session_id = %old.session_id, "ended a session whose refresh token came twice");
                Err(self.end_session(old.session_id).await?.map_or_else(dead, Error::Replayed))
            }
            RotateSession::Ended => Err(dead()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::{ana, at, identity};

    const DAY: i64 = 24 * 60 * 60;

    fn is_dead(outcome: Result<SignedIn, Error>) -> bool {
        let error = outcome.err();
        matches!(error, Some(Error::Unauthenticated(Unauthenticated::DeadSession)))
    }

    fn is_replayed(outcome: Result<SignedIn, Error>) -> bool {
        let error = outcome.err();
        matches!(error, Some(Error::Replayed(_)))
    }

    #[tokio::test]
    async fn each_refresh_gives_a_pair_for_the_same_session() {
        let identity = identity().await;
        let first = ana(&identity).await;
        let second = identity.refresh(&first.refresh_token, at(800)).await.unwrap();
        let third = identity.refresh(&second.refresh_token, at(1_600)).await.unwrap();
        assert_eq!(third.user, first.user);
        let session =
            async |token: &str, now| identity.authenticate(token, at(now)).await.unwrap().proof;
        assert_eq!(
            session(&first.access_token, 1).await,
            session(&third.access_token, 1_601).await
        );
    }

    #[tokio::test]
    async fn a_lost_answer_is_given_again_for_half_a_minute() {
        let identity = identity().await;
        let first = ana(&identity).await;
        let second = identity.refresh(&first.refresh_token, at(1)).await.unwrap();
        let again = identity.refresh(&first.refresh_token, at(30)).await.unwrap();
        assert_eq!(again.refresh_token, second.refresh_token);
        assert!(identity.authenticate(&again.access_token, at(30)).await.is_ok());
        let third = identity.refresh(&again.refresh_token, at(31)).await.unwrap();
        assert_ne!(third.refresh_token, second.refresh_token);
    }

    #[tokio::test]
    async fn a_token_that_comes_twice_ends_the_session() {
        // Too late, and too old: its follower was used as well.
        for (is_used, second_time) in [(false, 31), (true, 2)] {
            let identity = identity().await;
            let first = ana(&identity).await;
            let mut newest = identity.refresh(&first.refresh_token, at(1)).await.unwrap();
            if is_used {
                newest = identity.refresh(&newest.refresh_token, at(1)).await.unwrap();
            }
            let replay = identity.refresh(&first.refresh_token, at(second_time)).await;
            assert!(is_replayed(replay));
            assert!(is_dead(identity.refresh(&first.refresh_token, at(33)).await));
            assert!(is_dead(identity.refresh(&newest.refresh_token, at(33)).await));
            // Other sessions of the user go on.
            let other = identity.login("ana", "correct horse", at(34)).await.unwrap();
            assert!(identity.refresh(&other.refresh_token, at(35)).await.is_ok());
        }
    }

    #[tokio::test]
    async fn two_at_once_get_the_same_and_go_on() {
        let identity = identity().await;
        let first = ana(&identity).await;
        let refresh = || identity.refresh(&first.refresh_token, at(1));
        let (left, right) = tokio::join!(refresh(), refresh());
        let (left, right) = (left.unwrap(), right.unwrap());
        assert_eq!(left.refresh_token, right.refresh_token);
        assert!(identity.refresh(&left.refresh_token, at(2)).await.is_ok());
    }

    #[tokio::test]
    async fn a_session_slides_and_ends() {
        let identity = identity().await;
        let first = ana(&identity).await;
        let second = identity.refresh(&first.refresh_token, at(29 * DAY)).await.unwrap();
        let third = identity.refresh(&second.refresh_token, at(58 * DAY)).await.unwrap();
        // The row is still there: only its time says that it ended.
        assert!(is_dead(identity.refresh(&third.refresh_token, at(88 * DAY)).await));
    }

    #[tokio::test]
    async fn a_revocation_ends_the_sessions_from_before_it() {
        let identity = identity().await;
        let before = ana(&identity).await;
        identity.store.revoke(before.user.id, at(5)).await.unwrap();
        assert!(is_dead(identity.refresh(&before.refresh_token, at(6)).await));
        let after = identity.login("ana", "correct horse", at(6)).await.unwrap();
        assert!(identity.refresh(&after.refresh_token, at(7)).await.is_ok());
    }

    #[tokio::test]
    async fn whoever_is_banned_is_told_so_by_the_right_password_and_nothing_else_lets_them_in() {
        fn is_banned<T>(outcome: Result<T, Error>) -> bool {
            matches!(outcome.err(), Some(Error::Refused(domain::Refusal::AccountBanned)))
        }
        let identity = identity().await;
        let first = ana(&identity).await;
        let claims = identity.let_in(&first.access_token, at(1)).await.unwrap();
        identity.store.set_banned(first.user.id, true, at(1)).await.unwrap();
        assert!(is_banned(identity.login("ana", "correct horse", at(1)).await));
        let wrong = identity.login("ana", "wrong horse", at(1)).await.err();
        let expected = Unauthenticated::WrongPassword;
        assert!(matches!(wrong, Some(Error::Unauthenticated(reason)) if reason == expected));
        assert!(is_banned(identity.refresh(&first.refresh_token, at(1)).await));
        assert!(is_banned(identity.issue_ticket(claims, None, at(1)).await));
        assert!(is_banned(identity.let_in(&first.access_token, at(1)).await));

        identity.store.set_banned(first.user.id, false, at(1)).await.unwrap();
        assert!(identity.login("ana", "correct horse", at(2)).await.is_ok());
        assert!(identity.let_in(&first.access_token, at(2)).await.is_ok());
        // What a ban has ended stays so.
        assert!(is_dead(identity.refresh(&first.refresh_token, at(2)).await));
    }

    #[tokio::test]
    async fn what_was_never_issued_is_dead() {
        let identity = identity().await;
        let first = ana(&identity).await;
        for bad in ["", "x", first.access_token.as_str()] {
            assert!(is_dead(identity.refresh(bad, at(1)).await), "{bad}");
        }
        assert!(identity.refresh(&first.refresh_token, at(2)).await.is_ok());
    }
}
