//! How much one may do.

use serde::{Deserialize, Serialize};

/// `GET /v1/limits`: what the deployment chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RateLimits {
    /// Each class that is limited.
    pub data: Vec<RateLimit>,
}

/// So many of a class in so long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct RateLimit {
    pub class: String,
    pub quota: u32,
    pub window_seconds: u64,
}

impl From<&domain::Limits> for RateLimits {
    fn from(limits: &domain::Limits) -> Self {
        let data = domain::RateClass::ALL.into_iter().filter_map(|class| {
            let rate = limits.of(class)?;
            let (class, window_seconds) = (class.name().to_owned(), rate.window().as_secs());
            Some(RateLimit { class, quota: rate.quota(), window_seconds })
        });
        Self { data: data.collect() }
    }
}
