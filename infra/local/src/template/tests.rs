//! The template of this repository reads; each mistake is refused on its line.

use super::*;

/// One of everything, right. Each test breaks one line.
pub(super) const GOOD: &str = r##"AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: live, AllowedPattern: "[a-z]+" }
  Origins: { Type: CommaDelimitedList, Default: "https://a, https://b" }
Conditions:
  Live: !Equals [!Ref Stage, live]
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 15
    Environment: { Variables: { TABLE: !Ref Table } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } }
  Queue:
    Type: AWS::SQS::Queue
    Properties: { VisibilityTimeout: 90, RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5 }, SqsManagedSseEnabled: true }
  Dead: { Type: AWS::SQS::Queue, Properties: { MessageRetentionPeriod: 1209600 } }
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: { AllowOrigins: !Ref Origins, MaxAge: 600 }
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            EnableFunctionDefaultPermissions: true
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
  Auth:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: functions/auth }
  Rooms:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/rooms
      Environment: { Variables: { URL: !Sub "wss://${Socket}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}" } }
      Events:
        List: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: "/rooms/{id}" } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /, Auth: { Authorizer: NONE } } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/worker
      Policies: [{ Statement: { Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn } }]
      Events:
        Work: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 10, FunctionResponseTypes: [ReportBatchItemFailures], ScalingConfig: { MaximumConcurrency: 2 } } }
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: s, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  SocketStage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: { ApiId: !Ref Socket, StageName: !Ref Stage, AutoDeploy: true }
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Socket, RouteKey: $default, RouteResponseSelectionExpression: $default, Target: !Sub "integrations/${Integration}" }
  Response:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: { ApiId: !Ref Socket, RouteId: !Ref Route, RouteResponseKey: $default }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Socket, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Rooms.Arn}/invocations" }
  Permission:
    Type: AWS::Lambda::Permission
    Properties: { FunctionName: !Ref Rooms, Action: lambda:InvokeFunction, Principal: apigateway.amazonaws.com, SourceArn: !Sub "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Socket}/live/*" }
Outputs:
  Url: { Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/" }
"##;

fn read_text(text: &str) -> Result<Stack, String> {
    parse(text, &[]).map_err(|refusal| format!("{}: {}", refusal.line, refusal.message))
}

#[test]
fn a_good_template_becomes_a_stack() {
    let stack = read_text(GOOD).unwrap();
    let rooms = &stack.functions["Rooms"];
    assert_eq!(rooms.timeout.as_secs(), 15);
    assert_eq!(rooms.environment["TABLE"], "banter-Table");
    let socket = stack.socket.unwrap();
    let url = format!("wss://{}.execute-api.us-east-1.amazonaws.com/live", socket.id);
    assert_eq!(rooms.environment["URL"], url);
    assert!(socket.routes["$default"].two_way);
    let http = stack.http.unwrap();
    assert_eq!(http.routes[0].key, "GET /rooms/{id}");
    assert_eq!(http.routes[0].authorizer.as_deref(), Some("Token"));
    assert_eq!(http.routes[1].authorizer, None);
    assert_eq!(http.cors.unwrap().origins, ["https://a", "https://b"]);
    assert_eq!(stack.tables[0].expiry.as_deref(), Some("expires_at"));
    let redrive = stack.queues[0].redrive.as_ref().unwrap();
    assert_eq!((&redrive.queue_arn, redrive.max_receive_count), (&stack.queues[1].arn, 5));
    let mapping = &stack.mappings[0];
    assert_eq!((&mapping.queue_arn, mapping.batch_size), (&stack.queues[0].arn, 10));
    assert!(mapping.reports_failures && mapping.max_concurrency == 2);
    assert!(stack.warnings.is_empty(), "{:?}", stack.warnings);
}

#[test]
fn the_template_of_this_repository_is_good() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let stack = read(&file, &[("SignUp".to_owned(), "off".to_owned())]).unwrap();
    assert_eq!(stack.functions["Accounts"].environment["SIGN_UP"], "off");
    assert!(stack.warnings.is_empty(), "{:?}", stack.warnings);
}

