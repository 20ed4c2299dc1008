//! The nine permissions as an object of flags.

use domain::{Permission, Permissions};
use serde::{Deserialize, Serialize};

/// Permissions by name. In an answer all nine are there; in a request those absent stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct PermissionFlags {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_add_users: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_remove_users: Option<bool>,
    /// One of the predecessors called it `can_write_messages`.
    #[serde(alias = "can_write_messages", skip_serializing_if = "Option::is_none")]
    pub can_create_messages: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_delete_messages: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_delete_own_messages: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_edit_messages: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_edit_own_messages: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_edit_room: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_delete_room: Option<bool>,
}

impl PermissionFlags {
    const fn flag(&self, permission: Permission) -> Option<bool> {
        match permission {
            Permission::CanAddUsers => self.can_add_users,
            Permission::CanRemoveUsers => self.can_remove_users,
            Permission::CanCreateMessages => self.can_create_messages,
            Permission::CanDeleteMessages => self.can_delete_messages,
            Permission::CanDeleteOwnMessages => self.can_delete_own_messages,
            Permission::CanEditMessages => self.can_edit_messages,
            Permission::CanEditOwnMessages => self.can_edit_own_messages,
            Permission::CanEditRoom => self.can_edit_room,
            Permission::CanDeleteRoom => self.can_delete_room,
        }
    }

    /// Those whose flag is `value`.
    #[must_use]
    pub fn those(&self, value: bool) -> Permissions {
        Permission::ALL
            .into_iter()
            .filter(|permission| self.flag(*permission) == Some(value))
            .fold(Permissions::NONE, |set, permission| set.set(permission, true))
    }
}

impl From<Permissions> for PermissionFlags {
    fn from(set: Permissions) -> Self {
        let flag = |permission| Some(set.contains(permission));
        Self {
            can_add_users: flag(Permission::CanAddUsers),
            can_remove_users: flag(Permission::CanRemoveUsers),
            can_create_messages: flag(Permission::CanCreateMessages),
            can_delete_messages: flag(Permission::CanDeleteMessages),
            can_delete_own_messages: flag(Permission::CanDeleteOwnMessages),
            can_edit_messages: flag(Permission::CanEditMessages),
            can_edit_own_messages: flag(Permission::CanEditOwnMessages),
            can_edit_room: flag(Permission::CanEditRoom),
            can_delete_room: flag(Permission::CanDeleteRoom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_sets_say_the_same() {
        for permission in Permission::ALL {
            let set = Permissions::of(&[permission]);
            let flags = PermissionFlags::from(set);
            assert_eq!(flags.those(true), set, "{permission:?}");
            assert_eq!(flags.those(false), Permissions::ALL.minus(set), "{permission:?}");
            let json = serde_json::to_value(flags).unwrap();
            assert_eq!(json[permission.name()], true);
            assert_eq!(json.as_object().unwrap().len(), Permission::ALL.len());
        }
    }

    #[test]
    fn the_predecessors_name_is_accepted() {
        let flags: PermissionFlags =
            serde_json::from_str(r#"{"can_write_messages": true}"#).unwrap();
        assert_eq!(flags.those(true), Permissions::of(&[Permission::CanCreateMessages]));
    }
}
