//! `openapi.json`: every operation over HTTP.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Schemas;
use super::operations::{Operation, operations};
use crate::{ErrorCode, Problem};

/// The name of what the gateway itself says.
const GATEWAY: &str = "GatewayMessage";

pub(super) fn document() -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.answer::<Problem>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations(&mut schemas) {
        let described = describe(&operation, &problem);
        paths.entry(operation.path).or_default().insert(operation.method.to_owned(), described);
    }
    let mut definitions = schemas.definitions();
    definitions[GATEWAY] = json!({
        "type": "object",
        "properties": { "message": { "type": "string" } },
        "required": ["message"],
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Banter",
            "version": "1",
            "summary": "In-app chat.",
            "description": "README.md beside this file is the specification; this is its HTTP half, made of the types.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{
            "url": "{origin}",
            "variables": { "origin": { "default": "http://127.0.0.1:3000" } },
        }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
            "schemas": definitions,
        },
    })
}

fn describe(operation: &Operation, problem: &Value) -> Value {
    let mut responses = Map::new();
    for (status, description, schema) in &operation.answers {
        let mut answer = json!({ "description": description });
        if let Some(schema) = schema {
            answer["content"] = json!({ "application/json": { "schema": schema } });
        }
        responses.insert(status.to_string(), answer);
    }
    for (status, codes) in codes(operation) {
        let mut content = json!({ "application/problem+json": { "schema": problem } });
        if matches!(status, 401 | 429 | 500 | 503) {
            // The gateway's own: a missing header, too many requests, a function that failed.
            let reference = format!("#/components/schemas/{GATEWAY}");
            content["application/json"] = json!({ "schema": { "$ref": reference } });
        }
        let refusal = json!({ "description": codes.join(", "), "content": content });
        responses.insert(status.to_string(), refusal);
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "responses": responses,
    });
    if !operation.needs_token {
        described["security"] = json!([]);
    }
    let parameters = parameters(operation);
    if !parameters.is_empty() {
        described["parameters"] = json!(parameters);
    }
    if let Some(schema) = &operation.body {
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
    }
    described
}

/// Its codes by status, those that every operation may answer among them.
fn codes(operation: &Operation) -> BTreeMap<u16, Vec<String>> {
    use ErrorCode as Code;
    let mut codes = vec![Code::RateLimited, Code::Internal, Code::Unavailable];
    if operation.needs_token {
        codes.push(Code::Unauthenticated);
    }
    if operation.body.is_some() {
        codes.extend([Code::InvalidRequest, Code::UnknownField]);
    } else if !operation.query.is_empty() {
        codes.push(Code::InvalidRequest);
    }
    codes.extend(&operation.codes);
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for code in codes {
        let name = json!(code).as_str().unwrap_or_default().to_owned();
        by_status.entry(code.status()).or_default().push(name);
    }
    by_status
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let in_path = in_path.map(|(name, _)| {
        let schema = match name {
            "seq" => json!({ "type": "integer", "format": "int64", "minimum": 1 }),
            _ => json!({ "type": "string" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let in_query = operation.query.iter().map(|(name, description)| {
        let schema = match *name {
            "limit" => json!({
                "type": "integer", "format": "int32", "minimum": 1, "maximum": 200, "default": 50,
            }),
            "before_seq" | "after_seq" | "around_seq" => {
                json!({ "type": "integer", "format": "int64", "minimum": 0 })
            }
            "from" | "to" => json!({ "type": "string", "format": "date-time" }),
            "scope" => json!({ "type": "string", "enum": ["public"] }),
            "user" => json!({ "type": "string", "enum": ["me"] }),
            _ => json!({ "type": "string" }),
        };
        json!({
            "name": name, "in": "query", "description": description, "schema": schema,
            "required": *name == "user",
        })
    });
    let in_header = operation.takes_version.then(|| {
        json!({
            "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": "The `version` that must still be the room's.",
        })
    });
    in_path.chain(in_query).chain(in_header).collect()
}