#[test]
fn every_mistake_is_refused_on_its_line() {
    for (right, wrong, expected) in [
        (
            "Type: AWS::DynamoDB::Table",
            "Type: AWS::SNS::Topic",
            "15: the local stack cannot run a resource of type `AWS::SNS::Topic`",
        ),
        ("      BillingMode: PAY", "      Billing: PAY", "15: only `BillingMode: PAY_PER_REQUEST`"),
        (
            "AttributeName: pk, AttributeType",
            "AttributeName: sk, AttributeType",
            "19: `AttributeDefinitions` must list",
        ),
        (
            "PasswordLength: 64,",
            "PasswordLength: 64, Mystery: 1,",
            "24: `Mystery` of `GenerateSecretString` is not known",
        ),
        (
            "MaxAge: 600",
            "AllowCredentials: true, AllowOrigins: '*'",
            "32: `AllowOrigins` is given twice",
        ),
        (
            "!Ref Origins, MaxAge: 600",
            "'*', AllowCredentials: true",
            "32: `AllowCredentials` does not go with",
        ),
        (
            "DefaultAuthorizer: Token",
            "DefaultAuthorizer: Nobody",
            "33: there is no authorizer `Nobody`",
        ),
        (
            "            EnableFunctionDefaultPermissions: true\n",
            "",
            "36: API Gateway may not invoke `Auth`",
        ),
        ("Version: \"2.0\"", "Version: \"1.0\"", "38: only the authorizer format 2.0"),
        (
            "Properties: { CodeUri: functions/auth }",
            "Properties: { CodeUri: x, Oops: 1 }",
            "44: `Oops` of `AWS::Serverless::Function` is not known",
        ),
        (
            "Properties: { CodeUri: functions/auth }",
            "Properties: { CodeUri: x, Environment: { Variables: { AWS_REGION: x } } }",
            "44: Lambda reserves the variable `AWS_REGION`",
        ),
        (
            "Method: get, Path: \"/rooms/{id}\"",
            "Method: get, Path: /rooms/",
            "51: API Gateway refuses a path",
        ),
        (
            "Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get",
            "Type: SNS, Properties: { ApiId: !Ref Api, Method: get",
            "51: the local stack cannot send events of type `SNS`",
        ),
        (
            "URL: !Sub \"wss://${Socket}.",
            "URL: !Sub \"wss://${Api}.",
            "29: circular dependency: Api → Rooms → Api",
        ),
        ("ProtocolType: WEBSOCKET", "ProtocolType: HTTP", "60: only WebSocket APIs may be raw"),
        ("AutoDeploy: true", "AutoDeploy: false", "63: only a stage with `AutoDeploy: true`"),
        ("IntegrationType: AWS_PROXY", "IntegrationType: MOCK", "72: the integration `MOCK`"),
        ("${Socket}/live/*", "${Socket}/live/$connect", "66: API Gateway may not invoke `Rooms`"),
        (
            "!GetAtt Dead.Arn",
            "!GetAtt Table.Arn",
            "25: `deadLetterTargetArn` must be another queue",
        ),
        (", maxReceiveCount: 5", "", "27: `RedrivePolicy` needs `maxReceiveCount`"),
        ("VisibilityTimeout: 90", "FifoQueue: true", "27: `FifoQueue` of `AWS::SQS::Queue` is not"),
        (
            "VisibilityTimeout: 90",
            "VisibilityTimeout: 14",
            "59: Queue visibility timeout: 14 seconds is less than Function timeout: 15 seconds",
        ),
        ("Queue: !GetAtt Queue.Arn", "Queue: !GetAtt Rooms.Arn", "59: `Queue` is no queue of this"),
        ("BatchSize: 10,", "BatchSize: 11,", "59: a `BatchSize` over 10 needs `Maximum"),
        (
            "BatchSize: 10,",
            "FilterCriteria: {},",
            "59: `FilterCriteria` of `Properties` is not known",
        ),
        ("[ReportBatchItemFailures]", "[All]", "59: unknown function response type `All`"),
        (
            "!Ref Stage, live]",
            "!Ref Nobody, live]",
            "7: there is no parameter or resource `Nobody`",
        ),
        ("Default: live", "Default: LIVE", "4: `Stage` must match [a-z]+"),
        (
            "Transform: AWS::Serverless-2016-10-31",
            "Transform: AWS::Include",
            "2: only SAM's transform",
        ),
        ("Outputs:", "Rules: {}\nOutputs:", "78: unknown section `Rules`"),
        (
            "    Timeout: 15",
            "    Timeout: 901",
            "12: `Timeout` must be a whole number from 1 to 900",
        ),
        ("    Timeout: 15", "    Policies: []", "12: `Policies` is not allowed in Globals"),
        ("  Table:\n", "  Table: {", "16: while parsing"),
    ] {
        assert!(GOOD.contains(right), "{right}");
        let refused = read_text(&GOOD.replacen(right, wrong, 1)).unwrap_err();
        assert!(refused.starts_with(expected), "{wrong}\n  gave {refused}\n  not  {expected}");
    }
}

