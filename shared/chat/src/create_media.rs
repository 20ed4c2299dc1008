//! Asking for a place to upload to.

use bucket::{Bucket, Form};
use domain::{DeclaredMedia, Limits, Media, MediaId, MediaState, RateClass};
use storage::Store;
use uuid::Uuid;

use crate::within_rate::within;
use crate::{By, Error};

/// Makes media that wait for their file, and a form to upload it with.
///
/// A repeat makes others; what is not used goes by itself.
///
/// # Errors
/// [`Error::Limited`], or storage that does not answer.
pub async fn create_media(
    store: &Store,
    bucket: &Bucket,
    limits: &Limits,
    by: &By,
    declared: DeclaredMedia,
) -> Result<(Media, Form), Error> {
    within(store, limits, by, RateClass::Upload).await?;
    let media = Media {
        id: MediaId::new(Uuid::now_v7()),
        owner: by.actor.user_id,
        declared,
        state: MediaState::Pending,
        used: None,
        created_at: by.now,
    };
    // Signed first: it needs nobody, and a row without a form would be of no use.
    let form = bucket.form(&media, by.now).await?;
    store.create_media(&media).await?;
    Ok((media, form))
}
