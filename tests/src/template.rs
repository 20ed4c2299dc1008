//! `template.yaml`, as far as the guards compare it with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use saphyr_parser::{Event, Parser, StrInput};
use serde_json::{Map, Value};

use crate::root;

/// What is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The functions by their logical id.
    pub functions: BTreeMap<String, Function>,
    /// The keys of the socket's routes.
    pub socket_routes: BTreeSet<String>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its folder: `functions/rooms`.
    pub folder: String,
    /// The variables that it is given, those of all functions included.
    pub variables: BTreeSet<String>,
    /// For how long one invocation may run.
    pub timeout: Duration,
    /// Its routes.
    pub routes: BTreeSet<Route>,
    /// What it may do: an action, and the resource's logical id or pattern.
    pub rights: BTreeSet<(String, String)>,
}

/// A route of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `POST`.
    pub method: String,
    /// `/v1/rooms/{room_id}`.
    pub path: String,
    /// Whether anybody may call it.
    pub is_open: bool,
}

impl Template {
    /// The template of this repository.
    ///
    /// # Panics
    /// If it is not as expected.
    #[must_use]
    pub fn read() -> Self {
        let text = std::fs::read_to_string(root().join("template.yaml"));
        Self::parse(&text.expect("there is a template"))
    }

    /// The template in `text`.
    ///
    /// # Panics
    /// If it is not as expected.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let document = yaml(text);
        let shared = variables(&document["Globals"]["Function"]);
        let mut functions = BTreeMap::new();
        let mut socket_routes = BTreeSet::new();
        for (id, resource) in document["Resources"].as_object().expect("there are resources") {
            let properties = &resource["Properties"];
            match resource["Type"].as_str() {
                Some("AWS::Serverless::Function") => {
                    let folder = string(&properties["CodeUri"]);
                    let variables = variables(properties).union(&shared).cloned().collect();
                    let all = &document["Globals"]["Function"]["Timeout"];
                    let timeout = properties["Timeout"].as_str().or(all.as_str());
                    let timeout = timeout.and_then(|seconds| seconds.parse().ok());
                    let timeout = Duration::from_secs(timeout.expect("a timeout in seconds"));
                    let routes = routes(&properties["Events"]);
                    let rights = rights(&properties["Policies"]);
                    functions.insert(
                        id.clone(),
                        Function { folder, variables, timeout, routes, rights },
                    );
                }
                Some("AWS::ApiGatewayV2::Route") => {
                    socket_routes.insert(string(&properties["RouteKey"]));
                }
                _ => {}
            }
        }
        Self { functions, socket_routes }
    }

    /// Every route of the HTTP API.
    #[must_use]
    pub fn routes(&self) -> BTreeSet<Route> {
        self.functions.values().flat_map(|function| function.routes.clone()).collect()
    }
}

impl Route {
    /// `POST /v1/rooms/{room_id}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn variables(properties: &Value) -> BTreeSet<String> {
    let given = properties["Environment"]["Variables"].as_object();
    given.into_iter().flat_map(Map::keys).cloned().collect()
}

fn routes(events: &Value) -> BTreeSet<Route> {
    let events = events.as_object().into_iter().flat_map(Map::values);
    events
        .filter(|event| event["Type"] == "HttpApi")
        .map(|event| {
            let given = &event["Properties"];
            Route {
                method: string(&given["Method"]).to_uppercase(),
                path: string(&given["Path"]),
                is_open: given["Auth"]["Authorizer"] == "NONE",
            }
        })
        .collect()
}

/// Every action with every resource of the same statement.
fn rights(policies: &Value) -> BTreeSet<(String, String)> {
    let many = |value: &Value| match value {
        Value::Array(items) => items.iter().map(string).collect(),
        one => vec![string(one)],
    };
    let policies = policies.as_array().into_iter().flatten();
    let statements = policies.filter_map(|policy| policy["Statement"].as_array()).flatten();
    let mut rights = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow");
        for resource in many(&statement["Resource"]) {
            let resource = resource.trim_end_matches(".Arn");
            let pairs = many(&statement["Action"]).into_iter();
            rights.extend(pairs.map(|action| (action, resource.to_owned())));
        }
    }
    rights
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected text, got {value}")).to_owned()
}

/// A document as JSON; CloudFormation's tags are left out, what they are given stays.
fn yaml(text: &str) -> Value {
    let mut parser = Parser::new_from_str(text);
    loop {
        match next(&mut parser) {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => return node(&mut parser, event),
        }
    }
}

fn next<'text>(parser: &mut Parser<'text, StrInput<'text>>) -> Event<'text> {
    parser.next_event().expect("a document ends").expect("this is YAML").0
}

fn node<'text>(parser: &mut Parser<'text, StrInput<'text>>, event: Event<'text>) -> Value {
    match event {
        Event::Scalar(text, ..) => Value::from(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(parser) {
                    Event::SequenceEnd => return Value::from(items),
                    event => items.push(node(parser, event)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Map::new();
            loop {
                let key = match next(parser) {
                    Event::MappingEnd => return Value::from(entries),
                    event => string(&node(parser, event)),
                };
                let event = next(parser);
                entries.insert(key, node(parser, event));
            }
        }
        event => panic!("unexpected {event:?}"),
    }
}
