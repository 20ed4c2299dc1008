//! Reading a body: which field is at fault, told the same way over REST and the socket.
//!
//! What a client sent is never repeated to it: a refusal names the field and what was expected there.

use std::fmt::Display;

use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Segment, Track};

use crate::ErrorCode;

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyError {
    /// [`ErrorCode::UnknownField`] or [`ErrorCode::InvalidRequest`].
    pub code: ErrorCode,
    /// The field at fault: RFC 6901, empty if it is the body as a whole.
    pub pointer: String,
    /// A sentence for the client's developer.
    pub detail: String,
}

impl BodyError {
    /// The body as a whole is at fault.
    #[must_use]
    pub fn whole(detail: impl Into<String>) -> Self {
        let code = ErrorCode::InvalidRequest;
        Self { code, pointer: String::new(), detail: detail.into() }
    }
}

/// The body in `bytes`: one JSON object and nothing after it, no field that `T` does not know.
///
/// # Errors
/// [`ErrorCode::UnknownField`] for the first such field, [`ErrorCode::InvalidRequest`] for the rest.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = parse_from(&mut json);
    // Text that is no JSON is told as such, whatever was amiss before the reader came to that place.
    let parsed = match parsed {
        Ok(value) => json.end().map(|()| Ok(value)),
        Err(refusal) => {
            serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map(|_| Err(refusal))
        }
    };
    let parsed = parsed.map_err(|error| not_json(&error))?;
    // serde also reads a struct from a list, field by field in the order of our source.
    if bytes.trim_ascii_start().starts_with(b"{") { parsed } else { Err(no_object()) }
}

/// The body in `value`, as [`parse`].
///
/// # Errors
/// As [`parse`].
pub fn parse_value<T: DeserializeOwned>(value: Value) -> Result<T, BodyError> {
    if value.is_object() { parse_from(value) } else { Err(no_object()) }
}

/// What `deserializer` holds, as [`parse`]: for query strings, which are no JSON.
///
/// # Errors
/// As [`parse`].
pub fn parse_from<'de, T, D>(deserializer: D) -> Result<T, BodyError>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
    D::Error: Display,
{
    let mut track = Track::new();
    let mut unknown = None;
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let parsed = serde_ignored::deserialize(tracked, |path| {
        unknown.get_or_insert_with(|| ignored_pointer(&path));
    });
    // A misspelt field is a missing field too; only the former tells the developer what to do.
    match (unknown, parsed) {
        (Some(pointer), _) => {
            let detail = "There is no such field here.".to_owned();
            Err(BodyError { code: ErrorCode::UnknownField, pointer, detail })
        }
        (None, Ok(value)) => Ok(value),
        (None, Err(error)) => Err(misfit(&track.path(), &error.to_string())),
    }
}

fn no_object() -> BodyError {
    BodyError::whole("Expected a JSON object.")
}

fn not_json(error: &serde_json::Error) -> BodyError {
    let (line, column) = (error.line(), error.column());
    BodyError::whole(format!("The body is not JSON: see line {line}, column {column}."))
}

/// The refusal for a value of the wrong shape at `path`.
///
/// serde words its errors "invalid type: string \"...\", expected u64": only the last part is free
/// of what was sent.
fn misfit(path: &serde_path_to_error::Path, error: &str) -> BodyError {
    let mut pointer = tracked_pointer(path);
    let error = error.rsplit_once(" at line ").map_or(error, |(error, _place)| error);
    let missing = error.strip_prefix("missing field `").and_then(|field| field.strip_suffix('`'));
    let detail = if let Some(field) = missing {
        push(&mut pointer, field);
        "This field is required.".to_owned()
    } else if error.starts_with("duplicate field") {
        "A field is given twice.".to_owned()
    } else if let Some((_sent, expected)) = error.rsplit_once(", expected ") {
        format!("Expected {expected}.")
    } else {
        "This value is not valid here.".to_owned()
    };
    BodyError { code: ErrorCode::InvalidRequest, pointer, detail }
}

/// Appends one step to an RFC 6901 pointer.
fn push(pointer: &mut String, step: &str) {
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
}

