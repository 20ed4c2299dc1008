//! The environment of a function's process: Lambda's variables, the template's, and nothing of the
//! developer's shell.

use std::path::Path;

use super::Settings;
use crate::template::{Function, REGION};

/// Where the local stand-ins of AWS services listen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Endpoints {
    pub(crate) dynamodb: String,
    pub(crate) secrets: String,
    pub(crate) s3: String,
    pub(crate) sqs: String,
    /// With the stage, as the SDK needs it; absent without a WebSocket API.
    pub(crate) connections: Option<String>,
}

pub(super) fn variables(
    function: &Function,
    id: &str,
    instance: u64,
    binary: &Path,
    scratch: &Path,
    settings: &Settings,
) -> Vec<(String, String)> {
    let root = binary.parent().unwrap_or(binary).display().to_string();
    let scratch = scratch.display().to_string();
    let address = &settings.address;
    let variables: Vec<(&str, String)> = vec![
        ("_HANDLER", "bootstrap".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{instance}")),
        // One listener serves every process. A path needs the scheme: without it the client of
        // the Rust runtime takes all of it for a host and panics.
        ("AWS_LAMBDA_RUNTIME_API", format!("http://{address}/{id}/{instance}")),
        ("LAMBDA_TASK_ROOT", root),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("TMPDIR", scratch),
        ("TZ", "UTC".to_owned()),
    ];
    let process = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
    process.chain(to_the_services(function, id, instance, &settings.endpoints)).collect()
}

/// What a function needs to reach the services here, whoever runs it.
pub(crate) fn to_the_services(
    function: &Function,
    id: &str,
    instance: u64,
    endpoints: &Endpoints,
) -> Vec<(String, String)> {
    let mut variables = vec![
        // Deployment gives real keys; these only have to be there for requests to be signed, and to
        // tell who makes them.
        ("AWS_ACCESS_KEY_ID", crate::ids::access_key_id(id, instance)),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_SESSION_TOKEN", "local".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoints.dynamodb.clone()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", endpoints.secrets.clone()),
        ("AWS_ENDPOINT_URL_S3", endpoints.s3.clone()),
        ("AWS_ENDPOINT_URL_SQS", endpoints.sqs.clone()),
        // There is no metadata service here; asking for it would cost a second per start.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    if let Some(connections) = &endpoints.connections {
        variables.push(("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", connections.clone()));
    }
    let own = function.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(own).collect()
}
