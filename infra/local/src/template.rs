//! The SAM template: what is deployed on AWS, read for running here.
//!
//! Strict on purpose: a resource type, property or function that is not understood is refused with
//! its line. What this file skipped silently would be a difference found only after deployment.

mod bucket;
mod check;
mod data;
mod function;
#[cfg(test)]
mod fuzz;
mod http;
mod intrinsic;
mod parameters;
mod queue;
mod resource;
mod socket;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use self::intrinsic::{Attributes, Scope};
use self::resource::{Properties, Resource};
use self::yaml::Kind;

pub(crate) use self::bucket::{Bucket, Expiry};
pub(crate) use self::data::{Secret, Table};
#[cfg(test)]
pub(crate) use self::function::EventInvoke;
pub(crate) use self::function::Function;
pub(crate) use self::http::{Authorizer, Cors, HttpApi, IdentitySource, Route};
#[cfg(test)]
pub(crate) use self::queue::Redrive;
pub(crate) use self::queue::{Mapping, Queue};
pub(crate) use self::socket::{SocketApi, SocketAuthorizer};

pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const REGION: &str = "us-east-1";
pub(crate) const STACK: &str = "banter";

/// Why the template cannot be run, and where.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// A [`Refusal`] with the file's name, as it is printed.
#[derive(Debug)]
pub(crate) struct BrokenTemplate(String);

impl BrokenTemplate {
    pub(crate) fn new(path: &Path, line: usize, message: &str) -> Self {
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        Self(format!("{file}:{line}: {message}"))
    }
}

impl fmt::Display for BrokenTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BrokenTemplate {}

/// Everything the template asks for. Names are the logical ones.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) http: Option<HttpApi>,
    pub(crate) socket: Option<SocketApi>,
    pub(crate) tables: Vec<Table>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) outputs: Vec<(String, String)>,
    /// What will not be as on AWS, or is likely a mistake.
    pub(crate) warnings: Vec<String>,
}

/// Reads and checks a template file.
pub(crate) fn read(path: &Path, overrides: &[(String, String)]) -> anyhow::Result<Stack> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
    let broken = |refusal: Refusal| BrokenTemplate::new(path, refusal.line, &refusal.message);
    Ok(parse(&text, overrides).map_err(broken)?)
}

fn parse(text: &str, overrides: &[(String, String)]) -> Result<Stack, Refusal> {
    let document = yaml::parse(text)?;
    for entry in document.map("the template")? {
        match entry.key.as_str() {
            "AWSTemplateFormatVersion"
            | "Description"
            | "Metadata"
            | "Parameters"
            | "Mappings"
            | "Conditions"
            | "Globals"
            | "Resources"
            | "Outputs" => {}
            "Transform" if entry.value.text() == Some("AWS::Serverless-2016-10-31") => {}
            "Transform" => return Err(Refusal::at(entry.line, "only SAM's transform is known")),
            other => return Err(Refusal::at(entry.line, format!("unknown section `{other}`"))),
        }
    }

    let mut scope = Scope::default();
    parameters::declare(&mut scope, &document, overrides)?;
    let globals = function::globals(&document)?;
    let resources = resource::list(&document, &scope)?;
    for resource in &resources {
        let names = names(resource, &scope);
        scope.resources.insert(resource.id.clone(), names);
    }
    check::cycles(&resources)?;

    let mut stack = Stack {
        functions: BTreeMap::new(),
        http: None,
        socket: None,
        tables: Vec::new(),
        secrets: Vec::new(),
        buckets: Vec::new(),
        queues: Vec::new(),
        mappings: Vec::new(),
        outputs: parameters::outputs(&document, &scope)?,
        warnings: Vec::new(),
    };
    let mut events = function::Events::default();
    let mut socket = socket::Parts::default();
    let mut permissions = Vec::new();
    for resource in &resources {
        let globals = globals.get(resource.kind.as_str());
        let mut properties = Properties::of(resource, globals, &scope)?;
        let line = resource.line;
        match resource.kind.as_str() {
            "AWS::Serverless::Function" => {
                let function = function::read(resource, &mut properties, &mut events)?;
                stack.functions.insert(resource.id.clone(), function);
            }
            "AWS::Serverless::HttpApi" if stack.http.is_some() => {
                return Err(Refusal::at(line, "a second HTTP API is not supported"));
            }
            "AWS::Serverless::HttpApi" => {
                stack.http = Some(http::read(resource, &mut properties, &mut stack.warnings)?);
            }
            "AWS::DynamoDB::Table" => stack.tables.push(data::table(resource, &mut properties)?),
            "AWS::SecretsManager::Secret" => {
                stack.secrets.push(data::secret(resource, &mut properties)?);
            }
            "AWS::S3::Bucket" => stack.buckets.push(bucket::read(&mut properties)?),
            "AWS::SQS::Queue" => stack.queues.push(queue::read(resource, &mut properties)?),
            "AWS::Lambda::Permission" => {
                permissions.push(check::Permission::read(&mut properties)?);
            }
            kind if kind.starts_with("AWS::ApiGatewayV2::") => {
                socket.read(resource, &mut properties)?;
            }
            // These have no meaning on one machine; their properties are not looked at.
            "AWS::Logs::LogGroup"
            | "AWS::Serverless::Application"
            | "AWS::IAM::Role"
            | "AWS::IAM::Policy"
            | "AWS::IAM::ManagedPolicy"
            | "AWS::CloudWatch::Alarm"
            | "AWS::CloudWatch::Dashboard" => continue,
            other => {
                let message = format!("the local stack cannot run a resource of type `{other}`");
                return Err(Refusal::at(line, message));
            }
        }
        properties.finish()?;
    }
    stack.socket = socket.assemble(&stack.functions, &mut stack.warnings)?;
    http::attach(&mut stack, events.http)?;
    bucket::attach(&mut stack.buckets, events.buckets)?;
    queue::attach(&mut stack, events.queues)?;
    check::permissions(&stack, &permissions)?;
    check::timeouts(&mut stack);
    check::rights(&mut stack);
    Ok(stack)
}

