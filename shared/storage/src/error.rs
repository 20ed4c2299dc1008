//! Why storage did not answer. Expected outcomes of a race are enums of their own, not errors.

use std::error::Error as StdError;

use aws_sdk_dynamodb::error::SdkError;

/// Storage did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// DynamoDB did not answer, or refused for now. Retrying is safe: every write here is.
    #[error("could not {operation}")]
    Unavailable {
        /// What was attempted: "append a message".
        operation: &'static str,
        /// What the SDK said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A row is not what this version writes.
    #[error("a stored {what} cannot be read")]
    Corrupt {
        /// What kind of row.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn unavailable<E, R>(operation: &'static str, error: SdkError<E, R>) -> Self
    where
        E: StdError + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        Self::Unavailable { operation, source: Box::new(error) }
    }

    /// A write that could only have lost to a neighbour that is gone again.
    pub(crate) fn lost(operation: &'static str) -> Self {
        Self::Unavailable { operation, source: "the write lost a race".into() }
    }

    pub(crate) fn corrupt(
        what: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { what, source: source.into() }
    }
}
