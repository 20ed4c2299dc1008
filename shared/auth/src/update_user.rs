//! Changing one's own profile.

use domain::{MediaId, Name, User, UserId};
use storage::RenameUser;

use crate::{Error, Identity};

/// How often a change that met another one is tried.
const ATTEMPTS: usize = 4;

/// What to change; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserChange {
    /// Another name.
    pub name: Option<String>,
    /// Another picture, or none. Whoever asks has made sure that it may be one.
    pub avatar_media_id: Option<Option<MediaId>>,
}

impl Identity {
    /// Changes a user's profile. The new name is in tokens issued from now on.
    ///
    /// # Errors
    /// [`domain::Refusal::Invalid`] for a bad name. Doing it again is safe.
    pub async fn update_user(&self, id: UserId, change: &UserChange) -> Result<User, Error> {
        let name = change.name.as_deref().map(Name::parse).transpose()?;
        if let Some(avatar) = change.avatar_media_id {
            self.store.set_avatar(id, avatar).await?;
        }
        for _ in 0..ATTEMPTS {
            let user = self.user(id).await?;
            let Some(name) = name.as_ref().filter(|name| **name != user.name) else {
                return Ok(user);
            };
            match self.store.rename_user(&user, name).await? {
                RenameUser::Renamed => return Ok(User { name: name.clone(), ..user }),
                RenameUser::ChangedMeanwhile => {}
            }
        }
        Err(Error::Unavailable("lost too many races for a name".into()))
    }
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;
    use crate::identity::tests::{ana, at, identity};

    fn named(name: &str) -> UserChange {
        UserChange { name: Some(name.to_owned()), ..UserChange::default() }
    }

    #[tokio::test]
    async fn a_new_name_is_read_found_and_signed() {
        let identity = identity().await;
        let signed_in = ana(&identity).await;
        let id = signed_in.user.id;
        let renamed = identity.update_user(id, &named(" Zoë ")).await.unwrap();
        assert_eq!(renamed.name.as_str(), "Zoë");
        assert_eq!(identity.user(id).await.unwrap(), renamed);
        let found = identity.search_users("zoe", 1).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&renamed));
        let refreshed = identity.refresh(&signed_in.refresh_token, at(1)).await.unwrap();
        let claims = identity.authenticate(&refreshed.access_token, at(1)).await.unwrap();
        assert_eq!(claims.name, "Zoë");
        // Again, and nothing at all.
        assert_eq!(identity.update_user(id, &named("Zoë")).await.unwrap(), renamed);
        assert_eq!(identity.update_user(id, &UserChange::default()).await.unwrap(), renamed);
    }

    #[tokio::test]
    async fn two_renamings_leave_one_name_and_its_words() {
        let identity = identity().await;
        let id = ana(&identity).await.user.id;
        let (first, second) = (named("Bea One"), named("Cleo Two"));
        let (left, right) =
            tokio::join!(identity.update_user(id, &first), identity.update_user(id, &second));
        assert!(left.is_ok() && right.is_ok());
        let name = identity.user(id).await.unwrap().name;
        for word in ["bea", "one", "cleo", "two"] {
            let is_found = !identity.search_users(word, 1).await.unwrap().is_empty();
            assert_eq!(is_found, name.as_str().to_lowercase().contains(word), "{word}");
        }
    }

    #[tokio::test]
    async fn a_picture_is_set_and_taken_away() {
        let identity = identity().await;
        let id = ana(&identity).await.user.id;
        let avatar = |media| UserChange { avatar_media_id: Some(media), ..UserChange::default() };
        let picture = Some(MediaId::new(uuid::Uuid::from_u128(5)));
        for wanted in [picture, picture, None, None] {
            let user = identity.update_user(id, &avatar(wanted)).await.unwrap();
            assert_eq!(user.avatar_media_id, wanted);
            assert_eq!(identity.user(id).await.unwrap(), user);
        }
        let refused = identity.update_user(id, &named("")).await.err();
        assert!(matches!(refused, Some(Error::Refused(Refusal::Invalid { pointer: "/name", .. }))));
    }
}
