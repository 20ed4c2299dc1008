//! The edge's one error, and how it becomes a problem.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use auth::Unauthenticated;
use axum::response::{IntoResponse, Response};
use domain::{Limited, Refusal};
use http::StatusCode;
use protocol::{BodyError, ErrorCode, FieldError, Problem};

/// Lost a race: the next attempt meets other rivals.
const CONTENDED_RETRY: Duration = Duration::from_millis(200);
/// Something behind does not answer: leave it a moment.
const UNAVAILABLE_RETRY: Duration = Duration::from_secs(1);

/// Why a request has no better answer.
///
/// A handler returns it with `?`; the edge around the router renders it, because only there the
/// request's id is known.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// An operation on rooms, members or messages did not happen.
    #[error("the operation failed")]
    Chat(#[from] chat::Error),
    /// An operation on accounts or tokens did not happen.
    #[error("the identity operation failed")]
    Auth(#[from] auth::Error),
    /// A rule says no.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The body or the query string cannot be read.
    #[error("unreadable request")]
    Unreadable(BodyError),
    /// Nobody is signed in; the sentence says why.
    #[error("not signed in")]
    Unauthenticated(&'static str),
    /// There is no such path, or it does not take this method.
    #[error("no such path")]
    NotFound,
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<BodyError> for ApiError {
    fn from(error: BodyError) -> Self {
        Self::Unreadable(error)
    }
}

impl ApiError {
    /// The stable code that the client acts on.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Chat(error) => match error {
                chat::Error::Refused(refusal) => refusal.into(),
                chat::Error::Limited(_) => ErrorCode::RateLimited,
                chat::Error::ClientIdConflict => ErrorCode::ClientIdConflict,
                chat::Error::VersionMismatch => ErrorCode::VersionMismatch,
                chat::Error::Contended
                | chat::Error::StillOpen(_)
                | chat::Error::Unavailable(_) => ErrorCode::Unavailable,
                chat::Error::Corrupt(_) => ErrorCode::Internal,
            },
            Self::Auth(error) => match error {
                auth::Error::Unauthenticated(_) | auth::Error::Replayed(_) => {
                    ErrorCode::Unauthenticated
                }
                auth::Error::Limited(_) => ErrorCode::RateLimited,
                auth::Error::WrongPassword => ErrorCode::WrongPassword,
                auth::Error::UsernameTaken => ErrorCode::UsernameTaken,
                auth::Error::SwitchedOff => ErrorCode::Forbidden,
                auth::Error::Refused(refusal) => refusal.into(),
                auth::Error::Unavailable(_) => ErrorCode::Unavailable,
                auth::Error::Internal(_) => ErrorCode::Internal,
            },
            Self::Refused(refusal) => refusal.into(),
            Self::Unreadable(error) => error.code,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::NotFound => ErrorCode::NotFound,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// The body for the client. It never contains the text of a source.
    pub(crate) fn problem(&self, request_id: String) -> Problem {
        let code = self.code();
        let errors = self.pointer().map(|pointer| FieldError { pointer, code });
        Problem {
            errors: errors.into_iter().collect(),
            retry_after_ms: self.retry_after().map(milliseconds),
            ..Problem::new(code, self.detail(), request_id)
        }
    }

    /// The rule that says no, whichever room it comes from.
    fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::Chat(chat::Error::Refused(refusal))
            | Self::Auth(auth::Error::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match (self, self.refusal()) {
            (_, Some(Refusal::Invalid { pointer, .. })) => Some((*pointer).to_owned()),
            (_, Some(Refusal::ReactionNotAllowed(_))) => Some("/reaction".to_owned()),
            (Self::Unreadable(error), _) if !error.pointer.is_empty() => {
                Some(error.pointer.clone())
            }
            _ => None,
        }
    }

    fn detail(&self) -> String {
        if let Some(refusal) = self.refusal() {
            return refusal.to_string();
        }
        match self {
            Self::Unreadable(error) => error.detail.clone(),
            Self::Auth(auth::Error::Unauthenticated(reason)) => reason.to_string(),
            Self::Auth(auth::Error::Replayed(_)) => Unauthenticated::DeadSession.to_string(),
            Self::Unauthenticated(sentence) => (*sentence).to_owned(),
            _ => sentence(self.code()).to_owned(),
        }
    }

    /// The rate that was exceeded.
    pub(crate) const fn limited(&self) -> Option<&Limited> {
        match self {
            Self::Chat(chat::Error::Limited(limited))
            | Self::Auth(auth::Error::Limited(limited)) => Some(limited),
            _ => None,
        }
    }

    /// When the same request may succeed.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        if let Some(limited) = self.limited() {
            return Some(limited.retry_after);
        }
        match self {
            Self::Chat(chat::Error::Contended) => Some(CONTENDED_RETRY),
            _ if self.code() == ErrorCode::Unavailable => Some(UNAVAILABLE_RETRY),
            _ => None,
        }
    }
}

