//! The pictures of users and rooms.

use bucket::Bucket;
use domain::{MediaId, MediaUse, Refusal, UserId};
use jiff::Timestamp;
use storage::{Store, UseMedia};

use crate::Error;

/// Makes media of `user` the picture of a user or a room. Whoever shows it is told next.
///
/// A repeat is safe. A crash after it leaves media that are used for good and shown by nobody.
///
/// # Errors
/// A refusal of [`domain::Media::for_avatar`], or storage that does not answer.
pub async fn take_avatar(
    store: &Store,
    bucket: &Bucket,
    user: UserId,
    id: MediaId,
    of: MediaUse,
    now: Timestamp,
) -> Result<(), Error> {
    let media = store.media(id, now).await?.ok_or(Refusal::MediaNotFound)?;
    media.for_avatar(user, of)?;
    bucket.keep(std::slice::from_ref(&media)).await?;
    match store.use_media(id, user, of).await? {
        UseMedia::Used => Ok(()),
        UseMedia::Refused => Err(Refusal::MediaNotFound.into()),
    }
}

/// Deletes a picture that another one took the place of. If that fails it is only a file too many.
pub async fn discard_avatar(store: &Store, bucket: &Bucket, id: MediaId) {
    let deleted = match bucket.delete(&[id]).await {
        Ok(()) => store.delete_media(&[id]).await,
        failed => failed,
    };
    if let Err(error) = deleted {
        tracing::warn!(error = %error, "an old picture is still there");
    }
}
