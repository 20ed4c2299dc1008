//! Finding people by name.

use domain::User;

use crate::{Error, Identity};

/// Longest query, in characters: nobody's name is longer.
pub const MAX_QUERY_CHARS: usize = 100;

impl Identity {
    /// At most `limit` users whose username, or of whose name a word, begins with each word of
    /// `query`. Case and accents do not matter.
    ///
    /// # Errors
    /// [`Error::SwitchedOff`], or [`domain::Refusal::Invalid`] for an empty or too long query.
    pub async fn search_users(&self, query: &str, limit: usize) -> Result<Vec<User>, Error> {
        if !self.user_search {
            return Err(Error::SwitchedOff);
        }
        let query = domain::clean_line(query, MAX_QUERY_CHARS, "/q")?;
        Ok(self.store.search_users(&query, limit).await?)
    }
}

#[cfg(test)]
mod tests {
    use domain::Refusal;

    use super::*;
    use crate::identity::tests::{ana, at, identity};

    #[tokio::test]
    async fn people_are_found_unless_it_is_switched_off() {
        let identity = identity().await;
        let ana = ana(&identity).await.user;
        identity.sign_up("ben", "correct horse", "Benjamin Añez", at(0)).await.unwrap();
        assert_eq!(identity.search_users(" AN ", 1).await.unwrap().len(), 1);
        assert_eq!(identity.search_users("an", 50).await.unwrap().len(), 2);
        assert_eq!(identity.search_users("ana", 50).await.unwrap(), [ana]);
        for bad in ["", "  ", &"x".repeat(MAX_QUERY_CHARS + 1)] {
            let refused = identity.search_users(bad, 50).await.err();
            assert!(
                matches!(refused, Some(Error::Refused(Refusal::Invalid { pointer: "/q", .. }))),
                "{bad}"
            );
        }
        let refused = identity.switched_off().search_users("ana", 50).await.err();
        assert!(matches!(refused, Some(Error::SwitchedOff)));
    }
}
