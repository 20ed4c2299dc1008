//! Members.

use std::fmt;

use domain::Refusal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{ErrorCode, PermissionFlags, Time, User};

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Member {
    /// The room.
    pub room_id: String,
    /// Who.
    pub user: User,
    /// All nine.
    pub permissions: PermissionFlags,
    /// Owners change permissions, hand the room over and delete it.
    pub is_owner: bool,
    /// Only in one's own row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// Who let them in.
    pub created_by: String,
    /// Since when.
    pub created_at: Time,
    /// When they last read or sent.
    pub last_seen_at: Option<Time>,
    /// How far they have read.
    pub last_read_seq: u64,
}

impl Member {
    /// The member as `viewer` sees them.
    #[must_use]
    pub fn seen_by(member: domain::Member, viewer: Option<domain::UserId>) -> Self {
        let domain::Member { membership, user, my_room } = member;
        let own = viewer == Some(membership.user_id);
        Self {
            room_id: membership.room_id.to_string(),
            user: user.into(),
            permissions: membership.permissions.into(),
            is_owner: membership.is_owner,
            muted: my_room.as_ref().filter(|_| own).map(|row| row.muted),
            created_by: membership.created_by.to_string(),
            created_at: membership.joined_at.into(),
            last_seen_at: my_room.as_ref().and_then(|row| row.last_seen_at).map(Time),
            last_read_seq: my_room.map_or(0, |row| row.last_read_seq),
        }
    }
}

/// Somebody to let in: `"<user_id>"`, or `{"user_id", "permissions"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMember {
    /// Who.
    pub user_id: String,
    /// Those absent follow the room's type.
    pub permissions: PermissionFlags,
}

#[cfg(test)]
impl schemars::JsonSchema for NewMember {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewMember".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let permissions = generator.subschema_for::<PermissionFlags>();
        schemars::json_schema!({ "oneOf": [
            { "type": "string" },
            {
                "type": "object",
                "properties": { "user_id": { "type": "string" }, "permissions": permissions },
                "required": ["user_id"],
            },
        ] })
    }
}

impl<'de> Deserialize<'de> for NewMember {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            user_id: String,
            #[serde(default)]
            permissions: PermissionFlags,
        }

        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = NewMember;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a user id, or an object with `user_id` and `permissions`")
            }

            fn visit_str<E>(self, user_id: &str) -> Result<NewMember, E> {
                let permissions = PermissionFlags::default();
                Ok(NewMember { user_id: user_id.to_owned(), permissions })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NewMember, A::Error> {
                let Named { user_id, permissions } =
                    Named::deserialize(MapAccessDeserializer::new(map))?;
                Ok(NewMember { user_id, permissions })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl NewMember {
    /// Who is to be let in, and with what.
    ///
    /// # Errors
    /// [`Refusal::UserNotFound`] for what cannot be a user's id.
    pub fn invited(&self) -> Result<domain::NewMember, Refusal> {
        Ok(domain::NewMember {
            user_id: self.user_id.parse().map_err(|_| Refusal::UserNotFound)?,
            granted: self.permissions.those(true),
            withheld: self.permissions.those(false),
        })
    }
}

/// `POST /v1/rooms/{room_id}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AddMembers {
    /// Up to 100.
    pub members: Vec<NewMember>,
}

/// What became of each of them, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AddedMembers {
    /// One for each.
    pub data: Vec<AddedMember>,
}

/// What became of one: `member`, or `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct AddedMember {
    pub user_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
}

/// `PATCH /v1/rooms/{room_id}/members/{user_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct UpdateMember {
    pub permissions: Option<PermissionFlags>,
    pub is_owner: Option<bool>,
    pub muted: Option<bool>,
}
