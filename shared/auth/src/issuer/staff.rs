//! Whom the outside issuer calls staff.

use serde_json::{Map, Value};

/// `claim`, which must be `true`, or `claim=value`, which must be that text or a list with it in it.
/// A name with dots may be that of a claim within a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StaffClaim {
    claim: String,
    value: Option<String>,
}

impl StaffClaim {
    /// `None` for an empty text: nobody is staff by their token then.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (claim, value) = match text.split_once('=') {
            Some((claim, value)) => (claim, Some(value.trim().to_owned())),
            None => (text, None),
        };
        let claim = claim.trim().to_owned();
        (!claim.is_empty()).then_some(Self { claim, value })
    }

    /// Whether the bearer of these claims is staff. What is of another form says no.
    pub(crate) fn holds(&self, claims: &Map<String, Value>) -> bool {
        let Some(found) = claims.get(&self.claim).or_else(|| within(claims, &self.claim)) else {
            return false;
        };
        let Some(wanted) = &self.value else { return found == &Value::Bool(true) };
        match found {
            Value::String(text) => text == wanted,
            Value::Array(list) => list.iter().any(|one| one.as_str() == Some(wanted)),
            _ => false,
        }
    }
}

fn within<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.')?;
    rest.split('.').try_fold(claims.get(first)?, |found, part| found.get(part))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whoever_has_the_claim_is_staff() {
        let of_keycloak = json!({ "realm_access": { "roles": ["user", "moderator"] } });
        for (text, claims, expected) in [
            ("is_staff", json!({ "is_staff": true }), true),
            ("is_staff", json!({ "is_staff": false }), false),
            ("is_staff", json!({ "is_staff": "true" }), false),
            ("is_staff", json!({ "is_staff": 1 }), false),
            ("is_staff", json!({}), false),
            (" roles = moderator ", json!({ "roles": ["user", "moderator"] }), true),
            ("roles=moderator", json!({ "roles": "moderator" }), true),
            ("roles=moderator", json!({ "roles": ["moderators"] }), false),
            ("roles=moderator", json!({ "roles": { "moderator": true } }), false),
            ("roles=true", json!({ "roles": true }), false),
            ("realm_access.roles=moderator", of_keycloak.clone(), true),
            ("realm_access.roles=admin", of_keycloak.clone(), false),
            ("realm_access.no.roles=moderator", of_keycloak, false),
            ("https://a.example/staff", json!({ "https://a.example/staff": true }), true),
        ] {
            let claim = StaffClaim::parse(text).unwrap();
            assert_eq!(claim.holds(claims.as_object().unwrap()), expected, "{text} {claims}");
        }
        assert_eq!(StaffClaim::parse(""), None);
        assert_eq!(StaffClaim::parse(" =x"), None);
    }
}
