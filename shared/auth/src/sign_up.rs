//! Making an account.

use jiff::Timestamp;

use crate::{Error, Identity, NewUser, SignedIn, create_user};

impl Identity {
    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// [`Error::SwitchedOff`], [`Error::UsernameTaken`], or [`Error::Refused`] naming the field.
    /// If only the answer was lost, signing in tells.
    pub async fn sign_up(
        &self,
        username: &str,
        password: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<SignedIn, Error> {
        self.with_accounts()?;
        if !self.sign_up {
            return Err(Error::SwitchedOff);
        }
        let new = NewUser { username, password, name, is_staff: false };
        let user = create_user(&self.store, new, now).await?;
        self.open_session(user, now).await
    }
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;
    use crate::identity::tests::{ana, at, identity};

    #[tokio::test]
    async fn a_name_is_taken_once_however_many_try() {
        let identity = identity().await;
        let attempt = || identity.sign_up("ana", "correct horse", "Ana", at(0));
        let outcomes = tokio::join!(attempt(), attempt());
        let outcomes = [outcomes.0, outcomes.1];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for outcome in outcomes {
            assert!(matches!(outcome, Ok(_) | Err(Error::UsernameTaken)));
        }
        assert!(matches!(attempt().await, Err(Error::UsernameTaken)));
    }

    #[tokio::test]
    async fn a_new_user_is_signed_in_and_no_staff() {
        let identity = identity().await;
        let signed_in = ana(&identity).await;
        let claims = identity.authenticate(&signed_in.access_token, at(1)).await.unwrap();
        assert_eq!(claims.user_id, signed_in.user.id);
        assert!(!claims.is_staff);
        assert_eq!(claims.expires_at, at(900));
        assert_eq!(signed_in.expires_in.as_secs(), 900);
    }

    #[tokio::test]
    async fn a_refusal_names_the_field() {
        let identity = identity().await;
        for (username, password, name, expected) in [
            ("An", "correct horse", "Ana", "/username"),
            ("ana", "short", "Ana", "/password"),
            ("ana", "correct horse", " ", "/name"),
        ] {
            let refused = identity.sign_up(username, password, name, at(0)).await.err();
            assert!(
                matches!(refused, Some(Error::Refused(Refusal::Invalid { pointer, .. })) if pointer == expected),
                "{expected}"
            );
        }
        let off = identity.switched_off();
        let refused = off.sign_up("ana", "correct horse", "Ana", at(0)).await.err();
        assert!(matches!(refused, Some(Error::SwitchedOff)));
    }
}
