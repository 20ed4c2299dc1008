//! The WebSocket API in its raw resources: `AWS::ApiGatewayV2::*`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resource::{Properties, Resource};
use super::{Function, Refusal, function_of};

#[derive(Debug, Clone)]
pub(crate) struct SocketApi {
    pub(crate) id: String,
    pub(crate) stage: String,
    pub(crate) stage_variables: BTreeMap<String, String>,
    pub(crate) selection: String,
    pub(crate) routes: BTreeMap<String, SocketRoute>,
    pub(crate) authorizer: Option<SocketAuthorizer>,
}

#[derive(Debug, Clone)]
pub(crate) struct SocketRoute {
    pub(crate) line: usize,
    pub(crate) function: String,
    pub(crate) timeout: Duration,
    /// Whether the function's result goes back to the client.
    pub(crate) two_way: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct SocketAuthorizer {
    pub(crate) line: usize,
    /// The id in the ARN that a permission names.
    pub(crate) id: String,
    pub(crate) function: String,
    pub(crate) identity: Vec<String>,
}

/// The resources as they are met; they may stand in any order.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    api: Option<(usize, String, String)>,
    stage: Option<(String, BTreeMap<String, String>)>,
    routes: Vec<RoutePart>,
    integrations: BTreeMap<String, (String, Duration)>,
    authorizers: BTreeMap<String, SocketAuthorizer>,
    responses: Vec<String>,
}

#[derive(Debug)]
struct RoutePart {
    line: usize,
    id: String,
    key: String,
    target: String,
    authorizer: Option<String>,
    answers: bool,
}

impl Parts {
    pub(crate) fn read(
        &mut self,
        resource: &Resource,
        given: &mut Properties,
    ) -> Result<(), Refusal> {
        let line = resource.line;
        let id = crate::ids::stable(&resource.id);
        let kind = resource.kind.strip_prefix("AWS::ApiGatewayV2::").unwrap_or_default();
        if kind != "Api" {
            let api_line = given.line_of("ApiId");
            let of = given.required("ApiId")?;
            let known = self.api.as_ref().map(|(_, _, api)| api.as_str());
            if known.is_some_and(|api| api != of) {
                return Err(Refusal::at(api_line, "`ApiId` is not the WebSocket API"));
            }
        }
        match kind {
            "Api" => self.read_api(line, id, given),
            "Stage" => self.read_stage(line, given),
            "Route" => self.read_route(line, id, given),
            "Integration" => self.read_integration(line, id, given),
            "Authorizer" => self.read_authorizer(line, id, given),
            "RouteResponse" => {
                if given.required("RouteResponseKey")? != "$default" {
                    return Err(Refusal::at(line, "only the response key `$default` is supported"));
                }
                self.responses.push(given.required("RouteId")?);
                Ok(())
            }
            other => Err(Refusal::at(
                line,
                format!(
                    "the local stack cannot run a resource of type `AWS::ApiGatewayV2::{other}`"
                ),
            )),
        }
    }

    fn read_api(&mut self, line: usize, id: String, given: &mut Properties) -> Result<(), Refusal> {
        if given.required("ProtocolType")? != "WEBSOCKET" {
            let message = "only WebSocket APIs may be raw: use AWS::Serverless::HttpApi for HTTP";
            return Err(Refusal::at(line, message));
        }
        if self.api.is_some() {
            return Err(Refusal::at(line, "a second WebSocket API is not supported"));
        }
        let selection = given.required("RouteSelectionExpression")?;
        given.ignore(&["Description", "DisableExecuteApiEndpoint", "Name", "Tags"]);
        self.api = Some((line, selection, id));
        Ok(())
    }

    fn read_stage(&mut self, line: usize, given: &mut Properties) -> Result<(), Refusal> {
        if !given.boolean("AutoDeploy")?.unwrap_or(false) {
            // A Deployment is a snapshot on AWS; forgetting to renew it is a classic mistake.
            return Err(Refusal::at(line, "only a stage with `AutoDeploy: true` is supported"));
        }
        let name = given.required("StageName")?;
        let variables = given.text_map("StageVariables")?;
        given.ignore(&["AccessLogSettings", "DefaultRouteSettings", "Description", "Tags"]);
        match self.stage.replace((name, variables)) {
            None => Ok(()),
            Some(_) => Err(Refusal::at(line, "a second stage is not supported")),
        }
    }

    fn read_route(
        &mut self,
        line: usize,
        id: String,
        given: &mut Properties,
    ) -> Result<(), Refusal> {
        let key = given.required("RouteKey")?;
        let target = given.required("Target")?;
        let kind = given.text("AuthorizationType")?;
        let authorizer = given.text("AuthorizerId")?;
        let answers = given.text("RouteResponseSelectionExpression")?;
        given.ignore(&["OperationName"]);
        match (kind.as_deref(), &authorizer) {
            (None | Some("NONE"), None) | (Some("CUSTOM"), Some(_)) => {}
            _ => {
                let message = "a route needs `AuthorizationType` CUSTOM with an `AuthorizerId`, \
                               or NONE without";
                return Err(Refusal::at(line, message));
            }
        }
        if authorizer.is_some() && key != "$connect" {
            return Err(Refusal::at(line, "only `$connect` may have an authorizer"));
        }
        if answers.as_deref().is_some_and(|expression| expression != "$default") {
            let message = "`RouteResponseSelectionExpression` can only be `$default`";
            return Err(Refusal::at(line, message));
        }
        let answers = answers.is_some();
        self.routes.push(RoutePart { line, id, key, target, authorizer, answers });
        Ok(())
    }

