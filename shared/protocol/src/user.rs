//! Users.

use serde::{Deserialize, Serialize};

use crate::{Time, present};

/// Somebody who chats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct User {
    pub id: String,
    pub username: String,
    pub name: String,
    pub avatar_media_id: Option<String>,
    pub is_staff: bool,
    /// Left out of those who are not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_banned: bool,
    pub created_at: Time,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            avatar_media_id: user.avatar_media_id.map(|id| id.to_string()),
            is_staff: user.is_staff,
            is_banned: user.is_banned,
            created_at: user.created_at.into(),
        }
    }
}

/// `PATCH /v1/users/me`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct UpdateUser {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub avatar_media_id: Option<Option<String>>,
}
