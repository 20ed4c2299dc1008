//! The events of a WebSocket API.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::encoding;
use crate::template::{ACCOUNT, REGION, SocketApi};

/// What stays the same for one connection's life.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) connection_id: String,
    pub(super) connected_at: Timestamp,
    pub(super) source_ip: String,
    pub(super) user_agent: Option<String>,
    pub(super) api_id: String,
    pub(super) stage: String,
    pub(super) stage_variables: Map<String, Value>,
    pub(super) domain: String,
    /// `principalId` and the authorizer's context, once it has answered.
    pub(super) authorizer: Option<Context>,
}

/// Names and texts. A tree of values has room for eleven, and each connection would hold one.
pub(super) type Context = Vec<(String, String)>;

/// One request within a connection's life: the handshake, a message, the end.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub(super) request_id: String,
    pub(super) time: Timestamp,
}

impl Occasion {
    pub(super) fn at(time: Timestamp) -> Self {
        Self { request_id: crate::ids::gateway_id(), time }
    }
}

/// Headers by name; the name as the client wrote it.
pub(super) type Headers = [(String, Vec<String>)];

impl Session {
    pub(super) fn new(
        api: &SocketApi,
        domain: &str,
        user_agent: Option<String>,
        connected_at: Timestamp,
    ) -> Self {
        let variable = |(name, value): (&String, &String)| (name.clone(), json!(value));
        Self {
            connection_id: crate::ids::gateway_id(),
            connected_at,
            source_ip: "127.0.0.1".to_owned(),
            user_agent,
            api_id: api.id.clone(),
            stage: api.stage.clone(),
            stage_variables: api.stage_variables.iter().map(variable).collect(),
            domain: domain.to_owned(),
            authorizer: None,
        }
    }

    /// The ARN that an authorizer decides about.
    pub(super) fn connect_arn(&self) -> String {
        let (api, stage) = (&self.api_id, &self.stage);
        format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/$connect")
    }

    pub(super) fn authorizer_event(
        &self,
        occasion: &Occasion,
        headers: &Headers,
        query: &str,
    ) -> Value {
        let (single, multiple) = by_name(headers);
        let (query, multiple_query) = by_name(&grouped(query));
        json!({
            "type": "REQUEST",
            "methodArn": self.connect_arn(),
            "headers": single,
            "multiValueHeaders": multiple,
            "queryStringParameters": query,
            "multiValueQueryStringParameters": multiple_query,
            "stageVariables": self.stage_variables,
            "requestContext": self.context("$connect", "CONNECT", occasion),
        })
    }

    pub(super) fn connect(&self, occasion: &Occasion, headers: &Headers, query: &str) -> Value {
        // These belong to the hop between client and gateway, and only the authorizer sees them.
        let hop = ["connection", "upgrade", "content-length"];
        let headers: Vec<_> = headers
            .iter()
            .filter(|(name, _)| !hop.contains(&name.to_ascii_lowercase().as_str()))
            .cloned()
            .collect();
        let (single, multiple) = by_name(&headers);
        let mut event = self.event("$connect", "CONNECT", occasion);
        event["headers"] = json!(single);
        event["multiValueHeaders"] = json!(multiple);
        if !query.is_empty() {
            let (query, multiple) = by_name(&grouped(query));
            event["queryStringParameters"] = json!(query);
            event["multiValueQueryStringParameters"] = json!(multiple);
        }
        event
    }

    pub(super) fn message(
        &self,
        occasion: &Occasion,
        route: &str,
        message_id: &str,
        body: &str,
    ) -> Value {
        let mut event = self.event(route, "MESSAGE", occasion);
        event["requestContext"]["messageId"] = json!(message_id);
        event["body"] = json!(body);
        event
    }

    pub(super) fn disconnect(&self, occasion: &Occasion, code: u16, reason: &str) -> Value {
        let mut event = self.event("$disconnect", "DISCONNECT", occasion);
        let names = [
            ("Host", self.domain.as_str()),
            ("x-api-key", ""),
            ("X-Forwarded-For", ""),
            ("x-restapi", ""),
        ];
        let headers = names.map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
        let (single, multiple) = by_name(&headers);
        event["headers"] = json!(single);
        event["multiValueHeaders"] = json!(multiple);
        event["requestContext"]["disconnectStatusCode"] = json!(code);
        event["requestContext"]["disconnectReason"] = json!(reason);
        event
    }

    fn event(&self, route: &str, kind: &str, occasion: &Occasion) -> Value {
        let mut event = json!({
            "requestContext": self.context(route, kind, occasion),
            "isBase64Encoded": false,
        });
        if !self.stage_variables.is_empty() {
            event["stageVariables"] = json!(self.stage_variables);
        }
        event
    }

