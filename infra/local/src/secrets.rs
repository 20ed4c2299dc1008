//! Secrets Manager, as far as functions use it: one call, and one file per secret.
//!
//! A secret is generated on the first run and kept, so that tokens stay valid between runs.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::template::Secret;

/// Secrets by ARN and by name.
type Known = Arc<BTreeMap<String, Value>>;

/// Reads or makes the secrets, and serves them.
pub(crate) fn start(
    listener: TcpListener,
    directory: &Path,
    secrets: &[Secret],
) -> anyhow::Result<()> {
    let mut known = BTreeMap::new();
    for secret in secrets {
        let file = directory.join(&secret.id);
        let text = read_or_make(&file, secret)
            .with_context(|| format!("cannot keep a secret in {}", file.display()))?;
        let answer = json!({
            "ARN": secret.arn,
            "Name": secret.name,
            "SecretString": text,
            "VersionId": uuid::Uuid::now_v7(),
            "VersionStages": ["AWSCURRENT"],
        });
        known.insert(secret.arn.clone(), answer.clone());
        known.insert(secret.name.clone(), answer);
    }
    let router = Router::new().fallback(serve).with_state(Arc::new(known));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(())
}

fn read_or_make(file: &Path, secret: &Secret) -> std::io::Result<String> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read,
    }
    let text = generate(secret);
    // Written aside first: a file cut short by a crash would pass for a secret for ever.
    let draft = file.with_extension("new");
    let _ = std::fs::remove_file(&draft);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(&draft)?.write_all(text.as_bytes())?;
    std::fs::rename(&draft, file)?;
    Ok(text)
}

fn generate(secret: &Secret) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const PUNCTUATION: &[u8] = b"!#$%&()*+,-./:;<=>?@[]^_{|}~";
    let mut letters = LETTERS.to_vec();
    if secret.punctuation {
        letters.extend_from_slice(PUNCTUATION);
    }
    // Bytes past the last whole run of the alphabet are thrown away: no letter is more likely.
    let limit = 256 - 256 % letters.len();
    let mut text = String::with_capacity(secret.length);
    while text.len() < secret.length {
        let fair = crate::ids::random::<64>().map(usize::from).into_iter().filter(|b| *b < limit);
        let missing = secret.length - text.len();
        text.extend(fair.take(missing).map(|byte| char::from(letters[byte % letters.len()])));
    }
    text
}

async fn serve(State(known): State<Known>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let (status, answer) = if target == Some("secretsmanager.GetSecretValue") {
        let request: Value = serde_json::from_slice(&body).unwrap_or_default();
        let id = request.get("SecretId").and_then(Value::as_str).unwrap_or_default();
        match known.get(id) {
            Some(answer) => (StatusCode::OK, answer.clone()),
            None => refusal("ResourceNotFoundException", "no such secret on this machine"),
        }
    } else {
        refusal("InvalidRequestException", "only GetSecretValue is served here")
    };
    (status, [("content-type", "application/x-amz-json-1.1")], answer.to_string())
}

fn refusal(kind: &str, message: &str) -> (StatusCode, Value) {
    (StatusCode::BAD_REQUEST, json!({ "__type": kind, "message": message }))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("TokenSecret");
        let secret = Secret {
            id: "TokenSecret".to_owned(),
            name: "banter-TokenSecret".to_owned(),
            arn: "arn".to_owned(),
            length: 64,
            punctuation: false,
        };
        let first = read_or_make(&file, &secret).unwrap();
        assert_eq!(first.len(), 64);
        assert!(first.chars().all(|c| c.is_ascii_alphanumeric()), "{first}");
        assert_eq!(read_or_make(&file, &secret).unwrap(), first);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
