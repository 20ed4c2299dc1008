//! Looks at what was uploaded: `s3:ObjectCreated:*` under `m/`.
//!
//! A file is let through only if it is what it was said to be. Pictures are turned upright, lose what
//! they tell besides the picture, and get thumbnails; everything else stays as it is. The event may
//! come twice and late: the first verdict holds, and a repeat only tidies up.
//!
//! A fault of the file is a verdict. A fault of the store is an error: Lambda tries again.

mod judge;
mod orientation;
mod picture;
mod sniff;
mod strip;

use aws_lambda_events::s3::{S3Event, S3EventRecord};
use bucket::{Bucket, Upload};
use domain::MediaState;
use jiff::Timestamp;
use storage::{Store, Tables};

use crate::judge::judge;

/// What the function works with. Made once in a process.
#[derive(Debug, Clone)]
pub struct App {
    store: Store,
    bucket: Bucket,
}

impl App {
    /// From what it works with.
    #[must_use]
    pub const fn new(store: Store, bucket: Bucket) -> Self {
        Self { store, bucket }
    }

    /// From the tables' names and `MEDIA_BUCKET`.
    ///
    /// # Errors
    /// If a variable is not set.
    pub async fn from_env() -> Result<Self, environment::Missing> {
        let sdk = environment::sdk().await;
        let store = Store::new(&sdk, Tables::from_env()?);
        Ok(Self::new(store, Bucket::from_env(&sdk)?))
    }
}

/// The time, asked for once in an invocation.
#[expect(clippy::disallowed_methods, reason = "this is the edge that asks the clock")]
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Takes every upload of the event in turn: pictures are large, and there is room for one.
///
/// # Errors
/// If the store does not answer; the whole event is safe to repeat.
pub async fn uploaded(app: &App, event: S3Event, now: Timestamp) -> Result<(), storage::Error> {
    for record in event.records {
        let Some((upload, size_bytes)) = upload(&record) else {
            tracing::warn!("an object that is no upload was announced");
            continue;
        };
        look_at(app, &upload, size_bytes, now).await.inspect_err(|error| {
            tracing::error!(error = environment::chain(error), "an upload was not looked at");
        })?;
    }
    Ok(())
}

/// The upload that a record announces, and its length. Keys are encoded as in a form; those of
/// uploads have nothing to encode.
fn upload(record: &S3EventRecord) -> Option<(Upload, u64)> {
    let object = &record.s3.object;
    let upload = Upload::at(object.key.as_deref()?, object.e_tag.as_deref()?)?;
    Some((upload, u64::try_from(object.size?).ok()?))
}

async fn look_at(
    app: &App,
    upload: &Upload,
    size_bytes: u64,
    now: Timestamp,
) -> Result<(), storage::Error> {
    let id = upload.media_id;
    let media = app.store.media(id, now).await?;
    if let Some(media) = media.filter(|media| media.state == MediaState::Pending) {
        let Some(verdict) = judge(&app.bucket, upload, size_bytes, &media.declared).await? else {
            return Ok(()); // Taken away, or another upload took its place and is announced itself.
        };
        let is_ready = matches!(verdict, MediaState::Ready { .. });
        let settled = app.store.settle_media(id, &verdict).await?;
        tracing::info!(is_ready, settled = ?settled, size_bytes, "looked at an upload");
    }
    app.bucket.discard(id).await
}
