//! What SQS refuses, in its own names: one for SDKs that know the model, one from the time of XML.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SqsError {
    NoQueue,
    EmptyBatch,
    TooManyEntries,
    DoubleEntryId(String),
    InvalidEntryId,
    BatchTooLong,
    InvalidReceipt(String),
    NotInFlight,
    InvalidParameter(String),
    MissingParameter(&'static str),
    Unsupported(String),
}

impl SqsError {
    pub(super) fn body(&self) -> Value {
        json!({ "__type": format!("com.amazonaws.sqs#{}", self.name()), "message": self.message() })
    }

    /// The header that tells SDKs the older name.
    pub(super) fn query(&self) -> String {
        format!("{};Sender", self.query_name())
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::NoQueue => "QueueDoesNotExist",
            Self::EmptyBatch => "EmptyBatchRequest",
            Self::TooManyEntries => "TooManyEntriesInBatchRequest",
            Self::DoubleEntryId(_) => "BatchEntryIdsNotDistinct",
            Self::InvalidEntryId => "InvalidBatchEntryId",
            Self::BatchTooLong => "BatchRequestTooLong",
            Self::InvalidReceipt(_) => "ReceiptHandleIsInvalid",
            Self::NotInFlight => "MessageNotInflight",
            Self::InvalidParameter(_) => "InvalidParameterValue",
            Self::MissingParameter(_) => "MissingParameter",
            Self::Unsupported(_) => "UnsupportedOperation",
        }
    }

    fn query_name(&self) -> String {
        match self {
            Self::NoQueue => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
            Self::InvalidReceipt(_) | Self::InvalidParameter(_) | Self::MissingParameter(_) => {
                self.name().to_owned()
            }
            _ => format!("AWS.SimpleQueueService.{}", self.name()),
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::NoQueue => "The specified queue does not exist.".to_owned(),
            Self::EmptyBatch => "There should be at least one entry in the request.".to_owned(),
            Self::TooManyEntries => "Maximum number of entries per request are 10.".to_owned(),
            Self::DoubleEntryId(id) => format!("Id {id} repeated."),
            Self::InvalidEntryId => "A batch entry id can only contain alphanumeric characters, \
                                     hyphens and underscores. It can be at most 80 letters long."
                .to_owned(),
            Self::BatchTooLong => "Batch requests cannot be longer than 1048576 bytes.".to_owned(),
            Self::InvalidReceipt(receipt) => {
                format!("The input receipt handle \"{receipt}\" is not a valid receipt handle.")
            }
            Self::NotInFlight => "The message is not in flight.".to_owned(),
            Self::InvalidParameter(reason) => reason.clone(),
            Self::MissingParameter(name) => {
                format!("The request must contain the parameter {name}.")
            }
            Self::Unsupported(call) => format!("`{call}` is not served on this machine."),
        }
    }
}
