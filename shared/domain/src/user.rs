//! Users and what may be their name.

use std::fmt;

use jiff::Timestamp;

use crate::{MediaId, Refusal, UserId, clean_line};

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password, in characters: hashing costs what it costs, not what a stranger sends.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// Shortest username, in characters.
pub const MIN_USERNAME_CHARS: usize = 3;
/// Longest username, in characters, each of which is a byte.
pub const MAX_USERNAME_CHARS: usize = 32;
/// Longest display name, in characters.
pub const MAX_NAME_CHARS: usize = 100;

/// Somebody who chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The unique name to sign in by.
    pub username: Username,
    /// The name that others read.
    pub name: Name,
    /// The picture, if there is one.
    pub avatar_media_id: Option<MediaId>,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
    /// Whether they may neither sign in nor enter a room any more.
    pub is_banned: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// What stands in the place of the name of somebody who was erased.
const ERASED: &str = "Deleted user";

impl User {
    /// Nothing, unless they are banned.
    ///
    /// # Errors
    /// [`Refusal::AccountBanned`].
    pub const fn unless_banned(&self) -> Result<(), Refusal> {
        if self.is_banned { Err(Refusal::AccountBanned) } else { Ok(()) }
    }

    /// What remains of this user when they are erased: somebody whom no name tells, and who never
    /// signs in again. The id stays, because messages of others answer and refer to it.
    #[must_use]
    pub fn erased(&self) -> Self {
        // The random part of the id: a username that nobody chose, and different for each.
        let id = self.id.to_string();
        let random = id.rsplit('-').next().unwrap_or_default();
        Self {
            id: self.id,
            username: Username(format!("deleted-{random}")),
            name: Name(ERASED.to_owned()),
            avatar_media_id: None,
            is_staff: false,
            is_banned: true,
            created_at: self.created_at,
        }
    }
}

/// A unique name to sign in by: 3 to 32 of `a-z 0-9 _ . -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// # Errors
    /// [`Refusal::Invalid`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-')
        };
        if (MIN_USERNAME_CHARS..=MAX_USERNAME_CHARS).contains(&text.len())
            && text.bytes().all(allowed)
        {
            Ok(Self(text.to_owned()))
        } else {
            let reason = "must be 3 to 32 of the characters a-z 0-9 _ . -".to_owned();
            Err(Refusal::Invalid { pointer: "/username", reason })
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name that others read: 1 to 100 characters, one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// # Errors
    /// [`Refusal::Invalid`] if it is empty, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        clean_line(text, MAX_NAME_CHARS, "/name").map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password as typed, 8 to 128 characters. It shows itself to nobody: not in logs, not in errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// # Errors
    /// [`Refusal::Invalid`] if it is too short or too long.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Self::parse_at(text, "/password")
    }

    /// The same for a field of another name.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at `pointer`.
    pub fn parse_at(text: &str, pointer: &'static str) -> Result<Self, Refusal> {
        if (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            let reason = format!("must be {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters");
            Err(Refusal::Invalid { pointer, reason })
        }
    }

    /// The secret itself, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_erased_has_an_id_and_nothing_else_that_tells_who_it_was() {
        let ana = User {
            id: UserId::new(uuid::Uuid::from_u128(0x0199_e3a0)),
            username: Username::parse("ana").unwrap(),
            name: Name::parse("Ana").unwrap(),
            avatar_media_id: Some(MediaId::new(uuid::Uuid::from_u128(2))),
            is_staff: true,
            is_banned: false,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let erased = ana.erased();
        assert_eq!(erased.username, Username::parse("deleted-00000199e3a0").unwrap());
        assert_eq!(erased.name, Name::parse("Deleted user").unwrap());
        assert_eq!((erased.id, erased.avatar_media_id, erased.is_banned), (ana.id, None, true));
        assert_eq!(erased.erased(), erased);
    }

    #[test]
    fn usernames_at_and_past_their_limits() {
        let longest = "a".repeat(32);
        for good in ["ana", "a.b-c_9", longest.as_str()] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        let too_long = "a".repeat(33);
        for bad in ["", "ab", "Ana", "a b", "aña", "a#b", too_long.as_str()] {
            assert!(Username::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_at_and_past_their_limits() {
        for (chars, good) in [(7, false), (8, true), (128, true), (129, false)] {
            assert_eq!(Password::parse(&"é".repeat(chars)).is_ok(), good, "{chars}");
        }
        let secret = Password::parse("correct horse").map(|password| format!("{password:?}"));
        assert_eq!(secret, Ok("Password(..)".to_owned()));
    }
}
