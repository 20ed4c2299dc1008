//! How much one may do.

use serde::{Deserialize, Serialize};

/// `GET /v1/limits`: what the deployment chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RateLimits {
    /// Each class that is limited.
    pub data: Vec<RateLimit>,
}

/// So many of a class in so long, for each `per`: `user`, `address`, `room`, or the `deployment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct RateLimit {
    pub class: String,
    pub quota: u32,
    pub window_seconds: u64,
    pub per: String,
}

impl From<&domain::Limits> for RateLimits {
    fn from(limits: &domain::Limits) -> Self {
        let data = domain::RateClass::ALL.into_iter().filter_map(|class| {
            let rate = limits.of(class)?;
            let (name, per) = (class.name().to_owned(), class.per().to_owned());
            let window_seconds = rate.window().as_secs();
            Some(RateLimit { class: name, quota: rate.quota(), window_seconds, per })
        });
        Self { data: data.collect() }
    }
}
