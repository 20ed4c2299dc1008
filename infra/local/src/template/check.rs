//! Mistakes that CloudFormation or API Gateway would only show after deployment.

use std::collections::{BTreeMap, BTreeSet};

use super::intrinsic::mentions;
use super::resource::{Properties, Resource};
use super::{ACCOUNT, REGION, Refusal, Stack, function_of};

/// One `AWS::Lambda::Permission` for API Gateway.
#[derive(Debug)]
pub(crate) struct Permission {
    function: String,
    source: String,
}

impl Permission {
    pub(crate) fn read(given: &mut Properties) -> Result<Self, Refusal> {
        let line = given.line();
        let function = given.required("FunctionName")?;
        let (action, principal) = (given.required("Action")?, given.required("Principal")?);
        if action != "lambda:InvokeFunction" || principal != "apigateway.amazonaws.com" {
            let message = "only permissions for API Gateway to invoke are supported";
            return Err(Refusal::at(line, message));
        }
        let source = given.text("SourceArn")?.unwrap_or_else(|| "*".to_owned());
        let Some(name) = function_of(&function) else {
            return Err(Refusal::at(line, format!("no function of this template: {function}")));
        };
        Ok(Self { function: name.to_owned(), source })
    }
}

/// API Gateway needs leave to invoke; without it every call is a 500 and no log says why. SAM
/// grants it for its own routes, so only authorizers and the raw socket resources are checked.
pub(crate) fn permissions(stack: &Stack, granted: &[Permission]) -> Result<(), Refusal> {
    let may = |function: &str, source: &str| {
        let arn = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{source}");
        granted.iter().any(|permission| {
            permission.function == function && crate::policy::matches(&permission.source, &arn)
        })
    };
    let refuse = |line: usize, function: &str, source: &str| {
        let message = format!(
            "API Gateway may not invoke `{function}` for {source}: an AWS::Lambda::Permission is \
             missing, and every call would answer 500"
        );
        Err(Refusal::at(line, message))
    };
    if let Some(api) = &stack.http {
        for authorizer in api.authorizers.values() {
            let source = format!("{}/authorizers/any", api.id);
            if !stack.functions.contains_key(&authorizer.function) {
                let message = format!("there is no function `{}`", authorizer.function);
                return Err(Refusal::at(authorizer.line, message));
            }
            if !authorizer.may_invoke && !may(&authorizer.function, &source) {
                return refuse(authorizer.line, &authorizer.function, &source);
            }
        }
    }
    if let Some(api) = &stack.socket {
        for (key, route) in &api.routes {
            let source = format!("{}/{}/{key}", api.id, api.stage);
            if !may(&route.function, &source) {
                return refuse(route.line, &route.function, &source);
            }
        }
        if let Some(authorizer) = &api.authorizer {
            let source = format!("{}/authorizers/{}", api.id, authorizer.id);
            if !stack.functions.contains_key(&authorizer.function) {
                let message = format!("there is no function `{}`", authorizer.function);
                return Err(Refusal::at(authorizer.line, message));
            }
            if !may(&authorizer.function, &source) {
                return refuse(authorizer.line, &authorizer.function, &source);
            }
        }
    }
    Ok(())
}

/// A function that may run longer than its gateway waits answers nobody.
pub(crate) fn timeouts(stack: &mut Stack) {
    let mut warnings = Vec::new();
    let http = stack.http.iter().flat_map(|api| &api.routes);
    let routes = http.map(|route| (&route.key, &route.function, route.timeout));
    let socket = stack.socket.iter().flat_map(|api| &api.routes);
    let sockets = socket.map(|(key, route)| (key, &route.function, route.timeout));
    for (key, function, limit) in routes.chain(sockets) {
        let Some(found) = stack.functions.get(function) else { continue };
        if found.timeout > limit {
            warnings.push(format!(
                "`{function}` may run {} s, but `{key}` waits only {} s",
                found.timeout.as_secs(),
                limit.as_secs()
            ));
        }
    }
    stack.warnings.append(&mut warnings);
}

/// Nothing is denied on this machine, so a forgotten right shows only after deployment. The one
/// that can be told from the template: who is given the address to post to, and may not post.
pub(crate) fn rights(stack: &mut Stack) {
    let Some(api) = &stack.socket else { return };
    let address = format!("https://{}.execute-api.", api.id);
    for (id, function) in &stack.functions {
        let posts = function.environment.values().any(|value| value.contains(&address));
        let may = function
            .policy_texts
            .iter()
            .any(|text| crate::policy::matches(text, "execute-api:ManageConnections"));
        if posts && !may && !function.has_role {
            stack.warnings.push(format!(
                "`{id}` is given the address of @connections, but its policies do not allow \
                 execute-api:ManageConnections: on AWS every post will fail"
            ));
        }
    }
}

/// Refuses circular references, on the graph that SAM expands to: an HTTP API depends on the
/// functions of its routes, so such a function must not mention that API in its environment.
pub(crate) fn cycles(resources: &[Resource]) -> Result<(), Refusal> {
    let known: BTreeMap<&str, &Resource> =
        resources.iter().map(|resource| (resource.id.as_str(), resource)).collect();
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for resource in resources {
        let mut found = resource.depends_on.clone();
        for entry in resource.properties().entries().unwrap_or_default() {
            let mut mentioned = Vec::new();
            mentions(&entry.value, &mut mentioned);
            if entry.key == "Events" {
                // The event hangs the function below the API, not the API below the function.
                // A queue knows nothing of who works it.
                let apis = mentioned.iter().filter_map(|id| known.get(id.as_str()));
                for api in apis.filter(|resource| resource.kind != "AWS::SQS::Queue") {
                    edges.entry(&api.id).or_default().insert(resource.id.clone());
                }
            } else {
                found.append(&mut mentioned);
            }
        }
        edges.entry(&resource.id).or_default().extend(found);
    }
    let mut done = BTreeSet::new();
    for id in known.keys() {
        let mut path = Vec::new();
        if let Some(cycle) = walk(id, &edges, &mut path, &mut done) {
            let line = known.get(cycle[0].as_str()).map_or(1, |resource| resource.line);
            let message = format!("circular dependency: {}", cycle.join(" → "));
            return Err(Refusal::at(line, message));
        }
    }
    Ok(())
}

fn walk(
    id: &str,
    edges: &BTreeMap<&str, BTreeSet<String>>,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|seen| seen == id) {
        let mut cycle = path[start..].to_vec();
        cycle.push(id.to_owned());
        return Some(cycle);
    }
    if done.contains(id) {
        return None;
    }
    path.push(id.to_owned());
    for next in edges.get(id).into_iter().flatten() {
        if let Some(cycle) = walk(next, edges, path, done) {
            return Some(cycle);
        }
    }
    path.pop();
    done.insert(id.to_owned());
    None
}
