use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_apigatewaymanagement::Client as Reference;
use aws_sdk_apigatewaymanagement::config::Builder;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;

mod answers;
mod signatures;
mod tls;

/// The SDK's client, which asks nobody twice and waits as long.
fn reference(sdk: &SdkConfig, url: &str, limit: Duration) -> Reference {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(limit).operation_attempt_timeout(limit).build();
    let config = Builder::from(sdk).endpoint_url(url).timeout_config(timeouts);
    Reference::from_conf(config.retry_config(RetryConfig::disabled()).build())
}
