//! What a process is told (variables) and given (one SDK configuration, one log), once in `main`.
//!
//! Nothing else in the house reads a variable; what is read here travels as a value.

mod invocation;
mod lazy;
mod log;
mod metrics;

use std::time::Duration;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

pub use invocation::{chain, fingerprint, invocation, invoke};
pub use lazy::Lazy;
pub use log::install_log;

/// A variable that the process cannot do without.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set")]
pub struct Missing(&'static str);

/// The value of a variable.
///
/// # Errors
/// [`Missing`] if it is not set or empty.
pub fn required(name: &'static str) -> Result<String, Missing> {
    optional(name).ok_or(Missing(name))
}

/// The value of a variable, if it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the one place that reads variables")]
#[must_use]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether a switch is `on`; `default` if it is not set.
#[must_use]
pub fn switch(name: &str, default: bool) -> bool {
    optional(name).map_or(default, |value| value == "on")
}

/// One SDK configuration for every client of the process.
///
/// A call to AWS from inside the region that takes over 3 s is lost: another attempt is cheaper
/// than the wait. TLS is left out where the endpoint is plain HTTP, because loading the roots
/// doubles the time to the first poll.
pub async fn sdk() -> SdkConfig {
    let plain = optional("AWS_ENDPOINT_URL_DYNAMODB").is_some_and(|url| url.starts_with("http://"));
    let http_client = if plain {
        Builder::new().build_http()
    } else {
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    };
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard());
    match optional("AWS_LAMBDA_RUNTIME_API") {
        // Lambda gives both by variables. Making the clients that would look for them elsewhere
        // costs every start a third of a millisecond.
        Some(_) => loader
            .region(EnvironmentVariableRegionProvider::new())
            .credentials_provider(EnvironmentVariableCredentialsProvider::new()),
        None => loader,
    }
    .load()
    .await
}
