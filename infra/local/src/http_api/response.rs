//! From what a function returns to an HTTP response, and the errors the gateway makes itself.

use axum::body::{Body, HttpBody};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

/// An error of the gateway. The capitals matter: WebSocket frames spell the same words otherwise.
pub(super) fn error(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

pub(super) fn internal_server_error() -> Response<Body> {
    error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// What the gateway adds to every response.
pub(super) fn seal(response: &mut Response<Body>) {
    if let Ok(id) = HeaderValue::from_str(&crate::ids::gateway_id()) {
        response.headers_mut().insert("apigw-requestid", id);
    }
    if let Some(length) = response.body().size_hint().exact()
        && response.status() != StatusCode::NO_CONTENT
    {
        response.headers_mut().insert("content-length", HeaderValue::from(length));
    }
}

/// Maps the result of a function in payload format 2.0.
pub(super) fn map(result: &[u8]) -> Response<Body> {
    match serde_json::from_slice::<Value>(result) {
        Ok(Value::Object(fields)) if fields.contains_key("statusCode") => full(&fields)
            .unwrap_or_else(|| {
                tracing::warn!("a function returned an unusable response object");
                internal_server_error()
            }),
        // The short form: the result is the body.
        Ok(Value::String(text)) => json_body(text.into_bytes()),
        Ok(_) => json_body(result.to_vec()),
        Err(_) => {
            tracing::warn!("a function returned something that is not JSON");
            internal_server_error()
        }
    }
}

fn json_body(body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn full(fields: &Map<String, Value>) -> Option<Response<Body>> {
    let status = fields.get("statusCode")?.as_u64().filter(|code| (100..600).contains(code))?;
    let body = match fields.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => match fields.get("isBase64Encoded") {
            Some(Value::Bool(true)) => STANDARD.decode(text).ok()?,
            _ => text.clone().into_bytes(),
        },
        Some(other) => other.to_string().into_bytes(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
    let headers = response.headers_mut();
    let cookies = fields.get("cookies").and_then(Value::as_array);
    for cookie in cookies.into_iter().flatten().filter_map(Value::as_str) {
        headers.append("set-cookie", HeaderValue::from_str(cookie).ok()?);
    }
    // `multiValueHeaders` belongs to format 1.0 and is not looked at.
    for (name, value) in fields.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => continue,
        };
        let name = HeaderName::try_from(name.as_str()).ok()?;
        // These are the gateway's business.
        let own = ["connection", "transfer-encoding", "content-length", "keep-alive"];
        if !own.contains(&name.as_str()) {
            headers.append(name, HeaderValue::from_str(&value).ok()?);
        }
    }
    if !headers.contains_key("content-type") {
        headers.insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn mapped(result: &str) -> (u16, Vec<String>, String) {
        let response = map(result.as_bytes());
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let (status, headers) =
            (response.status().as_u16(), response.headers().iter().map(header).collect());
        let body = to_bytes(response.into_body(), 1000).await.unwrap();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_full_response_is_sent_as_it_says() {
        let fixture = include_str!("../../fixtures/lambda-response-http-v2.json");
        let (status, headers, body) = mapped(fixture).await;
        assert_eq!((status, body.as_str()), (201, r#"{"id":"m-77"}"#));
        let mut expected = vec![
            "content-type: application/json",
            "location: /rooms/r-lobby/messages/m-77",
            "set-cookie: sid=a1b2; Path=/; HttpOnly; Secure",
            "set-cookie: theme=dark; Path=/",
        ];
        let mut headers: Vec<_> = headers.iter().map(String::as_str).collect();
        headers.sort_unstable();
        expected.sort_unstable();
        assert_eq!(headers, expected);
    }

    #[tokio::test]
    async fn other_results_follow_the_rules_of_format_2() {
        let json = "content-type: application/json";
        let text = "content-type: text/plain; charset=utf-8";
        for (result, status, header, body) in [
            (r#""hello""#, 200, json, "hello"),
            (r#"{"a":1}"#, 200, json, r#"{"a":1}"#),
            (r#"{"statusCode":204}"#, 204, text, ""),
            (r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200, text, "hi"),
            (r#"{"statusCode":"200"}"#, 500, json, r#"{"message":"Internal Server Error"}"#),
            (
                r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#,
                500,
                json,
                r#"{"message":"Internal Server Error"}"#,
            ),
            ("not json", 500, json, r#"{"message":"Internal Server Error"}"#),
        ] {
            let expected = (status, vec![header.to_owned()], body.to_owned());
            assert_eq!(mapped(result).await, expected, "{result}");
        }
    }
}
