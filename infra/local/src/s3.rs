//! S3: buckets as directories, behind its real protocol.
//!
//! Signatures, expiry and the policies of upload forms are verified as on AWS. Browsers come here
//! directly, so it has an address of its own. What has been stored is told to the functions that the
//! template names, and what the template gives a life ends with it.

mod expiry;
mod objects;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use axum::error_handling::HandleError;
use axum::http::{HeaderValue, StatusCode, header};
use s3s::S3Result;
use s3s::auth::{S3Auth, SecretKey};
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;
use tower_http::cors::{AllowOrigin, CorsLayer};

use self::objects::Objects;
use crate::asynchronous::Asynchronous;
use crate::template::Bucket;

/// What every function signs with, under a key id of its own.
const SECRET: &str = "local";

struct OneSecret;

#[async_trait::async_trait]
impl S3Auth for OneSecret {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Ok(SecretKey::from(SECRET))
    }
}

/// How often what has outlived its rule is looked for. AWS does once a day.
const EXPIRE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Makes the buckets that are missing, and serves.
pub(crate) fn start(
    listener: TcpListener,
    root: &Path,
    buckets: Vec<Bucket>,
    functions: Asynchronous,
) -> anyhow::Result<()> {
    for bucket in &buckets {
        let folder = root.join(&bucket.name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the bucket {}", folder.display()))?;
    }
    let origins = origins(&buckets);
    let files = s3s_fs::FileSystem::new(root).map_err(|error| anyhow!("no S3: {error:?}"))?;
    let mut service = S3ServiceBuilder::new(Objects::new(files, root, buckets.clone(), functions));
    service.set_auth(OneSecret);
    let service = HandleError::new(service.build(), |error: s3s::HttpError| async move {
        tracing::error!("S3 failed: {error:?}");
        StatusCode::INTERNAL_SERVER_ERROR
    });
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(tower_http::cors::Any)
        .allow_headers(tower_http::cors::Any)
        .expose_headers([header::ETAG]);
    let router = Router::new().fallback_service(service).layer(cors);
    tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::spawn(expire(root.to_owned(), buckets));
    Ok(())
}

/// Whose pages may read answers. One rule for all buckets: there is one.
fn origins(buckets: &[Bucket]) -> AllowOrigin {
    let origins: Vec<&String> = buckets.iter().flat_map(|bucket| &bucket.origins).collect();
    if origins.iter().any(|origin| *origin == "*") {
        return AllowOrigin::any();
    }
    AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
}

async fn expire(root: PathBuf, buckets: Vec<Bucket>) {
    let mut tick = tokio::time::interval(EXPIRE_EVERY);
    loop {
        tick.tick().await;
        for bucket in &buckets {
            for rule in &bucket.expiries {
                expiry::sweep(&root.join(&bucket.name), rule);
            }
        }
    }
}
