//! The verdict on one upload, and what is kept of it.

use bucket::{Bucket, Good, Upload};
use domain::{DeclaredMedia, MediaState};

use crate::picture::{Redrawn, redraw};
use crate::sniff::{HEAD_BYTES, sniff};

/// What became of the upload; `None` if it is not there any more.
///
/// What is good is stored before the verdict tells of it.
///
/// # Errors
/// If the store does not answer.
pub(crate) async fn judge(
    bucket: &Bucket,
    upload: &Upload,
    size_bytes: u64,
    declared: &DeclaredMedia,
) -> Result<Option<MediaState>, storage::Error> {
    // The form lets no other length through; this is for whoever wrote there without it.
    if size_bytes != declared.size_bytes {
        return Ok(Some(MediaState::Rejected));
    }
    let is_picture = declared.content_type.is_picture();
    let limit = if is_picture { declared.size_bytes } else { HEAD_BYTES };
    let Some(bytes) = bucket.read(upload, limit).await? else { return Ok(None) };
    if !declared.content_type.admits(sniff(&bytes)) {
        return Ok(Some(MediaState::Rejected));
    }
    let found = match declared.checksum {
        Some(_) if is_picture => Some(bucket::checksum(&bytes)),
        Some(_) => match bucket.checksum(upload).await? {
            Some(found) => Some(found),
            None => return Ok(None),
        },
        None => None,
    };
    if found != declared.checksum {
        return Ok(Some(MediaState::Rejected));
    }
    if !is_picture {
        bucket.pass(upload, &declared.content_type).await?;
        return Ok(Some(MediaState::Ready { size_bytes, picture: None }));
    }
    let redrawn = match redraw(declared.content_type.as_str(), bytes) {
        Ok(redrawn) => redrawn,
        Err(error) => {
            tracing::info!(error = %error, "a picture cannot be drawn");
            return Ok(Some(MediaState::Rejected));
        }
    };
    let Redrawn { whole, picture, thumbnails } = redrawn;
    let size_bytes = whole.len() as u64;
    let mut files = vec![Good { side: None, bytes: whole }];
    files.extend(thumbnails.into_iter().map(|(side, bytes)| Good { side: Some(side), bytes }));
    bucket.store(upload.media_id, &declared.content_type, files).await?;
    Ok(Some(MediaState::Ready { size_bytes, picture: Some(picture) }))
}
