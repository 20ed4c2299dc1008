//! Who calls, by the word of the authorizer.

use axum::extract::FromRequestParts;
use domain::{Actor, Author, Proof, Refusal, UserId};
use http::Extensions;
use http::request::Parts;
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use serde_json::Value;

use crate::ApiError;

/// Who calls: a handler that takes it is for signed-in users only.
///
/// The authorizer lets requests with a bad token through, without a `user_id` and with the reason:
/// a refusal by the gateway would be a bare 403, which clients cannot tell from `forbidden`. Here
/// such a request becomes 401 `unauthenticated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// The name they sign in by.
    pub username: String,
    /// The name that others read.
    pub name: String,
    /// Whether staff-only rooms are open to them.
    pub is_staff: bool,
    /// What they proved it by.
    pub proof: Proof,
    /// When their token ends.
    pub expires_at: Timestamp,
}

impl Caller {
    /// For the rules.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor { user_id: self.user_id, is_staff: self.is_staff }
    }

    /// For what they write.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { id: self.user_id, name: self.name.clone() }
    }

    /// For an operation, over REST and now.
    #[must_use]
    pub fn by(&self) -> chat::By {
        chat::By {
            actor: self.actor(),
            name: self.name.clone(),
            connection: None,
            now: crate::now(),
        }
    }

    /// What their token says.
    #[must_use]
    pub fn claims(self) -> auth::Claims {
        let Self { user_id, username, name, is_staff, proof, expires_at } = self;
        auth::Claims { user_id, username, name, is_staff, proof, expires_at }
    }

    fn read(extensions: &Extensions, now: Timestamp) -> Result<Self, ApiError> {
        let field = |name| authorizer_field(extensions, name);
        if let Some(reason) = field("refused") {
            return Err(match reason.as_str() {
                "banned" => Refusal::AccountBanned.into(),
                "expired" => ApiError::Unauthenticated("The access token has expired."),
                _ => ApiError::Unauthenticated("The access token is not valid."),
            });
        }
        let missing = || ApiError::Unauthenticated("This takes an access token.");
        let parsed = || {
            Some(Self {
                user_id: field("user_id")?.parse().ok()?,
                username: field("username")?,
                name: field("name")?,
                is_staff: field("is_staff")? == "true",
                proof: Proof::from_parts(
                    field("session_id").and_then(|id| id.parse().ok()),
                    field("issued_at").and_then(|at| at.parse().ok()),
                )?,
                expires_at: Timestamp::from_second(field("expires_at")?.parse().ok()?).ok()?,
            })
        };
        let caller = parsed().ok_or_else(missing)?;
        // The gateway remembers the authorizer's answer for five minutes; that must not make a
        // token live longer.
        if caller.expires_at <= now {
            return Err(ApiError::Unauthenticated("The access token has expired."));
        }
        Ok(caller)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Self::read(&parts.extensions, crate::now())
    }
}

/// A value that the authorizer gave with its answer. The HTTP API keeps types, other gateways make
/// strings of them; as text they are the same.
pub(crate) fn authorizer_field(extensions: &Extensions, name: &str) -> Option<String> {
    let Some(RequestContext::ApiGatewayV2(context)) = extensions.get() else {
        return None;
    };
    match context.authorizer.as_ref()?.fields.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing;

    const USER: &str = "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f";

    fn context() -> Value {
        json!({
            "user_id": USER, "username": "ana", "name": "Ana", "is_staff": true,
            "session_id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e80", "expires_at": 1_000,
        })
    }

    fn read(context: &Value, now: i64) -> Result<Caller, ApiError> {
        let request = testing::request("GET", "/", Some(context), None);
        Caller::read(request.extensions(), Timestamp::new(now, 0).unwrap())
    }

    #[test]
    fn the_caller_is_who_the_authorizer_says() {
        let caller = read(&context(), 999).unwrap();
        assert_eq!((caller.user_id.to_string().as_str(), caller.is_staff), (USER, true));
        assert_eq!(caller.actor().user_id, caller.author().id);
        assert_eq!(caller.claims().username, "ana");
    }

    #[test]
    fn who_has_no_session_of_ours_has_a_token_from_outside() {
        let mut context = context();
        context.as_object_mut().unwrap().remove("session_id");
        context["issued_at"] = json!(500);
        let issued_at = Timestamp::new(500, 0).unwrap();
        assert_eq!(read(&context, 999).unwrap().proof, Proof::Token { issued_at });
    }

    #[test]
    fn types_do_not_matter() {
        let mut context = context();
        context["is_staff"] = json!("true");
        context["expires_at"] = json!("1000");
        assert!(read(&context, 999).unwrap().is_staff);
    }

    #[test]
    fn whoever_is_not_signed_in_is_told_so() {
        let without = |name: &str| {
            let mut context = context();
            context.as_object_mut().unwrap().remove(name);
            context
        };
        let with = |name: &str, value: Value| {
            let mut context = context();
            context[name] = value;
            context
        };
        let table = [
            (context(), 1_000, "expired"),
            (context(), 1_001, "expired"),
            (json!({}), 0, "takes an access token"),
            (json!({ "refused": "expired" }), 0, "expired"),
            (json!({ "refused": "invalid" }), 0, "not valid"),
            (with("refused", json!("invalid")), 0, "not valid"),
            (with("user_id", json!("ana")), 0, "takes an access token"),
            (with("user_id", Value::Null), 0, "takes an access token"),
            (with("expires_at", json!("soon")), 0, "takes an access token"),
            (without("user_id"), 0, "takes an access token"),
            (without("expires_at"), 0, "takes an access token"),
            (without("session_id"), 0, "takes an access token"),
            (with("session_id", json!("lobby")), 0, "takes an access token"),
        ];
        for (context, now, part) in table {
            let refusal = read(&context, now).err().map(|error| error.problem(String::new()));
            let refusal = refusal.unwrap();
            assert_eq!(refusal.status, 401, "{context}");
            assert!(refusal.detail.contains(part), "{context}: {}", refusal.detail);
        }
        let banned = read(&json!({ "refused": "banned" }), 0).unwrap_err();
        assert_eq!(banned.code(), protocol::ErrorCode::AccountBanned);
    }
}
