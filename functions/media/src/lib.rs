//! Media over REST: places to upload to, and where the files are.
//!
//! | route | operation |
//! |---|---|
//! | `POST /v1/media` | `create_media` |
//! | `GET /v1/media/{media_id}` | `retrieve_media` |

mod create_media;
mod retrieve_media;

use axum::Router;
use axum::routing::{get, post};
use bucket::Bucket;
use chat::Settings;
use domain::Limits;
use storage::{Store, Tables};

use create_media::create_media;
use retrieve_media::retrieve_media;

/// The largest file, in bytes, if the deployment says nothing else.
const LIMIT_BYTES: u64 = 100_000_000;

/// What the handlers work with. Cheap to clone; made once in a process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    bucket: Bucket,
    limit_bytes: u64,
    limits: Limits,
}

impl App {
    /// With the largest file that a deployment takes if it says nothing else.
    #[must_use]
    pub const fn new(store: Store, bucket: Bucket, limits: Limits) -> Self {
        Self { store, bucket, limit_bytes: LIMIT_BYTES, limits }
    }

    /// From the tables' names, `MEDIA_BUCKET`, `MEDIA_LIMIT_BYTES` (100,000,000 if absent), and the
    /// rates among the [`Settings`].
    ///
    /// # Errors
    /// If a required variable is not set, or the limit is no number.
    pub async fn from_env() -> Result<Self, rest::Error> {
        let limit = environment::optional("MEDIA_LIMIT_BYTES");
        let limit_bytes = limit.map_or(Ok(LIMIT_BYTES), |limit| limit.parse())?;
        let sdk = environment::sdk().await;
        let store = Store::new(&sdk, Tables::from_env()?);
        let limits = Settings::from_env()?.limits;
        Ok(Self { store, bucket: Bucket::from_env(&sdk)?, limit_bytes, limits })
    }
}

/// The routes.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/media", post(create_media))
        .route("/v1/media/{media_id}", get(retrieve_media))
        .with_state(app)
}
