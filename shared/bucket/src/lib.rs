//! The files of media objects, in one bucket. Rows are `storage`'s; this crate moves bytes and signs
//! for clients that move them, and decides nothing.
//!
//! | key | holds | goes |
//! |---|---|---|
//! | `m/{media}` | what a client uploaded, unseen | when it was looked at; by the bucket's lifecycle after a day |
//! | `u/{media}/o`, `/320`, `/1280` | what was found good, and nobody used yet | by the bucket's lifecycle after a day |
//! | `v/{media}/...` | the same, used | with the message, or when another picture takes its place |
//!
//! The first use copies from `u/` to `v/` within S3, and only then names the media in a row. So unused
//! files need no sweeper that looks for them, and nothing that a message shows can expire. (Tags
//! would save the copy; but then what decides over life and death of a file is a request that may be
//! lost.) A crash between the copy and the row leaves a file that nobody can address and that the
//! repeat of the send uses.
//!
//! Files are uploaded and downloaded with signatures of this function's own role: a client can do
//! with one only what it names, for 15 minutes.

mod address;
mod form;
mod keep;
mod object;
mod signature;
mod upload;

use std::error::Error as StdError;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use environment::Lazy;
/// Why the bucket did not answer: a storage like the other.
pub use storage::Error;

pub use address::{Address, Addresses};
pub use form::Form;
pub use upload::{Good, Upload, checksum};

/// How long a signature is good.
pub const SIGNATURE_LIFE: Duration = Duration::from_secs(15 * 60);

/// Copying the largest file within S3 takes longer than a row does.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// The bucket. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Lazy<Client>,
    name: String,
    region: String,
    credentials: Option<SharedCredentialsProvider>,
}

impl Bucket {
    /// From `MEDIA_BUCKET`, the bucket's name.
    ///
    /// # Errors
    /// If it is not set.
    pub fn from_env(sdk: &SdkConfig) -> Result<Self, environment::Missing> {
        Ok(Self::new(sdk, environment::required("MEDIA_BUCKET")?))
    }

    /// That of the CloudFormation stack `name`, in the region of `sdk`. `None` if there is none.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn of_stack(sdk: &SdkConfig, name: &str) -> Result<Option<Self>, Error> {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let prefix = format!("{name}-media-");
        let client = Client::new(sdk);
        let mut pages = client.list_buckets().prefix(prefix).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| unavailable("list buckets", error))?;
            let mut names = page.buckets().iter().filter_map(|bucket| bucket.name());
            if let Some(found) = names.find(|name| name.ends_with(&region)) {
                return Ok(Some(Self::new(sdk, found)));
            }
        }
        Ok(None)
    }

    /// The bucket of this name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, name: impl Into<String>) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
        let config = aws_sdk_s3::config::Builder::from(sdk).timeout_config(timeouts).build();
        Self {
            client: Lazy::new(move || Client::from_conf(config)),
            name: name.into(),
            region: sdk.region().map(ToString::to_string).unwrap_or_default(),
            credentials: sdk.credentials_provider(),
        }
    }
}

fn unavailable(
    operation: &'static str,
    source: impl Into<Box<dyn StdError + Send + Sync>>,
) -> Error {
    Error::Unavailable { operation, source: source.into() }
}
