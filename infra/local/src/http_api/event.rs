//! The event of payload format 2.0, and its variant for authorizers.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::route::Matched;
use super::{Headers, Payload, text};
use crate::encoding;
use crate::template::{ACCOUNT, HttpApi, REGION};

/// One request, as far as events speak of it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) route_key: String,
    pub(super) method: String,
    pub(super) raw_path: String,
    pub(super) raw_query: String,
    pub(super) cookies: Vec<String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) body: Payload,
    /// What the authorizer said, once it has.
    pub(super) authorizer: Option<Value>,
    pub(super) api_id: String,
    pub(super) domain: String,
    pub(super) stage: String,
    pub(super) stage_variables: BTreeMap<String, String>,
    pub(super) request_id: String,
    pub(super) time: Timestamp,
}

impl Request {
    pub(super) fn new(
        api: &HttpApi,
        domain: &str,
        parts: &Parts,
        body: &Payload,
        matched: &Matched<'_>,
    ) -> Self {
        let (mut headers, cookies) = headers(&parts.headers);
        let port = domain.rsplit_once(':').map_or("80", |(_, port)| port);
        headers.entry("content-length".to_owned()).or_insert_with(|| body.len().to_string());
        headers.entry("x-amzn-trace-id".to_owned()).or_insert_with(crate::ids::trace_root);
        for (name, value) in [
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-port", port),
            ("x-forwarded-proto", "http"),
        ] {
            headers.insert(name.to_owned(), value.to_owned());
        }
        Self {
            route_key: matched.route.key.clone(),
            method: parts.method.to_string(),
            raw_path: encoding::decode(parts.uri.path()),
            raw_query: parts.uri.query().unwrap_or_default().to_owned(),
            cookies,
            headers,
            parameters: matched.parameters.clone(),
            body: body.clone(),
            authorizer: None,
            api_id: api.id.clone(),
            domain: domain.to_owned(),
            stage: api.stage.clone(),
            stage_variables: api.stage_variables.clone(),
            request_id: crate::ids::gateway_id(),
            time: crate::ids::now(),
        }
    }

    /// Decoded, with the values of a repeated name joined.
    pub(super) fn query(&self) -> BTreeMap<String, String> {
        let mut query: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in encoding::query(&self.raw_query) {
            match query.get_mut(&name) {
                Some(values) => {
                    values.push(',');
                    values.push_str(&value);
                }
                None => {
                    query.insert(name, value);
                }
            }
        }
        query
    }

    /// The event for the route's function. What there is nothing of is absent, not null.
    pub(super) fn event(&self) -> Value {
        let mut event = self.common();
        let body = std::str::from_utf8(&self.body).ok().filter(|_| self.is_text());
        event.insert("isBase64Encoded".to_owned(), json!(body.is_none() && !self.body.is_empty()));
        if !self.body.is_empty() {
            let body = body.map_or_else(|| STANDARD.encode(&self.body), str::to_owned);
            event.insert("body".to_owned(), json!(body));
        }
        if let Some(context) = &self.authorizer {
            event["requestContext"]["authorizer"] = json!({ "lambda": context });
        }
        Value::Object(event)
    }

    /// The event for an authorizer: no body, but the identity and the ARN it decides about.
    pub(super) fn authorizer_event(&self, identity: &[String]) -> Value {
        let mut event = self.common();
        event.insert("type".to_owned(), json!("REQUEST"));
        event.insert("routeArn".to_owned(), json!(self.arn()));
        if !identity.is_empty() {
            event.insert("identitySource".to_owned(), json!(identity));
        }
        Value::Object(event)
    }

    pub(super) fn arn(&self) -> String {
        let named = format!("/{}", self.stage);
        let path = self.raw_path.strip_prefix(&named).unwrap_or(&self.raw_path);
        let (api, stage, method) = (&self.api_id, &self.stage, &self.method);
        format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/{method}{path}")
    }

    fn common(&self) -> Map<String, Value> {
        let domain_prefix = &self.api_id;
        let event = json!({
            "version": "2.0",
            "routeKey": self.route_key,
            "rawPath": self.raw_path,
            "rawQueryString": self.raw_query,
            "headers": self.headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": self.api_id,
                "domainName": self.domain,
                "domainPrefix": domain_prefix,
                "http": {
                    "method": self.method,
                    "path": self.raw_path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": self.headers.get("user-agent").map_or("", String::as_str),
                },
                "requestId": self.request_id,
                "routeKey": self.route_key,
                "stage": self.stage,
                "time": crate::ids::log_time(self.time),
                "timeEpoch": self.time.as_millisecond(),
            },
        });
        let Value::Object(mut event) = event else { return Map::new() };
        let query = self.query();
        let maps = [
            ("queryStringParameters", &query),
            ("pathParameters", &self.parameters),
            ("stageVariables", &self.stage_variables),
        ];
        for (name, map) in maps.into_iter().filter(|(_, map)| !map.is_empty()) {
            event.insert(name.to_owned(), json!(map));
        }
        if !self.cookies.is_empty() {
            event.insert("cookies".to_owned(), json!(self.cookies));
        }
        event
    }

    /// API Gateway's short list of types that are text; all else arrives as base64, even a form.
    fn is_text(&self) -> bool {
        let kind = self.headers.get("content-type").map_or("", String::as_str);
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind.starts_with("text/")
            || matches!(
                kind.as_str(),
                "application/json" | "application/xml" | "application/javascript"
            )
    }
}

fn headers(given: &Headers) -> (BTreeMap<String, String>, Vec<String>) {
    let mut headers = BTreeMap::new();
    let mut cookies = Vec::new();
    for name in given.keys() {
        let values: Vec<String> = given.get_all(name).iter().map(text).collect();
        match name.as_str() {
            "cookie" => {
                let all = values.iter().flat_map(|value| value.split(';')).map(str::trim);
                cookies.extend(all.filter(|cookie| !cookie.is_empty()).map(str::to_owned));
            }
            "connection" | "keep-alive" | "te" | "transfer-encoding" | "upgrade" => {}
            name if name.starts_with("proxy-") => {}
            name => {
                headers.insert(name.to_owned(), values.join(","));
            }
        }
    }
    (headers, cookies)
}

#[cfg(test)]
mod tests;