#[test]
fn a_result_without_a_way_back_is_warned_about() {
    let start = GOOD.find("  Response:").unwrap();
    let end = GOOD.find("  Integration:").unwrap();
    let stack = read_text(&[&GOOD[..start], &GOOD[end..]].concat()).unwrap();
    assert!(stack.warnings[0].contains("no RouteResponse"), "{:?}", stack.warnings);
}

#[test]
fn a_function_that_may_not_post_is_warned_about() {
    let (wss, https) = ("wss://${Socket}", "https://${Socket}");
    let stack = read_text(&GOOD.replacen(wss, https, 1)).unwrap();
    assert!(stack.warnings[0].contains("ManageConnections"), "{:?}", stack.warnings);
    let allowed =
        "CodeUri: functions/rooms\n      Policies: [{ Statement: { Action: execute-api:* } }]";
    let text = GOOD.replacen(wss, https, 1).replacen("CodeUri: functions/rooms", allowed, 1);
    assert!(read_text(&text).unwrap().warnings.is_empty());
}

#[test]
fn the_file_is_named_and_an_unknown_parameter_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("template.yaml");
    std::fs::write(&file, "Resources:\n  A: { Type: AWS::SNS::Topic }\n").unwrap();
    let error = read(&file, &[]).unwrap_err().to_string();
    assert!(error.starts_with("template.yaml:2: "), "{error}");
    let error = read(&file, &[("X".to_owned(), "y".to_owned())]).unwrap_err().to_string();
    assert!(error.contains("no parameter `X`"), "{error}");
}

#[test]
fn a_queue_that_gives_its_function_little_time_is_warned_about() {
    let text = GOOD.replacen("VisibilityTimeout: 90", "VisibilityTimeout: 89", 1);
    let stack = read_text(&text).unwrap();
    assert!(stack.warnings[0].contains("not 89 s"), "{:?}", stack.warnings);
    let code = "CodeUri: functions/worker";
    let text = GOOD.replacen(code, &format!("{code}\n      ReservedConcurrentExecutions: 1"), 1);
    let stack = read_text(&text).unwrap();
    assert!(stack.warnings[0].contains("runs fewer"), "{:?}", stack.warnings);
}

#[test]
fn where_failures_go_is_read_and_checked() {
    let with = |config: &str| {
        let code = "CodeUri: functions/worker";
        let config = format!("{code}\n      EventInvokeConfig: {{ {config} }}");
        read_text(&GOOD.replacen(code, &config, 1))
    };
    let to = |kind: &str, target: &str| {
        let target = format!("{{ Type: {kind}, Destination: !GetAtt {target}.Arn }}");
        with(&format!("MaximumRetryAttempts: 1, DestinationConfig: {{ OnFailure: {target} }}"))
    };
    let stack = to("SQS", "Dead").unwrap();
    let worker = &stack.functions["Worker"].event_invoke;
    assert_eq!((worker.retries, worker.on_failure.as_ref()), (1, Some(&stack.queues[1].arn)));
    let rooms = &stack.functions["Rooms"].event_invoke;
    assert_eq!((rooms.retries, &rooms.on_failure), (2, &None));
    for (refused, expected) in [
        (to("SNS", "Dead"), "57: the local stack sends failures to queues only"),
        (to("SQS", "Rooms"), "53: the `Destination` of failures is no queue"),
        (with("MaximumRetryAttempts: 3"), "57: `MaximumRetryAttempts` must be a whole number"),
        (with("DestinationConfig: { OnSuccess: {} }"), "57: `OnSuccess` of `DestinationConfig`"),
    ] {
        let refused = refused.unwrap_err();
        assert!(refused.starts_with(expected), "{refused}\n  not  {expected}");
    }
}
