//! `GET /v1/media/{media_id}`: what became of an upload, and where its files are for a while.

use axum::extract::{Path, State};
use domain::{MediaId, MediaState, Refusal};
use protocol::{Media, Thumbnail};
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn retrieve_media(
    State(app): State<App>,
    caller: Caller,
    Path(media_id): Path<String>,
) -> Result<Json<Media>, ApiError> {
    let id: MediaId = media_id.parse().map_err(|_| Refusal::MediaNotFound)?;
    let (media, addresses) =
        chat::retrieve_media(&app.store, &app.bucket, &caller.by(), id).await?;
    let declared = media.declared;
    let (state, size_bytes, picture) = match media.state {
        MediaState::Pending => (protocol::MediaState::Pending, declared.size_bytes, None),
        MediaState::Rejected => (protocol::MediaState::Rejected, declared.size_bytes, None),
        MediaState::Ready { size_bytes, picture } => {
            (protocol::MediaState::Ready, size_bytes, picture)
        }
    };
    let size = picture.map(|picture| picture.size);
    let (url, thumbnails) = match addresses {
        Some(addresses) => (Some(addresses.url), addresses.thumbnails),
        None => (None, Vec::new()),
    };
    let thumbnails = thumbnails.into_iter().map(|one| Thumbnail {
        width: one.size.width,
        height: one.size.height,
        url: one.url,
    });
    Ok(Json(Media {
        id: media.id.to_string(),
        state,
        filename: declared.filename,
        content_type: declared.content_type.as_str().to_owned(),
        size_bytes,
        width: size.map(|size| size.width),
        height: size.map(|size| size.height),
        url,
        thumbnails: thumbnails.collect(),
        expires_in: bucket::SIGNATURE_LIFE.as_secs(),
    }))
}
