//! Reading users.

use domain::{Refusal, User, UserId};

use crate::{Error, Identity};

/// Most users asked for at once.
pub const MAX_IDS: usize = 100;

impl Identity {
    /// A user.
    ///
    /// # Errors
    /// [`Refusal::UserNotFound`].
    pub async fn user(&self, id: UserId) -> Result<User, Error> {
        Ok(self.store.user(id).await?.ok_or(Refusal::UserNotFound)?)
    }

    /// These users, in this order, each once; those that do not exist are left out.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for more than [`MAX_IDS`].
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, Error> {
        if ids.len() > MAX_IDS {
            let reason = format!("must name at most {MAX_IDS} users");
            return Err(Refusal::Invalid { pointer: "/ids", reason }.into());
        }
        Ok(self.store.users(ids).await?)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::tests::{ana, identity};

    #[tokio::test]
    async fn a_hundred_users_and_no_more() {
        let identity = identity().await;
        let ana = ana(&identity).await.user;
        let mut ids: Vec<_> = (1..100).map(|id| UserId::new(Uuid::from_u128(id))).collect();
        ids.push(ana.id);
        assert_eq!(identity.users(&ids).await.unwrap(), std::slice::from_ref(&ana));
        ids.push(ana.id);
        assert!(identity.users(&ids).await.is_err());
        assert_eq!(identity.user(ana.id).await.unwrap(), ana);
        let missing = identity.user(ids[0]).await.err();
        assert!(matches!(missing, Some(Error::Refused(Refusal::UserNotFound))));
    }
}
