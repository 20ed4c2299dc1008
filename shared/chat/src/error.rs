//! Why an operation did not happen.

use domain::{Limited, Refusal};

/// Why an operation did not happen, in terms that every transport understands.
///
/// `rest` maps it to a status, `socket` to an error frame. A variant exists only if some client
/// would act on it differently.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no, and the refusal says which. Change the request.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The `client_id` was used for another message. Choose a new one.
    #[error("the client_id names another message")]
    ClientIdConflict,
    /// Somebody else changed it meanwhile. Read it again.
    #[error("changed by somebody else meanwhile")]
    VersionMismatch,
    /// Too much, too soon. Retry after as long as it says.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too many others are at the same rows. Retry as it is.
    #[error("lost too many races")]
    Contended,
    /// The store did not answer. Retry with back-off; a send with the same `client_id`.
    #[error("storage is unavailable")]
    Unavailable(#[source] storage::Error),
    /// A connection that had to be closed may still be open. Retry as it is.
    #[error("a connection is still open")]
    StillOpen(#[from] push::StillOpen),
    /// A row is not what this version writes. Nothing that the caller does changes that.
    #[error("storage is corrupt")]
    Corrupt(#[source] storage::Error),
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable { .. } => Self::Unavailable(error),
            storage::Error::Corrupt { .. } => Self::Corrupt(error),
        }
    }
}
