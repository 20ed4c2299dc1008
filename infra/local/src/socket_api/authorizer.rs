//! The authorizer of `$connect`: always asked, never cached, always an IAM policy.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use super::Gateway;
use super::event::{Context, Headers, Occasion, Session};
use crate::encoding;
use crate::policy;
use crate::runtime::Outcome;
use crate::template::SocketAuthorizer;

/// How long API Gateway waits for an authorizer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// API Gateway's limit for what an authorizer returns.
const MAX_ANSWER_BYTES: usize = 8 * 1024;

/// Who connects, as `requestContext.authorizer` says it; or the status of the refusal.
pub(super) async fn ask(
    gateway: &Gateway,
    authorizer: &SocketAuthorizer,
    session: &Session,
    occasion: &Occasion,
    headers: &Headers,
    query: &str,
) -> Result<Context, StatusCode> {
    if !authorizer.identity.iter().all(|source| is_present(source, session, headers, query)) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let event = session.authorizer_event(occasion, headers, query);
    let invocation = gateway.functions.invoke(&authorizer.function, &event);
    let Ok(outcome) = tokio::time::timeout(TIMEOUT, invocation).await else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    };
    // The one error that means a refusal.
    if outcome.error_message() == Some("Unauthorized") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let Outcome::Answered(answer) = outcome else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    };
    judge(&answer, &session.connect_arn())
}

fn judge(answer: &[u8], arn: &str) -> Result<Context, StatusCode> {
    let unusable = || {
        tracing::warn!("the socket authorizer returned an unusable answer");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    if answer.len() > MAX_ANSWER_BYTES {
        return Err(unusable());
    }
    let answer: Value = serde_json::from_slice(answer).map_err(|_| unusable())?;
    let principal = answer.get("principalId").and_then(Value::as_str).ok_or_else(unusable)?;
    let document = answer.get("policyDocument").ok_or_else(unusable)?;
    if !policy::allows(document, arn).ok_or_else(unusable)? {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut context = vec![("principalId".to_owned(), principal.to_owned())];
    for (name, value) in answer.get("context").and_then(Value::as_object).into_iter().flatten() {
        // Whatever the type was, the functions get a string.
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(unusable()),
        };
        context.push((name.clone(), value));
    }
    Ok(context)
}

fn is_present(source: &str, session: &Session, headers: &Headers, query: &str) -> bool {
    if let Some(name) = source.strip_prefix("route.request.header.") {
        let found = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.is_some_and(|(_, values)| values.iter().any(|value| !value.is_empty()))
    } else if let Some(name) = source.strip_prefix("route.request.querystring.") {
        encoding::query(query).iter().any(|(own, value)| own == name && !value.is_empty())
    } else if let Some(name) = source.strip_prefix("stageVariables.") {
        session.stage_variables.contains_key(name)
    } else {
        source.starts_with("context.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_or_denies_and_context_becomes_text() {
        let arn = "arn:aws:execute-api:us-east-1:111122223333:w3k8m1z6vb/dev/$connect";
        let allow = include_bytes!("../../fixtures/ws-authorizer-response-allow.json");
        let mut context = judge(allow, arn).unwrap();
        context.sort();
        let expected =
            [("admin", "false"), ("principalId", "u-alice"), ("tier", "2"), ("userId", "u-alice")];
        assert_eq!(context, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(judge(allow, "arn:other"), Err(StatusCode::FORBIDDEN));
        let deny = include_bytes!("../../fixtures/ws-authorizer-response-deny.json");
        assert_eq!(judge(deny, arn), Err(StatusCode::FORBIDDEN));
        for broken in ["", "{}", r#"{"isAuthorized":true}"#, r#"{"principalId":"a"}"#] {
            let refused = Err(StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(judge(broken.as_bytes(), arn), refused, "{broken}");
        }
    }
}
