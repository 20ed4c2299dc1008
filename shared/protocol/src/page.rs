//! Lists that come in pages.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "{T}Page"))]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Where the next page is.
    pub page: PageInfo,
}

/// Where the next page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PageInfo {
    /// Opaque: send it back as `cursor`. `null` on the last page.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of these, followed by the one at `next`.
    #[must_use]
    pub const fn new(data: Vec<T>, next: Option<String>) -> Self {
        Self { data, page: PageInfo { next } }
    }
}
