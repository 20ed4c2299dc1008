//! Query strings: checked as bodies are.

use axum::extract::FromRequestParts;
use http::request::Parts;
use protocol::BodyError;
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};

use crate::ApiError;

/// How many entries a page has if nobody says.
pub const DEFAULT_LIMIT: u32 = 50;
/// How many entries a page has at most.
pub const MAX_LIMIT: u32 = 200;

/// The query string. A parameter that `T` does not know is refused: a misspelt filter would
/// otherwise answer with everything.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// What became of the parameters; it never fails itself, so that the reason is not lost in the
/// extractor's own.
struct Checked<T>(Result<T, BodyError>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(protocol::parse_from(deserializer)))
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let unreadable = || BodyError::whole("The query string cannot be read.");
        let query = axum::extract::Query::<Checked<T>>::try_from_uri(&parts.uri)
            .map_err(|_| unreadable())?;
        Ok(Self(query.0.0?))
    }
}

/// `limit`: 1 to 200, 50 if absent (with `#[serde(default)]` on the field).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// The number of entries.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "a number from 1 to 200";
        // As text, so that what is no number at all gets the same sentence.
        let text = String::deserialize(deserializer)?;
        match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => Ok(Self(limit)),
            _ => Err(D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED)),
        }
    }
}
