//! The gateway's event, made fit for `lambda_http`, which panics at what is no part of an address.
//!
//! That would be one failed invocation and no more; but what a client sends must be answered.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HOST, HeaderName};
use lambda_http::request::LambdaRequest;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The event, of which an address can be made.
pub(crate) fn fit(event: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(mut event) = event else { return event };
    // Nobody asks for them, and the gateway itself says where it is.
    event.headers.remove(HOST);
    event.headers.remove(X_FORWARDED_PROTO);
    event.raw_query_string = event.raw_query_string.as_deref().map(escaped);
    event.is_base64_encoded &=
        event.body.as_deref().is_none_or(|body| STANDARD.decode(body).is_ok());
    LambdaRequest::ApiGatewayV2(event)
}

/// A query string in which what RFC 3986 does not allow is escaped.
fn escaped(query: &str) -> String {
    query.bytes().fold(String::with_capacity(query.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}"); // Writing to a string does not fail.
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_escaped_once() {
        for (query, expected) in [
            ("q=a&limit=1", "q=a&limit=1"),
            ("q=caf%C3%A9+au", "q=caf%C3%A9+au"),
            ("q=<b> \"é\"#{}", "q=%3Cb%3E%20%22%C3%A9%22%23%7B%7D"),
        ] {
            assert_eq!(escaped(query), expected);
        }
    }
}