    fn context(&self, route: &str, kind: &str, occasion: &Occasion) -> Value {
        let mut identity = json!({ "sourceIp": self.source_ip });
        if let Some(agent) = &self.user_agent {
            identity["userAgent"] = json!(agent);
        }
        let mut context = json!({
            "routeKey": route,
            "eventType": kind,
            "extendedRequestId": occasion.request_id,
            "requestTime": crate::ids::log_time(occasion.time),
            "messageDirection": "IN",
            "stage": self.stage,
            "connectedAt": self.connected_at.as_millisecond(),
            "requestTimeEpoch": occasion.time.as_millisecond(),
            "identity": identity,
            "requestId": occasion.request_id,
            "domainName": self.domain,
            "connectionId": self.connection_id,
            "apiId": self.api_id,
        });
        if let Some(authorizer) = &self.authorizer {
            let texts = authorizer.iter().map(|(name, text)| (name.clone(), json!(text)));
            context["authorizer"] = Value::Object(texts.collect());
        }
        context
    }
}

fn grouped(query: &str) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in encoding::query(query) {
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => groups.push((name, vec![value])),
        }
    }
    groups
}

/// Of several values the plain map holds the last.
fn by_name(headers: &Headers) -> (Map<String, Value>, Map<String, Value>) {
    let single = headers.iter().filter_map(|(n, v)| Some((n.clone(), json!(v.last()?))));
    let multiple = headers.iter().map(|(name, values)| (name.clone(), json!(values)));
    (single.collect(), multiple.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn text(value: &Value) -> String {
        value.as_str().unwrap_or_default().to_owned()
    }

    fn session_of(event: &Value) -> (Session, Occasion) {
        let context = &event["requestContext"];
        let time = |value: &Value| Timestamp::from_millisecond(value.as_i64().unwrap()).unwrap();
        let session = Session {
            connection_id: text(&context["connectionId"]),
            connected_at: time(&context["connectedAt"]),
            source_ip: text(&context["identity"]["sourceIp"]),
            user_agent: Some(text(&context["identity"]["userAgent"])),
            api_id: text(&context["apiId"]),
            stage: text(&context["stage"]),
            stage_variables: Map::new(),
            domain: text(&context["domainName"]),
            authorizer: context.get("authorizer").and_then(Value::as_object).map(|context| {
                context.iter().map(|(name, value)| (name.clone(), text(value))).collect()
            }),
        };
        let request_id = text(&context["requestId"]);
        (session, Occasion { request_id, time: time(&context["requestTimeEpoch"]) })
    }

    fn headers_of(event: &Value) -> Vec<(String, Vec<String>)> {
        let headers = event["multiValueHeaders"].as_object().unwrap().iter();
        headers
            .map(|(name, values)| {
                (name.clone(), values.as_array().unwrap().iter().map(text).collect())
            })
            .collect()
    }

    #[test]
    fn the_handshakes_events_are_what_aws_sends() {
        let expected = fixture(include_str!("../../fixtures/ws-authorizer-request.json"));
        let (session, occasion) = session_of(&expected);
        let headers = headers_of(&expected);
        let query = "token=tok-alice-1&room=r-lobby";
        let mut event = session.authorizer_event(&occasion, &headers, query);
        event["methodArn"] = expected["methodArn"].clone(); // The account differs.
        assert_eq!(event, expected);

        let expected = fixture(include_str!("../../fixtures/ws-connect.json"));
        let (session, occasion) = session_of(&expected);
        assert_eq!(session.connect(&occasion, &headers, query), expected);
    }

    #[test]
    fn messages_and_ends_are_what_aws_sends() {
        for text in [
            include_str!("../../fixtures/ws-message.json"),
            include_str!("../../fixtures/ws-message-default-nonjson.json"),
        ] {
            let expected = fixture(text);
            let (session, occasion) = session_of(&expected);
            let context = &expected["requestContext"];
            let (route, id) =
                (context["routeKey"].as_str().unwrap(), context["messageId"].as_str().unwrap());
            let body = expected["body"].as_str().unwrap();
            assert_eq!(session.message(&occasion, route, id, body), expected);
        }
        for text in [
            include_str!("../../fixtures/ws-disconnect-idle.json"),
            include_str!("../../fixtures/ws-disconnect-by-backend.json"),
            include_str!("../../fixtures/ws-disconnect-client-no-status.json"),
        ] {
            let expected = fixture(text);
            let (session, occasion) = session_of(&expected);
            let context = &expected["requestContext"];
            let code = u16::try_from(context["disconnectStatusCode"].as_u64().unwrap()).unwrap();
            let reason = context["disconnectReason"].as_str().unwrap();
            assert_eq!(session.disconnect(&occasion, code, reason), expected);
        }
    }
}
