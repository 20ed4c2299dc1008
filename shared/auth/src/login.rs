//! Signing in with a password.

use domain::{Password, Username};
use jiff::Timestamp;

use crate::{Error, Identity, SignedIn, Unauthenticated, password};

impl Identity {
    /// Signs in with a password.
    ///
    /// # Errors
    /// [`Unauthenticated::WrongPassword`] whatever was wrong: neither the answer nor the time it
    /// takes tells whether the username exists. [`domain::Refusal::AccountBanned`] to the right one only.
    pub async fn login(
        &self,
        username: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<SignedIn, Error> {
        self.with_accounts()?;
        // What could never have been set is no password; it is refused before it costs anything,
        // and that says nothing about the username.
        let password = Password::parse(password).map_err(|_| Unauthenticated::WrongPassword)?;
        let credentials = match Username::parse(username) {
            Ok(username) => self.store.credentials(username.as_str()).await?,
            Err(_) => None,
        };
        let hash = credentials.as_ref().and_then(|found| found.password_hash.as_deref());
        let is_right = password::is_right(&password, hash);
        let found = credentials.filter(|_| is_right).ok_or(Unauthenticated::WrongPassword)?;
        let user = self.store.user(found.user_id).await?.ok_or(Unauthenticated::WrongPassword)?;
        user.unless_banned()?;
        let signed_in = self.open_session(user, now).await?;
        // Whoever changes a password ends the sessions that there are: one that was being opened by the
        // old one meanwhile sees it here.
        if self.store.credentials(username).await?.is_some_and(|now| now == found) {
            return Ok(signed_in);
        }
        self.logout(&signed_in.refresh_token).await?;
        Err(Unauthenticated::WrongPassword.into())
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::tests::{ana, at, identity};
    use crate::issuer::testing::{Kind, TestIssuer};
    use crate::password::HASHED;
    use crate::{Error, Unauthenticated};

    #[tokio::test]
    async fn only_the_right_password_signs_in() {
        let identity = identity().await;
        let signed_up = ana(&identity).await;
        let signed_in = identity.login("ana", "correct horse", at(5)).await.unwrap();
        assert_eq!(signed_in.user, signed_up.user);
        assert_ne!(signed_in.refresh_token, signed_up.refresh_token);
        for (username, password) in [
            ("ana", "wrong horse"),
            ("ana", ""),
            ("ana", "short"),
            ("ben", "correct horse"),
            ("Ana", "correct horse"),
            ("", "correct horse"),
            ("a#b", "correct horse"),
        ] {
            let refused = identity.login(username, password, at(5)).await.err();
            assert!(
                matches!(refused, Some(Error::Unauthenticated(Unauthenticated::WrongPassword))),
                "{username} {password}"
            );
        }
    }

    #[tokio::test]
    async fn whoever_it_is_and_is_not_costs_the_same_work() {
        let issuer = TestIssuer::new(Kind::EdDsa);
        let identity = identity().await.trusting(&issuer.settings());
        ana(&identity).await;
        let outside = issuer.honest("s", at(0).as_second());
        let outside = identity.authenticate(&outside, at(0)).await.unwrap().username;
        for username in ["ana", "nobody", "NOBODY", "", outside.as_str()] {
            let before = HASHED.get();
            assert!(identity.login(username, "wrong horse", at(5)).await.is_err());
            assert_eq!(HASHED.get() - before, 1, "{username}");
        }
        // What can be nobody's password costs nothing, whosever it is not.
        for username in ["ana", "nobody"] {
            let before = HASHED.get();
            assert!(identity.login(username, "short", at(5)).await.is_err());
            assert_eq!(HASHED.get() - before, 0, "{username}");
        }
    }
}
