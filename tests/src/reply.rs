//! What came back over HTTP, and what it should have been.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// An answer of the HTTP API.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its body; `null` if it is empty, a string if it is no JSON.
    pub body: Value,
    /// Its headers.
    pub headers: HeaderMap,
    asked: String,
}

impl Reply {
    pub(crate) async fn read(method: &Method, path: &str, response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body can be read");
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        crate::secrets::keep_given(&body);
        Self { status, body, headers, asked: format!("{method} {path}") }
    }

    /// Asserts 200.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.expect_status(200)
    }

    /// Asserts 201.
    #[track_caller]
    pub fn created(self) -> Value {
        self.expect_status(201)
    }

    /// Asserts 204 without a body.
    #[track_caller]
    pub fn no_content(self) {
        assert_eq!(self.expect_status(204), Value::Null);
    }

    /// Asserts a refusal with this status and code, in the form that every refusal has.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let Self { body, headers, asked, .. } = &self;
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{asked}: {body}");
        let content_type = headers.get(CONTENT_TYPE).expect("a problem has a type");
        assert_eq!(content_type, "application/problem+json", "{asked}");
        assert_eq!(body["status"], status, "{asked}: {body}");
        assert_eq!(body["type"], "about:blank", "{asked}: {body}");
        for field in ["title", "detail", "request_id"] {
            let text = body[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{asked}: no `{field}` in {body}");
        }
        assert!(body["retryable"].is_boolean(), "{asked}: {body}");
        self.body
    }

    /// Asserts a refusal that points at one field.
    #[track_caller]
    pub fn refused_at(self, status: u16, code: &str, pointer: &str) -> Value {
        let asked = self.asked.clone();
        let body = self.refused(status, code);
        assert_eq!(body["errors"][0]["pointer"], pointer, "{asked}: {body}");
        body
    }

    /// A header's text; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    fn expect_status(self, status: u16) -> Value {
        let Self { body, asked, .. } = &self;
        assert_eq!(self.status, status, "{asked}: {body}");
        self.body
    }
}
