use std::time::Duration;

use super::*;
use crate::template::Route;

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text_map(value: &Value) -> BTreeMap<String, String> {
    let Some(object) = value.as_object() else { return BTreeMap::new() };
    object.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// The request that AWS made this event of; the account is the local one.
fn request_of(event: &Value) -> Request {
    let context = &event["requestContext"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = text(&event["body"]);
    let encoded = event["isBase64Encoded"] == json!(true);
    let body = if encoded { STANDARD.decode(body).unwrap() } else { body.into_bytes() };
    let cookies = event["cookies"].as_array().into_iter().flatten();
    Request {
        route_key: text(&event["routeKey"]),
        method: text(&context["http"]["method"]),
        raw_path: text(&event["rawPath"]),
        raw_query: text(&event["rawQueryString"]),
        cookies: cookies.map(text).collect(),
        headers: text_map(&event["headers"]),
        parameters: text_map(&event["pathParameters"]),
        body: body.into(),
        authorizer: context.get("authorizer").map(|authorizer| authorizer["lambda"].clone()),
        api_id: text(&context["apiId"]),
        domain: text(&context["domainName"]),
        stage: text(&context["stage"]),
        stage_variables: text_map(&event["stageVariables"]),
        request_id: text(&context["requestId"]),
        time: Timestamp::from_millisecond(context["timeEpoch"].as_i64().unwrap()).unwrap(),
    }
}

/// The fixtures have another account and another caller's address.
fn localised(mut event: Value) -> Value {
    event["requestContext"]["accountId"] = json!(ACCOUNT);
    event["requestContext"]["http"]["sourceIp"] = json!("127.0.0.1");
    if let Some(arn) = event.get_mut("routeArn") {
        *arn = json!(arn.as_str().unwrap().replace("111122223333", ACCOUNT));
    }
    event
}

#[test]
fn events_are_what_aws_sends() {
    for text in [
        include_str!("../../../fixtures/http-v2-get-authorized.json"),
        include_str!("../../../fixtures/http-v2-post-authorized.json"),
        include_str!("../../../fixtures/http-v2-post-form-base64.json"),
        include_str!("../../../fixtures/http-v2-default-route-named-stage.json"),
    ] {
        let expected = localised(fixture(text));
        assert_eq!(request_of(&expected).event(), expected);
    }
}

#[test]
fn the_authorizers_event_is_what_aws_sends() {
    let text = include_str!("../../../fixtures/http-authorizer-v2-request.json");
    let expected = localised(fixture(text));
    let event = request_of(&expected).authorizer_event(&["Bearer tok-alice-1".to_owned()]);
    assert_eq!(event, expected);
}

#[test]
fn a_request_is_read_as_the_gateway_reads_it() {
    let request = http::Request::builder()
        .uri("/a%20b/%7E?x=1&x=2&y=a+b")
        .header("X-Two", "one")
        .header("X-Two", "two")
        .header("Cookie", "a=1; b=2")
        .header("Connection", "keep-alive")
        .header("Host", "localhost")
        .body(())
        .unwrap();
    let (parts, ()) = request.into_parts();
    let route = Route {
        key: "GET /{p+}".to_owned(),
        line: 1,
        function: "F".to_owned(),
        authorizer: None,
        timeout: Duration::from_secs(1),
    };
    let matched = Matched { route: &route, parameters: BTreeMap::new() };
    let api = crate::template::HttpApi::sample();
    let event = Request::new(&api, "127.0.0.1:3000", &parts, &Payload::new(), &matched).event();
    assert_eq!(event["rawPath"], "/a b/~");
    assert_eq!(event["rawQueryString"], "x=1&x=2&y=a+b");
    assert_eq!(event["queryStringParameters"], json!({ "x": "1,2", "y": "a b" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-two"], "one,two");
    assert_eq!(event["headers"]["content-length"], "0");
    assert_eq!(event["headers"]["x-forwarded-port"], "3000");
    for absent in ["connection", "cookie"] {
        assert_eq!(event["headers"].get(absent), None);
    }
    for absent in ["body", "pathParameters", "stageVariables"] {
        assert_eq!(event.get(absent), None);
    }
}
