//! `POST /v1/media`: ask for a place to upload a file to.

use axum::extract::State;
use axum::response::Response;
use domain::{Checksum, DeclaredMedia};
use protocol::{CreateMedia, CreatedMedia, MediaState, Upload};
use rest::{ApiError, Caller, Json};

use crate::App;

pub(crate) async fn create_media(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<CreateMedia>,
) -> Result<Response, ApiError> {
    let CreateMedia { filename, content_type, size_bytes, checksum_sha256 } = request;
    let checksum = checksum_sha256.as_deref().map(Checksum::parse).transpose()?;
    let declared = DeclaredMedia::parse(&filename, &content_type, size_bytes, app.limit_bytes)?
        .with_checksum(checksum);
    let App { store, bucket, limits, .. } = &app;
    let (media, form) = chat::create_media(store, bucket, limits, &caller.by(), declared).await?;
    let upload = Upload { url: form.url, fields: form.fields, expires_at: form.expires_at.into() };
    let id = media.id.to_string();
    let location = format!("/v1/media/{id}");
    Ok(rest::created(location, CreatedMedia { id, state: MediaState::Pending, upload }))
}