    fn read_integration(
        &mut self,
        line: usize,
        id: String,
        given: &mut Properties,
    ) -> Result<(), Refusal> {
        let kind = given.required("IntegrationType")?;
        if kind != "AWS_PROXY" {
            return Err(Refusal::at(line, format!("the integration `{kind}` is not supported")));
        }
        let function = lambda(&given.required("IntegrationUri")?, line)?;
        let timeout = given.number("TimeoutInMillis", 50..=29_000)?.unwrap_or(29_000);
        given.ignore(&["Description", "IntegrationMethod"]);
        let timeout = Duration::from_millis(timeout.unsigned_abs());
        self.integrations.insert(id, (function, timeout));
        Ok(())
    }

    fn read_authorizer(
        &mut self,
        line: usize,
        id: String,
        given: &mut Properties,
    ) -> Result<(), Refusal> {
        let kind = given.required("AuthorizerType")?;
        if kind != "REQUEST" {
            // JWT and simple responses exist for HTTP APIs only, as does a cache.
            return Err(Refusal::at(line, format!("a WebSocket API takes no `{kind}` authorizer")));
        }
        let function = lambda(&given.required("AuthorizerUri")?, line)?;
        let sources_line = given.line_of("IdentitySource");
        let identity = given.texts("IdentitySource")?.unwrap_or_default();
        let prefixes =
            ["route.request.header.", "route.request.querystring.", "stageVariables.", "context."];
        for source in &identity {
            if !prefixes.iter().any(|prefix| source.starts_with(prefix)) {
                let message = format!("`{source}` is no identity source of a WebSocket API");
                return Err(Refusal::at(sources_line, message));
            }
        }
        given.ignore(&["Name"]);
        let authorizer = SocketAuthorizer { line, id: id.clone(), function, identity };
        self.authorizers.insert(id, authorizer);
        Ok(())
    }

    /// Puts the parts together, if there is an API at all.
    pub(crate) fn assemble(
        self,
        functions: &BTreeMap<String, Function>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<SocketApi>, Refusal> {
        let Some((line, selection, id)) = self.api else {
            return match self.routes.first() {
                Some(route) => Err(Refusal::at(route.line, "there is no WebSocket API")),
                None => Ok(None),
            };
        };
        let Some((stage, stage_variables)) = self.stage else {
            return Err(Refusal::at(line, "the WebSocket API has no stage"));
        };
        let mut routes = BTreeMap::new();
        let mut authorizer = None;
        for part in self.routes {
            let integration = part.target.strip_prefix("integrations/");
            let Some((function, timeout)) =
                integration.and_then(|target| self.integrations.get(target)).cloned()
            else {
                let message = format!("`Target` is no integration here: {}", part.target);
                return Err(Refusal::at(part.line, message));
            };
            if !functions.contains_key(&function) {
                let message = format!("there is no function `{function}`");
                return Err(Refusal::at(part.line, message));
            }
            if let Some(id) = part.authorizer {
                let Some(found) = self.authorizers.get(&id) else {
                    return Err(Refusal::at(part.line, "`AuthorizerId` is no authorizer here"));
                };
                authorizer = Some(found.clone());
            }
            let two_way = part.answers && self.responses.contains(&part.id);
            if part.answers && !two_way {
                warnings.push(format!(
                    "the route `{}` has no RouteResponse: its function's result goes nowhere",
                    part.key
                ));
            }
            let route = SocketRoute { line: part.line, function, timeout, two_way };
            if routes.insert(part.key.clone(), route).is_some() {
                let message = format!("the route `{}` is declared twice", part.key);
                return Err(Refusal::at(part.line, message));
            }
        }
        Ok(Some(SocketApi { id, stage, stage_variables, selection, routes, authorizer }))
    }
}

fn lambda(uri: &str, line: usize) -> Result<String, Refusal> {
    function_of(uri)
        .map(str::to_owned)
        .ok_or_else(|| Refusal::at(line, format!("no function of this template: {uri}")))
}

#[cfg(test)]
impl SocketApi {
    /// An API with these routes and nothing else, for tests of what is done with a message.
    pub(crate) fn sample(keys: &[&str]) -> Self {
        let timeout = Duration::from_secs(29);
        let route = || SocketRoute { line: 1, function: "F".to_owned(), timeout, two_way: false };
        Self {
            id: "w3k8m1z6vb".to_owned(),
            stage: "dev".to_owned(),
            stage_variables: BTreeMap::new(),
            selection: "$request.body.action".to_owned(),
            routes: keys.iter().map(|key| ((*key).to_owned(), route())).collect(),
            authorizer: None,
        }
    }
}
