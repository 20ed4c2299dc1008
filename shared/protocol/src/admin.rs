//! What staff send to `/v1/admin`. Answers are the users and rooms that everybody gets.

use serde::Deserialize;

/// `POST /v1/admin/users`. It has no `Debug`: it holds a password.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct AdminCreateUser {
    pub username: String,
    pub password: String,
    pub name: String,
    #[serde(default)]
    pub is_staff: bool,
}

/// `PATCH /v1/admin/users/{user_id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AdminUpdateUser {
    /// Make staff of them, or staff no more.
    pub is_staff: Option<bool>,
    /// Ban them, or lift the ban.
    pub is_banned: Option<bool>,
}