/// What is to be said about a code where nothing more is known.
const fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ClientIdConflict => {
            "This client_id was used for another message. Choose a new one."
        }
        ErrorCode::VersionMismatch => "It was changed meanwhile. Read it again.",
        ErrorCode::UsernameTaken => "Somebody has this username. Choose another.",
        ErrorCode::Forbidden => "This is switched off here.",
        ErrorCode::NotFound => "There is nothing at this path for this method.",
        ErrorCode::RateLimited => "Too many requests. Wait a moment.",
        ErrorCode::Unavailable => "Not possible at the moment. Try again shortly.",
        _ => "Something went wrong on our side.",
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An error on its way to the edge, which renders it.
#[derive(Debug, Clone)]
pub(crate) struct Raised(pub(crate) Arc<ApiError>);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // The edge replaces this; the status is right even where there is none.
        let status = StatusCode::from_u16(self.code().status());
        let mut response = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(Raised(Arc::new(self)));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_code_sentence_and_hint() {
        let invalid = || Refusal::Invalid { pointer: "/name", reason: "must not be empty".into() };
        let limited = || Limited {
            class: domain::RateClass::Send,
            rate: "60/10".parse().unwrap(),
            retry_after: Duration::from_millis(1_500),
        };
        let broken = || Box::<dyn StdError + Send + Sync>::from("SOURCE");
        let table: [(ApiError, ErrorCode, Option<&str>, Option<u64>); 13] = [
            (Refusal::RoomNotFound.into(), ErrorCode::RoomNotFound, None, None),
            (invalid().into(), ErrorCode::InvalidRequest, Some("/name"), None),
            (chat::Error::from(invalid()).into(), ErrorCode::InvalidRequest, Some("/name"), None),
            (auth::Error::from(invalid()).into(), ErrorCode::InvalidRequest, Some("/name"), None),
            (chat::Error::VersionMismatch.into(), ErrorCode::VersionMismatch, None, None),
            (chat::Error::Contended.into(), ErrorCode::Unavailable, None, Some(200)),
            (auth::Error::UsernameTaken.into(), ErrorCode::UsernameTaken, None, None),
            (auth::Error::Unavailable(broken()).into(), ErrorCode::Unavailable, None, Some(1_000)),
            (auth::Error::Internal(broken()).into(), ErrorCode::Internal, None, None),
            (ApiError::Internal(broken()), ErrorCode::Internal, None, None),
            (BodyError::whole("No.").into(), ErrorCode::InvalidRequest, None, None),
            (chat::Error::from(limited()).into(), ErrorCode::RateLimited, None, Some(1_500)),
            (auth::Error::from(limited()).into(), ErrorCode::RateLimited, None, Some(1_500)),
        ];
        for (error, code, pointer, retry_after_ms) in table {
            let problem = error.problem("r-1".to_owned());
            assert_eq!((problem.code, problem.status), (code, code.status()));
            let pointers: Vec<_> = problem.errors.iter().map(|one| one.pointer.as_str()).collect();
            assert_eq!(pointers, pointer.into_iter().collect::<Vec<_>>(), "{code:?}");
            assert_eq!(problem.retry_after_ms, retry_after_ms, "{code:?}");
            assert!(problem.detail.ends_with('.'), "{}", problem.detail);
            assert!(!problem.detail.contains("SOURCE"), "{}", problem.detail);
        }
    }

    #[test]
    fn the_log_gets_the_whole_chain() {
        let error = ApiError::from(auth::Error::Internal("the cause".into()));
        assert_eq!(
            environment::chain(&error),
            "the identity operation failed: identity is broken: the cause"
        );
    }
}
