//! `AWS::Serverless::HttpApi`, its authorizers, and the functions' `HttpApi` events.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resource::{Properties, Resource};
use super::yaml::Entry;
use super::{Refusal, Stack, function_of};

#[derive(Debug, Clone)]
pub(crate) struct HttpApi {
    /// The id in addresses and ARNs.
    pub(crate) id: String,
    pub(crate) stage: String,
    pub(crate) stage_variables: BTreeMap<String, String>,
    pub(crate) routes: Vec<Route>,
    pub(crate) authorizers: BTreeMap<String, Authorizer>,
    pub(crate) cors: Option<Cors>,
    default_authorizer: Option<String>,
}

#[cfg(test)]
impl HttpApi {
    /// An API without routes, for tests of what is done with a request.
    pub(crate) fn sample() -> Self {
        Self {
            id: "h7t2p9x4qa".to_owned(),
            stage: "$default".to_owned(),
            stage_variables: BTreeMap::new(),
            routes: Vec::new(),
            authorizers: BTreeMap::new(),
            cors: None,
            default_authorizer: None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// `GET /rooms/{room_id}`, `ANY /x` or `$default`.
    pub(crate) key: String,
    pub(crate) line: usize,
    /// The logical id of the function.
    pub(crate) function: String,
    pub(crate) authorizer: Option<String>,
    pub(crate) timeout: Duration,
}

#[derive(Debug, Clone)]
pub(crate) struct Authorizer {
    pub(crate) line: usize,
    pub(crate) function: String,
    pub(crate) simple_responses: bool,
    pub(crate) identity: Vec<IdentitySource>,
    /// Zero: every request asks.
    pub(crate) ttl: Duration,
    pub(crate) may_invoke: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum IdentitySource {
    Header(String),
    Query(String),
    StageVariable(String),
    Context(String),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) expose: Vec<String>,
    pub(crate) max_age: Option<i64>,
    pub(crate) credentials: bool,
}

/// A function's event, before it is known which API it belongs to.
#[derive(Debug)]
pub(crate) struct Event {
    function: String,
    line: usize,
    properties: super::yaml::Node,
}

pub(crate) fn event(function: &str, entry: &Entry) -> Result<Event, Refusal> {
    let line = entry.line;
    let mut event = Properties::from("an event", line, &entry.value)?;
    let kind_line = event.line_of("Type");
    let kind = event.required("Type")?;
    if kind != "HttpApi" {
        let message = format!("the local stack cannot send events of type `{kind}`");
        return Err(Refusal::at(kind_line, message));
    }
    let empty = super::yaml::Node { line, kind: super::Kind::Map(Vec::new()) };
    let properties = event.take("Properties").unwrap_or(empty);
    event.finish()?;
    Ok(Event { function: function.to_owned(), line, properties })
}

pub(crate) fn read(
    resource: &Resource,
    properties: &mut Properties,
    warnings: &mut Vec<String>,
) -> Result<HttpApi, Refusal> {
    let stage = properties.text("StageName")?.unwrap_or_else(|| "$default".to_owned());
    let stage_variables = properties.text_map("StageVariables")?;
    let cors_line = properties.line_of("CorsConfiguration");
    let cors = properties.nested("CorsConfiguration")?.map(|cors| read_cors(cors, cors_line));
    let mut authorizers = BTreeMap::new();
    let mut default_authorizer = None;
    let auth_line = properties.line_of("Auth");
    if let Some(mut auth) = properties.nested("Auth")? {
        default_authorizer = auth.text("DefaultAuthorizer")?;
        if let Some(node) = auth.take("Authorizers") {
            for entry in node.map("`Authorizers`")? {
                let authorizer = read_authorizer(entry, warnings)?;
                authorizers.insert(entry.key.clone(), authorizer);
            }
        }
        auth.finish()?;
    }
    if let Some(name) = default_authorizer.as_ref().filter(|name| !authorizers.contains_key(*name))
    {
        return Err(Refusal::at(auth_line, format!("there is no authorizer `{name}`")));
    }
    properties.ignore(&[
        "AccessLogSettings",
        "DefaultRouteSettings",
        "Description",
        "FailOnWarnings",
        "Name",
        "RouteSettings",
        "Tags",
    ]);
    let id = crate::ids::stable(&resource.id);
    let (routes, cors) = (Vec::new(), cors.transpose()?);
    Ok(HttpApi { id, stage, stage_variables, routes, authorizers, cors, default_authorizer })
}

fn read_cors(mut cors: Properties, line: usize) -> Result<Cors, Refusal> {
    let read = Cors {
        origins: cors.texts("AllowOrigins")?.unwrap_or_default(),
        methods: cors.texts("AllowMethods")?.unwrap_or_default(),
        headers: cors.texts("AllowHeaders")?.unwrap_or_default(),
        expose: cors.texts("ExposeHeaders")?.unwrap_or_default(),
        max_age: cors.number("MaxAge", -1..=86_400)?,
        credentials: cors.boolean("AllowCredentials")?.unwrap_or(false),
    };
    cors.finish()?;
    if read.credentials && read.origins.iter().any(|origin| origin == "*") {
        return Err(Refusal::at(line, "`AllowCredentials` does not go with the origin `*`"));
    }
    Ok(read)
}

fn read_authorizer(entry: &Entry, warnings: &mut Vec<String>) -> Result<Authorizer, Refusal> {
    let line = entry.line;
    let mut given = Properties::from("an authorizer", line, &entry.value)?;
    let arn = given.required("FunctionArn")?;
    let Some(function) = function_of(&arn) else {
        return Err(Refusal::at(line, format!("`FunctionArn` is no function here: {arn}")));
    };
    let version_line = given.line_of("AuthorizerPayloadFormatVersion");
    if given.required("AuthorizerPayloadFormatVersion")? != "2.0" {
        return Err(Refusal::at(version_line, "only the authorizer format 2.0 is supported"));
    }
    let simple_responses = given.boolean("EnableSimpleResponses")?.unwrap_or(false);
    let may_invoke = given.boolean("EnableFunctionDefaultPermissions")?.unwrap_or(false)
        || given.take("FunctionInvokeRole").is_some();
    let mut identity = Vec::new();
    let mut ttl = None;
    if let Some(mut from) = given.nested("Identity")? {
        type Wrap = fn(String) -> IdentitySource;
        let kinds: [(&str, Wrap); 4] = [
            ("Headers", |name| IdentitySource::Header(name.to_ascii_lowercase())),
            ("QueryStrings", IdentitySource::Query),
            ("StageVariables", IdentitySource::StageVariable),
            ("Context", IdentitySource::Context),
        ];
        for (property, wrap) in kinds {
            identity.extend(from.texts(property)?.unwrap_or_default().into_iter().map(wrap));
        }
        ttl = from.number("ReauthorizeEvery", 0..=3600)?;
        from.finish()?;
    }
    given.finish()?;
    if ttl.is_none() {
        warnings.push(format!(
            "the authorizer `{}` sets no ReauthorizeEvery; nothing is cached here, AWS may cache",
            entry.key
        ));
    }
    Ok(Authorizer {
        line,
        function: function.to_owned(),
        simple_responses,
        identity,
        ttl: Duration::from_secs(ttl.unwrap_or(0).unsigned_abs()),
        may_invoke,
    })
}

/// Gives the API its routes.
pub(crate) fn attach(stack: &mut Stack, events: Vec<Event>) -> Result<(), Refusal> {
    let Some(api) = stack.http.as_mut() else {
        return match events.first() {
            Some(event) => Err(Refusal::at(event.line, "there is no AWS::Serverless::HttpApi")),
            None => Ok(()),
        };
    };
    for event in events {
        let route = route(api, event)?;
        if let Some(other) = api.routes.iter().find(|other| other.key == route.key) {
            let message = format!("`{}` is declared on line {} too", route.key, other.line);
            return Err(Refusal::at(route.line, message));
        }
        api.routes.push(route);
    }
    if api.routes.len() > 300 {
        return Err(Refusal::at(1, "an API may have 300 routes"));
    }
    Ok(())
}

fn route(api: &HttpApi, event: Event) -> Result<Route, Refusal> {
    let Event { function, line, properties } = event;
    let mut given = Properties::from("an HttpApi event", line, &properties)?;
    if given.required("ApiId")? != api.id {
        return Err(Refusal::at(line, "`ApiId` is not the HTTP API of this template"));
    }
    let key = match (given.text("Method")?, given.text("Path")?) {
        (None, None) => "$default".to_owned(),
        (Some(method), Some(path)) => {
            check_path(&path, line)?;
            let method = method.to_ascii_uppercase();
            format!("{} {path}", if method == "*" { "ANY" } else { &method })
        }
        _ => return Err(Refusal::at(line, "a route needs both `Method` and `Path`")),
    };
    let mut authorizer = api.default_authorizer.clone();
    if let Some(mut auth) = given.nested("Auth")? {
        match auth.text("Authorizer")?.as_deref() {
            Some("NONE") if api.default_authorizer.is_some() => authorizer = None,
            Some("NONE") => {
                return Err(Refusal::at(line, "`NONE` needs a default authorizer to opt out of"));
            }
            Some(name) if api.authorizers.contains_key(name) => {
                authorizer = Some(name.to_owned());
            }
            Some(name) => {
                return Err(Refusal::at(line, format!("there is no authorizer `{name}`")));
            }
            None => {}
        }
        auth.finish()?;
    }
    if given.text("PayloadFormatVersion")?.is_some_and(|version| version != "2.0") {
        return Err(Refusal::at(line, "only the payload format 2.0 is supported"));
    }
    let timeout = given.number("TimeoutInMillis", 50..=30_000)?.unwrap_or(30_000);
    given.finish()?;
    let timeout = Duration::from_millis(timeout.unsigned_abs());
    Ok(Route { key, line, function, authorizer, timeout })
}

fn check_path(path: &str, line: usize) -> Result<(), Refusal> {
    if !path.starts_with('/') {
        return Err(Refusal::at(line, format!("the path `{path}` must begin with `/`")));
    }
    if path.len() > 1 && path.ends_with('/') {
        return Err(Refusal::at(
            line,
            format!("API Gateway refuses a path ending in `/`: `{path}`"),
        ));
    }
    let segments: Vec<_> = path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let greedy = segment.ends_with("+}");
        if greedy && at + 1 != segments.len() {
            return Err(Refusal::at(line, format!("`{segment}` must be the last part of a path")));
        }
        if segment.contains(['{', '}']) && !(segment.starts_with('{') && segment.ends_with('}')) {
            return Err(Refusal::at(line, format!("`{segment}` is not a whole variable")));
        }
    }
    Ok(())
}
