//! Users, the credentials under their unique names, and the words that find them.
//!
//! The password hash is in the username's row and not in the profile: only signing in reads it.

use domain::{Name, Refusal, User, UserId, Username};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Row, item, parsed, row, time};
use crate::{Error, key};

const WHAT: &str = "user";

/// What signing in is checked against.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whose.
    pub user_id: UserId,
    /// A PHC string; none for users of the outside issuer.
    pub password_hash: Option<String>,
    /// The hash of the outside issuer's subject, for who signs in by its tokens.
    pub subject: Option<String>,
}

/// By what a new user signs in.
#[derive(Clone, Copy)]
pub(crate) enum SignIn<'a> {
    /// A password, of which this is a PHC string.
    Password { hash: &'a str },
    /// A token of the outside issuer, whose subject has this hash.
    Subject { hash: &'a str },
}

#[derive(Serialize, Deserialize)]
struct UserItem {
    username: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar_media_id: Option<String>,
    #[serde(default)]
    is_staff: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_banned: bool,
    created_at: i64,
}

pub(crate) fn user_row(user: &User) -> Result<Row, Error> {
    let stored = UserItem {
        username: user.username.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        avatar_media_id: user.avatar_media_id.map(|id| id.to_string()),
        is_staff: user.is_staff,
        is_banned: user.is_banned,
        created_at: user.created_at.as_millisecond(),
    };
    row(key::profile(user.id), WHAT, &stored)
}

pub(crate) fn user(row: Row) -> Result<User, Error> {
    let id = key::user_of(&row).ok_or_else(|| Error::corrupt(WHAT, "no user in its key"))?;
    let stored: UserItem = item(WHAT, row)?;
    Ok(User {
        id,
        username: valid(Username::parse(&stored.username))?,
        name: valid(Name::parse(&stored.name))?,
        avatar_media_id: match stored.avatar_media_id {
            Some(media) => Some(parsed(WHAT, &media)?),
            None => None,
        },
        is_staff: stored.is_staff,
        is_banned: stored.is_banned,
        created_at: time(WHAT, stored.created_at)?,
    })
}

fn valid<T>(parsed: Result<T, Refusal>) -> Result<T, Error> {
    parsed.map_err(|refusal| Error::corrupt(WHAT, refusal))
}

#[derive(Serialize, Deserialize)]
struct CredentialsItem {
    user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

pub(crate) fn credentials_row(user: &User, sign_in: SignIn<'_>) -> Result<Row, Error> {
    let (password_hash, subject) = match sign_in {
        SignIn::Password { hash } => (Some(hash.to_owned()), None),
        SignIn::Subject { hash } => (None, Some(hash.to_owned())),
    };
    let stored = CredentialsItem { user_id: user.id.to_string(), password_hash, subject };
    row(key::username(user.username.as_str()), "username", &stored)
}

pub(crate) fn credentials(row: Row) -> Result<Credentials, Error> {
    let stored: CredentialsItem = item("username", row)?;
    let user_id = parsed("username", &stored.user_id)?;
    let CredentialsItem { password_hash, subject, .. } = stored;
    Ok(Credentials { user_id, password_hash, subject })
}

#[derive(Serialize, Deserialize)]
struct WordItem {
    user_id: String,
}

#[derive(Deserialize)]
struct RevocationItem {
    #[serde(default)]
    valid_from: i64,
}

/// Since when what the user of this row signed in by counts.
pub(crate) fn valid_from(row: Row) -> Result<Timestamp, Error> {
    let stored: RevocationItem = item(WHAT, row)?;
    time(WHAT, stored.valid_from)
}

/// The row of one word; `None` for an empty word, which finds nobody.
pub(crate) fn word_row(word: &str, id: UserId) -> Result<Option<Row>, Error> {
    let Some(key) = key::search_word(word, id) else {
        return Ok(None);
    };
    row(key, "search word", &WordItem { user_id: id.to_string() }).map(Some)
}

/// The user whom a word finds.
pub(crate) fn found(row: Row) -> Result<UserId, Error> {
    let stored: WordItem = item("search word", row)?;
    parsed("search word", &stored.user_id)
}