fn tracked_pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { variant } => push(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    pointer
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    let (parent, step) = match path {
        Path::Root => return String::new(),
        Path::Seq { parent, index } => (parent, index.to_string()),
        Path::Map { parent, key } => (parent, key.clone()),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => return ignored_pointer(parent),
    };
    let mut pointer = ignored_pointer(parent);
    push(&mut pointer, &step);
    pointer
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::{AddMembers, CreateRoom, SyncRequest};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it parses matters")]
    struct Odd {
        #[serde(default, rename = "a/b~c")]
        slashed: Option<u64>,
        #[serde(default)]
        inner: Option<Box<Odd>>,
    }

    fn refusal<T: DeserializeOwned>(body: &str) -> (ErrorCode, String) {
        let error = parse::<T>(body.as_bytes()).err().unwrap();
        assert!(error.detail.ends_with('.'), "{}", error.detail);
        assert!(!error.detail.contains("SENT"), "{}", error.detail);
        (error.code, error.pointer)
    }

    #[test]
    fn a_refusal_points_at_the_field() {
        use ErrorCode::{InvalidRequest, UnknownField};
        type Reads = fn(&str) -> (ErrorCode, String);
        let table: [(&str, Reads, ErrorCode, &str); 25] = [
            ("", refusal::<CreateRoom>, InvalidRequest, ""),
            ("hello", refusal::<CreateRoom>, InvalidRequest, ""),
            ("{", refusal::<CreateRoom>, InvalidRequest, ""),
            (r#"{"type":"group","#, refusal::<CreateRoom>, InvalidRequest, ""),
            (r#"{"type":"group"} x"#, refusal::<CreateRoom>, InvalidRequest, ""),
            (r#"{"type":"group"}{}"#, refusal::<CreateRoom>, InvalidRequest, ""),
            (r#"{"nope":1,"#, refusal::<CreateRoom>, InvalidRequest, ""),
            ("\"SENT\"", refusal::<CreateRoom>, InvalidRequest, ""),
            ("null", refusal::<CreateRoom>, InvalidRequest, ""),
            (r#"["group"]"#, refusal::<CreateRoom>, InvalidRequest, ""),
            (" []", refusal::<Odd>, InvalidRequest, ""),
            ("{}", refusal::<CreateRoom>, InvalidRequest, "/type"),
            (r#"{"type":"SENT"}"#, refusal::<CreateRoom>, InvalidRequest, "/type"),
            (r#"{"type":"group","type":"group"}"#, refusal::<CreateRoom>, InvalidRequest, ""),
            (
                r#"{"type":"group","is_public":"SENT"}"#,
                refusal::<CreateRoom>,
                InvalidRequest,
                "/is_public",
            ),
            (r#"{"type":"group","SENT":1}"#, refusal::<CreateRoom>, UnknownField, "/SENT"),
            (r#"{"tpye":"group"}"#, refusal::<CreateRoom>, UnknownField, "/tpye"),
            (
                r#"{"members":[{"user_id":"a","permissions":{"x":1}}]}"#,
                refusal::<AddMembers>,
                UnknownField,
                "/members/0/permissions/x",
            ),
            (
                r#"{"members":["a",{"permissions":{}}]}"#,
                refusal::<AddMembers>,
                InvalidRequest,
                "/members/1/user_id",
            ),
            (r#"{"members":["a",5]}"#, refusal::<AddMembers>, InvalidRequest, "/members/1"),
            (
                r#"{"members":[{"user_id":"a","permissions":{"can_edit_room":"SENT"}}]}"#,
                refusal::<AddMembers>,
                InvalidRequest,
                "/members/0/permissions/can_edit_room",
            ),
            (r#"{"rooms":{"a":-1}}"#, refusal::<SyncRequest>, InvalidRequest, "/rooms/a"),
            (r#"{"a/b~c":"SENT"}"#, refusal::<Odd>, InvalidRequest, "/a~1b~0c"),
            (r#"{"inner":{"~/":1}}"#, refusal::<Odd>, UnknownField, "/inner/~0~1"),
            (
                r#"{"inner":{"inner":{"inner":7}}}"#,
                refusal::<Odd>,
                InvalidRequest,
                "/inner/inner/inner",
            ),
        ];
        for (body, reads, code, pointer) in table {
            assert_eq!(reads(body), (code, pointer.to_owned()), "{body}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_and_nests_that_are_too_deep_are_no_json() {
        assert!(parse::<CreateRoom>(b"{\"type\":\"\xff\"}").is_err());
        let deep = format!("{{\"type\":\"group\",\"x\":{}", "[".repeat(100_000));
        assert_eq!(refusal::<CreateRoom>(&deep), (ErrorCode::InvalidRequest, String::new()));
    }

    #[test]
    fn a_value_is_read_as_its_text_is() {
        let body = json!({ "members": ["a", { "user_id": "b", "permissions": { "can_edit_room": true } }] });
        assert_eq!(parse_value::<AddMembers>(body.clone()), parse(body.to_string().as_bytes()));
        let unknown = parse_value::<AddMembers>(json!({ "members": [], "x": 1 })).err().unwrap();
        assert_eq!((unknown.code, unknown.pointer.as_str()), (ErrorCode::UnknownField, "/x"));
        let list = parse_value::<AddMembers>(json!([[]])).err().unwrap();
        assert_eq!((list.code, list.pointer.as_str()), (ErrorCode::InvalidRequest, ""));
    }
}
