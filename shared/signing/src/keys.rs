//! Who signs: asked for once, until the day or the credentials end.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::key::{Form, Key, Stamp};

/// Credentials are replaced so long before they end: an invocation takes no longer than that.
const SPARE: Duration = Duration::from_secs(60);

/// Those that tell no end are asked for again so often, as the SDK does.
const UNTOLD: Duration = Duration::from_secs(15 * 60);

/// The way to a key, for requests of one form to one host.
#[derive(Debug)]
pub struct Keys {
    form: Form,
    provider: Option<SharedCredentialsProvider>,
    region: String,
    // Held while the provider is asked: the requests beside this one wait for the same answer.
    current: Mutex<Option<Current>>,
}

#[derive(Debug)]
struct Current {
    key: Arc<Key>,
    until: Timestamp,
}

impl Keys {
    /// Of whoever `sdk` signs for, in its region.
    #[must_use]
    pub fn new(sdk: &SdkConfig, form: Form) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { form, provider: sdk.credentials_provider(), region, current: Mutex::default() }
    }

    /// What signs for `host` now.
    ///
    /// # Errors
    /// If nobody provides credentials.
    pub async fn key(
        &self,
        host: &str,
        stamp: &Stamp,
        now: Timestamp,
    ) -> Result<Arc<Key>, CredentialsError> {
        let mut current = self.current.lock().await;
        if let Some(Current { key, until }) = current.as_ref()
            && now < *until
            && key.is_for(stamp)
        {
            return Ok(Arc::clone(key));
        }
        let nobody = || CredentialsError::not_loaded("nobody provides credentials");
        let provider = self.provider.as_ref().ok_or_else(nobody)?;
        let credentials = provider.provide_credentials().await?;
        let end = credentials.expiry().and_then(|end| Timestamp::try_from(end).ok());
        let until = end.map_or(now.saturating_add(UNTOLD), |end| end.saturating_sub(SPARE));
        let key = Arc::new(Key::new(self.form, &credentials, &self.region, host, now));
        let until = until.unwrap_or(now);
        *current = Some(Current { key: Arc::clone(&key), until });
        Ok(key)
    }
}

#[cfg(test)]
mod tests;
