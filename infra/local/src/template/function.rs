//! `AWS::Serverless::Function` and `Globals`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::resource::{Properties, Resource};
use super::yaml::{Entry, Kind, Node};
use super::{ACCOUNT, REGION, Refusal, STACK};

/// The events of all functions, before it is known what sends them.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) http: Vec<super::http::Event>,
    pub(crate) buckets: Vec<super::bucket::Event>,
    pub(crate) queues: Vec<super::queue::Mapping>,
}

/// What becomes of an invocation that nobody waits for, if it fails.
#[derive(Debug, Clone)]
pub(crate) struct EventInvoke {
    pub(crate) retries: usize,
    /// The ARN of the queue that is told in the end.
    pub(crate) on_failure: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) line: usize,
    /// The name on AWS, `<stack>-<logical id>`.
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The folder of the crate, relative to the template.
    pub(crate) code: String,
    pub(crate) memory_mb: i64,
    pub(crate) timeout: Duration,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) reserved_concurrency: Option<usize>,
    pub(crate) event_invoke: EventInvoke,
    /// What its policies name: actions, resources, effects, without their structure. Empty with a
    /// `Role`, whose rights are not looked at.
    pub(crate) policy_texts: Vec<String>,
    pub(crate) has_role: bool,
}

/// `Globals` by the resource type they are for.
pub(crate) fn globals(document: &Node) -> Result<BTreeMap<&'static str, Node>, Refusal> {
    let Some(section) = document.get("Globals") else { return Ok(BTreeMap::new()) };
    let mut globals = BTreeMap::new();
    for Entry { line, key, value } in section.map("Globals")? {
        let kind = match key.as_str() {
            "Function" => "AWS::Serverless::Function",
            "HttpApi" => "AWS::Serverless::HttpApi",
            other => return Err(Refusal::at(*line, format!("unknown Globals `{other}`"))),
        };
        for entry in value.map(key)? {
            // SAM refuses these too: each is a matter of one function.
            if matches!(entry.key.as_str(), "Role" | "Policies" | "FunctionName" | "Events") {
                let message = format!("`{}` is not allowed in Globals", entry.key);
                return Err(Refusal::at(entry.line, message));
            }
        }
        globals.insert(kind, value.clone());
    }
    Ok(globals)
}

pub(crate) fn read(
    resource: &Resource,
    properties: &mut Properties,
    events: &mut Events,
) -> Result<Function, Refusal> {
    let line = resource.line;
    let runtime_line = properties.line_of("Runtime");
    let runtime = properties.required("Runtime")?;
    if !matches!(runtime.as_str(), "provided.al2023" | "provided.al2") {
        return Err(Refusal::at(runtime_line, format!("the runtime `{runtime}` is not supported")));
    }
    properties.required("Handler")?;
    let code = properties.required("CodeUri")?;
    let memory_mb = properties.number("MemorySize", 128..=10_240)?.unwrap_or(128);
    let timeout = properties.number("Timeout", 1..=900)?.unwrap_or(3);
    let reserved = properties.number("ReservedConcurrentExecutions", 0..=1000)?;
    let event_invoke = event_invoke(properties)?;
    let environment_line = properties.line_of("Environment");
    let environment = match properties.nested("Environment")? {
        Some(mut environment) => {
            let variables = environment.text_map("Variables")?;
            environment.finish()?;
            variables
        }
        None => BTreeMap::new(),
    };
    check_environment(environment_line, &environment)?;
    if let Some(node) = properties.take("Events") {
        for entry in node.map("`Events`")? {
            match entry.value.get("Type").and_then(Node::text) {
                Some("S3") => events.buckets.push(super::bucket::event(&resource.id, entry)?),
                Some("SQS") => events.queues.push(super::queue::event(&resource.id, entry)?),
                _ => events.http.push(super::http::event(&resource.id, entry)?),
            }
        }
    }
    let mut policy_texts = Vec::new();
    if let Some(policies) = properties.take("Policies") {
        texts(&policies, &mut policy_texts);
    }
    let has_role = properties.take("Role").is_some();
    // Access is not limited here and nothing is measured, so these change nothing.
    properties.ignore(&[
        "Architectures",
        "Description",
        "EphemeralStorage",
        "LoggingConfig",
        "Tags",
        "Tracing",
    ]);
    let name = format!("{STACK}-{}", resource.id);
    Ok(Function {
        line,
        arn: format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        name,
        code,
        memory_mb,
        timeout: Duration::from_secs(timeout.unsigned_abs()),
        environment,
        reserved_concurrency: reserved.and_then(|reserved| usize::try_from(reserved).ok()),
        event_invoke,
        policy_texts,
        has_role,
    })
}

fn event_invoke(properties: &mut Properties) -> Result<EventInvoke, Refusal> {
    const MOST_RETRIES: usize = 2;
    let mut read = EventInvoke { retries: MOST_RETRIES, on_failure: None };
    let Some(mut given) = properties.nested("EventInvokeConfig")? else { return Ok(read) };
    if let Some(retries) = given.number("MaximumRetryAttempts", 0..=2)? {
        read.retries = usize::try_from(retries).unwrap_or(MOST_RETRIES);
    }
    // Retries come within seconds here: no event grows old.
    given.ignore(&["MaximumEventAgeInSeconds"]);
    if let Some(mut destinations) = given.nested("DestinationConfig")? {
        if let Some(mut target) = destinations.nested("OnFailure")? {
            let line = target.line_of("Type");
            if target.required("Type")? != "SQS" {
                return Err(Refusal::at(line, "the local stack sends failures to queues only"));
            }
            read.on_failure = Some(target.required("Destination")?);
            target.finish()?;
        }
        destinations.finish()?;
    }
    given.finish()?;
    Ok(read)
}

fn texts(node: &Node, found: &mut Vec<String>) {
    match &node.kind {
        Kind::Null => {}
        Kind::Scalar(text) => found.push(text.clone()),
        Kind::List(items) => items.iter().for_each(|item| texts(item, found)),
        Kind::Map(entries) => entries.iter().for_each(|entry| texts(&entry.value, found)),
    }
}

/// Lambda refuses these at deployment.
fn check_environment(line: usize, variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    const MAX_BYTES: usize = 4096;
    let size: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_BYTES {
        return Err(Refusal::at(line, "the environment variables exceed 4 KB together"));
    }
    for name in variables.keys() {
        let mut letters = name.chars();
        let legal = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && name.len() > 1
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !legal {
            return Err(Refusal::at(line, format!("`{name}` is no legal variable name")));
        }
        let reserved = matches!(
            name.as_str(),
            "AWS_REGION"
                | "AWS_DEFAULT_REGION"
                | "AWS_ACCESS_KEY_ID"
                | "AWS_SECRET_ACCESS_KEY"
                | "AWS_SESSION_TOKEN"
                | "AWS_EXECUTION_ENV"
                | "AWS_LAMBDA_FUNCTION_NAME"
                | "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
                | "AWS_LAMBDA_FUNCTION_VERSION"
                | "AWS_LAMBDA_INITIALIZATION_TYPE"
                | "AWS_LAMBDA_LOG_GROUP_NAME"
                | "AWS_LAMBDA_LOG_STREAM_NAME"
                | "AWS_LAMBDA_RUNTIME_API"
                | "AWS_LAMBDA_MAX_CONCURRENCY"
                | "LAMBDA_TASK_ROOT"
                | "LAMBDA_RUNTIME_DIR"
        );
        if reserved {
            return Err(Refusal::at(line, format!("Lambda reserves the variable `{name}`")));
        }
    }
    Ok(())
}
