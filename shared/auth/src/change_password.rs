//! Changing one's own password.

use domain::{Password, Proof, UserId};
use jiff::Timestamp;
use storage::ChangePassword;

use crate::{Error, Identity, Unauthenticated, password};

impl Identity {
    /// Gives a user another password, and ends all their sessions but the one that they ask from,
    /// which is told. The sockets of the others are still open: whoever learns this closes them.
    ///
    /// Safe to repeat: when the new password is theirs already, it is done.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Refused`] for a bad new one, [`Unauthenticated`] if the session
    /// has ended, and [`Error::SwitchedOff`] for who has no password here.
    pub async fn change_password(
        &self,
        (id, proof): (UserId, Proof),
        [current, new]: [&str; 2],
        now: Timestamp,
    ) -> Result<uuid::Uuid, Error> {
        self.with_accounts()?;
        let session = proof.session().ok_or(Error::SwitchedOff)?;
        let new = Password::parse_at(new, "/new_password")?;
        let user = self.user(id).await?;
        let credentials = self.store.credentials(user.username.as_str()).await?;
        let old = credentials.and_then(|found| found.password_hash).ok_or(Error::SwitchedOff)?;
        let is_current = |text| match Password::parse(text) {
            Ok(password) => password::is_right(&password, Some(&old)),
            Err(_) => false, // It could never have been set.
        };
        if !is_current(current) {
            let is_done = password::is_right(&new, Some(&old));
            return if is_done { Ok(session) } else { Err(Error::WrongPassword) };
        }
        let hashes = [old.as_str(), &password::hash(&new)?];
        match self.store.change_password(&user, hashes, session, now).await? {
            ChangePassword::Changed => Ok(session),
            ChangePassword::ChangedMeanwhile => Err(Unauthenticated::DeadSession.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;
    use crate::SignedIn;
    use crate::identity::tests::{ana, at, identity};

    async fn change(
        identity: &Identity,
        by: &SignedIn,
        passwords: [&str; 2],
        second: i64,
    ) -> Result<uuid::Uuid, Error> {
        let claims = identity.authenticate(&by.access_token, at(second)).await.unwrap();
        identity.change_password((claims.user_id, claims.proof), passwords, at(second)).await
    }

    #[tokio::test]
    async fn the_new_one_is_good_and_every_other_session_ends() {
        let identity = identity().await;
        let (mine, other) = (ana(&identity).await, ana_again(&identity, 1).await.unwrap());
        let passwords = ["correct horse", "another horse"];
        let kept = change(&identity, &mine, passwords, 5).await.unwrap();
        assert!(identity.refresh(&other.refresh_token, at(6)).await.is_err());
        let mine = identity.refresh(&mine.refresh_token, at(6)).await.unwrap();
        assert!(ana_again(&identity, 7).await.is_err());
        let fresh = identity.login("ana", "another horse", at(7)).await.unwrap();
        assert!(identity.refresh(&fresh.refresh_token, at(8)).await.is_ok());
        // The same again, as a client asks whose answer was lost: nothing changes.
        assert_eq!(change(&identity, &mine, passwords, 9).await.unwrap(), kept);
    }

    async fn ana_again(identity: &Identity, second: i64) -> Result<SignedIn, Error> {
        identity.login("ana", "correct horse", at(second)).await
    }

    #[tokio::test]
    async fn who_does_not_know_the_password_changes_nothing() {
        let identity = identity().await;
        let mine = ana(&identity).await;
        for current in ["wrong horse", "", "x", &"x".repeat(129)] {
            let refused = change(&identity, &mine, [current, "another horse"], 1).await.err();
            assert!(matches!(refused, Some(Error::WrongPassword)), "{current}");
        }
        for new in ["", "1234567", &"x".repeat(129)] {
            let refused = change(&identity, &mine, ["correct horse", new], 1).await.err();
            assert!(
                matches!(
                    refused,
                    Some(Error::Refused(Refusal::Invalid { pointer: "/new_password", .. }))
                ),
                "{new}"
            );
        }
        assert!(ana_again(&identity, 2).await.is_ok());
        // A session that has ended changes nothing either, though its token is still good.
        identity.logout(&mine.refresh_token).await.unwrap();
        let late = change(&identity, &mine, ["correct horse", "another horse"], 3).await.err();
        assert!(matches!(late, Some(Error::Unauthenticated(Unauthenticated::DeadSession))));
        assert!(ana_again(&identity, 4).await.is_ok());
    }
}
