//! Why nobody was let in.

use std::error::Error as StdError;

use domain::{Limited, Refusal};

use crate::Ended;

/// Why an operation on accounts, tokens or tickets did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in by this. Sign in again.
    #[error("not signed in")]
    Unauthenticated(#[source] Unauthenticated),
    /// A refresh token came twice, so its session was ended. Nobody is signed in by it, and the
    /// sockets of the session are to be closed.
    #[error("a refresh token came twice")]
    Replayed(Ended),
    /// Whoever asks does not know the password, though they are signed in. Ask them for it.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Somebody else has the username. Choose another.
    #[error("the username is taken")]
    UsernameTaken,
    /// This deployment does not offer it. Do not retry.
    #[error("switched off")]
    SwitchedOff,
    /// Too much, too soon. Retry after as long as it says.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A rule says no, and the refusal says which. Change the request.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The store or the secret did not answer. Retry with back-off.
    #[error("identity is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// A fault of ours; a retry will not help.
    #[error("identity is broken")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// Why a credential lets nobody in; its text is the sentence that the client's developer reads.
///
/// It never tells whether a username exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// At sign-in.
    #[error("The username or the password is wrong.")]
    WrongPassword,
    /// The access token was ours, and is too old.
    #[error("The access token has expired.")]
    ExpiredToken,
    /// The access token is none of ours.
    #[error("The access token is not valid.")]
    InvalidToken,
    /// The refresh token was used before, its session ended, or it is none of ours.
    #[error("The refresh token is not valid any more. Sign in again.")]
    DeadSession,
    /// The ticket was used before, has expired, or is none of ours.
    #[error("The ticket is not valid any more.")]
    DeadTicket,
}

impl From<Unauthenticated> for Error {
    fn from(reason: Unauthenticated) -> Self {
        Self::Unauthenticated(reason)
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable { .. } => Self::Unavailable(Box::new(error)),
            storage::Error::Corrupt { .. } => Self::Internal(Box::new(error)),
        }
    }
}
