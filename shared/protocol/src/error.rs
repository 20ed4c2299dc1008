//! Error codes and the body that carries them: RFC 9457 problem details with a stable `code`.

use std::fmt;

use domain::Refusal;
use serde::{Deserialize, Serialize};

/// Why a request failed: stable, the same over REST and the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract; README.md tells when each occurs")]
pub enum ErrorCode {
    Unauthenticated,
    Forbidden,
    WrongPassword,
    RoomAccessDenied,
    RoomTypeForbids,
    StaffOnly,
    AccountBanned,
    RoomNotFound,
    MessageNotFound,
    MemberNotFound,
    MediaNotFound,
    UserNotFound,
    NotFound,
    AlreadyMember,
    ClientIdConflict,
    LastOwner,
    UsernameTaken,
    MediaNotReady,
    VersionMismatch,
    MessageTooLarge,
    InvalidRequest,
    UnknownField,
    UnknownAction,
    ReactionNotAllowed,
    RateLimited,
    Unavailable,
    Internal,
}

/// As clients read it.
impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

impl ErrorCode {
    /// Every code, for tables and tests.
    pub const ALL: [Self; 27] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::WrongPassword,
        Self::RoomAccessDenied,
        Self::RoomTypeForbids,
        Self::StaffOnly,
        Self::AccountBanned,
        Self::RoomNotFound,
        Self::MessageNotFound,
        Self::MemberNotFound,
        Self::MediaNotFound,
        Self::UserNotFound,
        Self::NotFound,
        Self::AlreadyMember,
        Self::ClientIdConflict,
        Self::LastOwner,
        Self::UsernameTaken,
        Self::MediaNotReady,
        Self::VersionMismatch,
        Self::MessageTooLarge,
        Self::InvalidRequest,
        Self::UnknownField,
        Self::UnknownAction,
        Self::ReactionNotAllowed,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::MessageTooLarge
            | Self::InvalidRequest
            | Self::UnknownField
            | Self::UnknownAction
            | Self::ReactionNotAllowed => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden
            | Self::WrongPassword
            | Self::RoomAccessDenied
            | Self::RoomTypeForbids
            | Self::StaffOnly
            | Self::AccountBanned => 403,
            Self::RoomNotFound
            | Self::MessageNotFound
            | Self::MemberNotFound
            | Self::MediaNotFound
            | Self::UserNotFound
            | Self::NotFound => 404,
            Self::AlreadyMember
            | Self::ClientIdConflict
            | Self::LastOwner
            | Self::UsernameTaken
            | Self::MediaNotReady
            | Self::VersionMismatch => 409,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Whether the same request may succeed later, unchanged.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Internal | Self::MediaNotReady)
    }

    /// A short title, the same for every occurrence (RFC 9457, section 3.1.3).
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unauthenticated => "Not signed in",
            Self::Forbidden => "Not allowed",
            Self::WrongPassword => "The current password is wrong",
            Self::RoomAccessDenied => "Not a member of this room",
            Self::RoomTypeForbids => "Not possible in this type of room",
            Self::StaffOnly => "Staff only",
            Self::AccountBanned => "The account is banned",
            Self::RoomNotFound => "No such room",
            Self::MessageNotFound => "No such message",
            Self::MemberNotFound => "No such member",
            Self::MediaNotFound => "No such media",
            Self::UserNotFound => "No such user",
            Self::NotFound => "Not found",
            Self::AlreadyMember => "A member already",
            Self::ClientIdConflict => "The client_id names another message",
            Self::LastOwner => "The last owner stays",
            Self::UsernameTaken => "The username is taken",
            Self::MediaNotReady => "The media is not ready",
            Self::VersionMismatch => "Changed by somebody else meanwhile",
            Self::MessageTooLarge => "The message is too large",
            Self::InvalidRequest => "Invalid request",
            Self::UnknownField => "Unknown field",
            Self::UnknownAction => "Unknown action",
            Self::ReactionNotAllowed => "Reaction not allowed",
            Self::RateLimited => "Too many requests",
            Self::Unavailable => "Not available at the moment",
            Self::Internal => "Internal error",
        }
    }
}

impl From<&Refusal> for ErrorCode {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => Self::Forbidden,
            Refusal::RoomAccessDenied => Self::RoomAccessDenied,
            Refusal::RoomTypeForbids(_) => Self::RoomTypeForbids,
            Refusal::StaffOnly => Self::StaffOnly,
            Refusal::AccountBanned => Self::AccountBanned,
            Refusal::RoomNotFound => Self::RoomNotFound,
            Refusal::MessageNotFound => Self::MessageNotFound,
            Refusal::MemberNotFound => Self::MemberNotFound,
            Refusal::UserNotFound => Self::UserNotFound,
            Refusal::MediaNotFound => Self::MediaNotFound,
            Refusal::MediaNotReady => Self::MediaNotReady,
            Refusal::AlreadyMember => Self::AlreadyMember,
            Refusal::LastOwner => Self::LastOwner,
            Refusal::MessageTooLarge => Self::MessageTooLarge,
            Refusal::ReactionNotAllowed(_) => Self::ReactionNotAllowed,
            Refusal::ReactionNotFound => Self::NotFound,
            Refusal::Invalid { .. } => Self::InvalidRequest,
        }
    }
}

/// An error over REST: `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Problem {
    /// Always `about:blank`: `code` is what a program compares.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every occurrence of `code`.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence, in a sentence.
    pub detail: String,
    /// Stable.
    pub code: ErrorCode,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// Names this request in the logs.
    pub request_id: String,
    /// The fields at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// When to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// A field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldError {
    /// RFC 6901.
    pub pointer: String,
    /// What is wrong with it.
    pub code: ErrorCode,
}

impl Problem {
    /// The body for `code` in the request `request_id`.
    #[must_use]
    pub fn new(code: ErrorCode, detail: String, request_id: String) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: code.title().to_owned(),
            status: code.status(),
            detail,
            code,
            retryable: code.retryable(),
            request_id,
            errors: Vec::new(),
            retry_after_ms: None,
        }
    }
}
