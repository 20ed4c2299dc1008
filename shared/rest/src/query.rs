//! Query strings: checked as bodies are.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use protocol::{BodyError, ErrorCode};
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

/// `cursor` of a list whose places are text: opaque, and safe in a URL as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

impl Cursor {
    /// As clients get it.
    #[must_use]
    pub fn print(place: &str) -> String {
        URL_SAFE_NO_PAD.encode(place)
    }

    /// As a client gave it back; none if it cannot have been ours.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "the `next` of a page of this list";
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))
    }
}

/// The refusal of a `cursor` that no page gave.
#[must_use]
pub fn unknown_cursor() -> BodyError {
    BodyError {
        code: ErrorCode::InvalidRequest,
        pointer: "/cursor".to_owned(),
        detail: "`/cursor` must be the `next` of a page of this list.".to_owned(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Nothing is read that was not printed like this, so that one place has one spelling.
        #[test]
        fn any_text_is_the_cursor_that_it_is_printed_as_or_none(
            place in ".{0,60}", text in "[A-Za-z0-9_-]{0,40}", junk in "\\PC{0,40}",
        ) {
            prop_assert_eq!(Cursor::read(&Cursor::print(&place)), Some(Cursor(place)));
            for text in [text, junk] {
                if let Some(Cursor(place)) = Cursor::read(&text) {
                    prop_assert_eq!(Cursor::print(&place), text);
                }
            }
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let read = |text: &str| serde_json::from_value::<Cursor>(text.into()).ok();
        for place in ["caf\u{e9}\t0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f", "", "\u{10FFFE}?&#"] {
            assert_eq!(read(&Cursor::print(place)), Some(Cursor(place.to_owned())));
        }
        for bad in ["?", "a", "_w", "bHVuY2g="] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