/// What `Ref` and `Fn::GetAtt` of a resource give: shaped as on AWS, for this account that is none.
fn names(resource: &Resource, scope: &Scope) -> Attributes {
    let id = &resource.id;
    let name = format!("{STACK}-{id}");
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let with = |reference: String, attributes: &[(&'static str, String)]| Attributes {
        reference,
        attributes: attributes.iter().cloned().collect(),
    };
    match resource.kind.as_str() {
        "AWS::Serverless::Function" => {
            let arn = arn("lambda", &format!("function:{name}"));
            with(name, &[("Arn", arn)])
        }
        "AWS::DynamoDB::Table" => {
            let arn = arn("dynamodb", &format!("table/{name}"));
            with(name, &[("Arn", arn)])
        }
        "AWS::S3::Bucket" => {
            let name = bucket::name(resource, scope).unwrap_or(name);
            let arn = format!("arn:aws:s3:::{name}");
            with(name, &[("Arn", arn)])
        }
        "AWS::SecretsManager::Secret" => {
            let suffix = &crate::ids::stable(&format!("secret/{id}"))[..6];
            let arn = arn("secretsmanager", &format!("secret:{name}-{suffix}"));
            with(arn.clone(), &[("Id", arn)])
        }
        "AWS::SQS::Queue" => {
            let url = format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}");
            let arn = arn("sqs", &name);
            with(url.clone(), &[("Arn", arn), ("QueueName", name), ("QueueUrl", url)])
        }
        "AWS::Serverless::HttpApi" | "AWS::ApiGatewayV2::Api" => {
            let api = crate::ids::stable(id);
            let scheme = if resource.kind.starts_with("AWS::Serverless") { "https" } else { "wss" };
            let endpoint = format!("{scheme}://{api}.execute-api.{REGION}.amazonaws.com");
            with(api.clone(), &[("ApiEndpoint", endpoint), ("ApiId", api)])
        }
        "AWS::ApiGatewayV2::Stage" => {
            let stage = resource.property("StageName").and_then(|node| scope.text(node).ok());
            with(stage.unwrap_or(name), &[])
        }
        "AWS::Logs::LogGroup" => {
            let arn = arn("logs", &format!("log-group:{name}:*"));
            with(name, &[("Arn", arn)])
        }
        "AWS::IAM::Role" => {
            let arn = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
            with(name, &[("Arn", arn)])
        }
        "AWS::ApiGatewayV2::Authorizer" => {
            let id = crate::ids::stable(id);
            with(id.clone(), &[("AuthorizerId", id)])
        }
        kind if kind.starts_with("AWS::ApiGatewayV2::") => with(crate::ids::stable(id), &[]),
        _ => with(name, &[]),
    }
}

/// The logical name of a function, from its ARN, its name, or the long form API Gateway takes.
pub(crate) fn function_of(uri: &str) -> Option<&str> {
    let arn = uri.strip_suffix("/invocations").unwrap_or(uri);
    let name = arn.rsplit_once("function:").map_or(arn, |(_, name)| name);
    name.strip_prefix(STACK)?.strip_prefix('-')
}

impl Kind {
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
