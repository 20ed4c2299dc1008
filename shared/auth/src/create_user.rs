//! Making a user: by themselves when they sign up, by staff, or by an operator.

use domain::{Name, Password, User, UserId, Username};
use jiff::Timestamp;
use storage::{CreateUser, Store};
use uuid::Uuid;

use crate::{Error, password};

/// Who is to be made. It has no `Debug`: it holds a password.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// The name to sign in by.
    pub username: &'a str,
    /// As typed.
    pub password: &'a str,
    /// The name that others read.
    pub name: &'a str,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
}

/// Makes a user, whether sign-up is open or not.
///
/// # Errors
/// [`Error::UsernameTaken`], or [`Error::Refused`] naming the field.
pub async fn create_user(store: &Store, new: NewUser<'_>, now: Timestamp) -> Result<User, Error> {
    let user = User {
        id: UserId::new(Uuid::now_v7()),
        username: Username::parse(new.username)?,
        name: Name::parse(new.name)?,
        avatar_media_id: None,
        is_staff: new.is_staff,
        is_banned: false,
        created_at: now,
    };
    let password = Password::parse(new.password)?;
    // Cheaper than a hash, and the usual case of a taken name; the race is decided below.
    if store.credentials(new.username).await?.is_some() {
        return Err(Error::UsernameTaken);
    }
    match store.create_user(&user, &password::hash(&password)?).await? {
        CreateUser::Created => Ok(user),
        CreateUser::UsernameTaken => Err(Error::UsernameTaken),
    }
}
