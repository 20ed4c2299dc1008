//! Identifiers and numbers, each a type of its own so that none can stand in for another.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use uuid::Uuid;

/// A string that is not an identifier of the kind asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an identifier made elsewhere (this crate has no clock to make one).
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// One of `shards` numbers from 0, the same for ever, evenly spread: the last byte of a
            /// UUIDv7 is random.
            #[must_use]
            pub const fn shard(self, shards: u8) -> u8 {
                let [.., last] = self.0.into_bytes();
                last % shards
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts only the canonical form, so that one identifier has one spelling in keys.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let uuid = Uuid::parse_str(text).map_err(|_| InvalidId)?;
                let id = Self(uuid);
                if id.to_string() == text { Ok(id) } else { Err(InvalidId) }
            }
        }
    };
}

uuid_id! {
    /// A user: a UUIDv7, or whatever UUID an identity provider's subject maps to.
    UserId
}
uuid_id! {
    /// A room: a UUIDv7.
    RoomId
}
uuid_id! {
    /// A media object: a UUIDv7.
    MediaId
}

/// A position in a room's log, from 1. Issued by the server, shared by messages and events, dense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seq(NonZeroU64);

impl Seq {
    /// The number of a room's first entry.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// `None` for 0, which numbers nothing.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number itself, at least 1.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A client's own name for one send: the same user and `client_id` always name the same message.
///
/// 1 to 64 printable ASCII characters without spaces or `#`, which separates the parts of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Longest accepted, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId)
        }
    }
}

/// One open WebSocket, as API Gateway names it: opaque, and it does contain `-`, `_` and `=`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// Takes the gateway's word for it: only the gateway names connections.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The identifier, not URL-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_one_spelling() {
        let canonical = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";
        assert_eq!(canonical.parse::<RoomId>().map(|id| id.to_string()), Ok(canonical.to_owned()));
        for other in [
            "0199E3A0-7C1F-7D6E-9A51-2F3B4C5D6E7F",
            "0199e3a07c1f7d6e9a512f3b4c5d6e7f",
            "{0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f}",
            "lobby",
            "",
        ] {
            assert_eq!(other.parse::<RoomId>(), Err(InvalidId), "{other}");
        }
    }

    #[test]
    fn a_client_id_fits_in_a_key() {
        let longest = "x".repeat(ClientId::MAX_BYTES);
        for good in ["c-1", "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f", longest.as_str()] {
            assert!(good.parse::<ClientId>().is_ok(), "{good}");
        }
        let too_long = "x".repeat(ClientId::MAX_BYTES + 1);
        for bad in ["", "a b", "a#b", "é", "a\n", too_long.as_str()] {
            assert_eq!(bad.parse::<ClientId>(), Err(InvalidId), "{bad:?}");
        }
    }

    #[test]
    fn numbers_start_at_one() {
        assert_eq!(Seq::new(0), None);
        assert_eq!(Seq::new(1), Some(Seq::FIRST));
        assert_eq!(Seq::FIRST.next().get(), 2);
    }
}
