//! What a client uploaded: read once, and put where it belongs or taken away.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::MetadataDirective;
use domain::{Checksum, ContentType, Media, MediaId, MediaState};
use ring::digest::{Context, SHA256};

use crate::object::{self, Shelf};
use crate::{Bucket, Error, unavailable};

/// An object that S3 has announced. It is read only as it was announced: by its tag, so that what
/// is looked at and what is kept are the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Of which media.
    pub media_id: MediaId,
    /// Of its content.
    pub tag: String,
}

/// One file that was found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The longer side of a smaller picture; none for the whole.
    pub side: Option<u32>,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// The upload at `key`; `None` if it is none.
    #[must_use]
    pub fn at(key: &str, tag: &str) -> Option<Self> {
        let media_id = object::media_of(key)?;
        Some(Self { media_id, tag: tag.trim_matches('"').to_owned() })
    }

    fn quoted(&self) -> String {
        format!("\"{}\"", self.tag)
    }
}

impl Bucket {
    /// At most `limit_bytes` from the beginning of an upload; `None` if it is not there any more.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn read(&self, upload: &Upload, limit_bytes: u64) -> Result<Option<Vec<u8>>, Error> {
        const OPERATION: &str = "read an upload";
        let range = format!("bytes=0-{}", limit_bytes.saturating_sub(1));
        let Some(mut body) = self.open(OPERATION, upload, Some(range)).await? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            bytes.extend(chunk.map_err(|error| unavailable(OPERATION, error))?);
            // A store that knows no ranges is not to fill the memory.
            if bytes.len() as u64 > limit_bytes {
                return Err(unavailable(OPERATION, "more was sent than asked for"));
            }
        }
        Ok(Some(bytes))
    }

    /// The SHA-256 of a whole upload, however large; `None` if it is not there any more.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn checksum(&self, upload: &Upload) -> Result<Option<Checksum>, Error> {
        const OPERATION: &str = "sum up an upload";
        let Some(mut body) = self.open(OPERATION, upload, None).await? else { return Ok(None) };
        let mut sum = Context::new(&SHA256);
        while let Some(chunk) = body.next().await {
            sum.update(&chunk.map_err(|error| unavailable(OPERATION, error))?);
        }
        Ok(Some(finished(sum)))
    }

    /// The content of an upload, or a `range` of it; `None` if it is not there any more.
    async fn open(
        &self,
        operation: &'static str,
        upload: &Upload,
        range: Option<String>,
    ) -> Result<Option<ByteStream>, Error> {
        let request = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(object::uploaded(upload.media_id))
            .set_range(range)
            .if_match(upload.quoted());
        match request.send().await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(unavailable(operation, error)),
        }
    }

    /// Puts an upload as it is to the good ones.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn pass(&self, upload: &Upload, content_type: &ContentType) -> Result<(), Error> {
        let source = format!("{}/{}", self.name, object::uploaded(upload.media_id));
        self.client
            .copy_object()
            .bucket(&self.name)
            .copy_source(source)
            .copy_source_if_match(upload.quoted())
            .key(object::whole(Shelf::Unused, upload.media_id))
            .metadata_directive(MetadataDirective::Replace)
            .content_type(content_type.as_str())
            .send()
            .await
            .map_err(|error| unavailable("pass an upload", error))?;
        Ok(())
    }

    /// Puts the files that were made of an upload to the good ones.
    ///
    /// # Errors
    /// If S3 does not answer; some may be there then, and repeating is safe.
    pub async fn store(
        &self,
        id: MediaId,
        content_type: &ContentType,
        files: Vec<Good>,
    ) -> Result<(), Error> {
        for Good { side, bytes } in files {
            let key = match side {
                None => object::whole(Shelf::Unused, id),
                Some(side) => object::thumbnail(Shelf::Unused, id, side),
            };
            self.client
                .put_object()
                .bucket(&self.name)
                .key(key)
                .content_type(content_type.as_str())
                .body(ByteStream::from(bytes))
                .send()
                .await
                .map_err(|error| unavailable("store a file", error))?;
        }
        Ok(())
    }

    /// The whole file of ready media; `None` if it is not there.
    ///
    /// # Errors
    /// If S3 does not answer.
    pub async fn whole(&self, media: &Media) -> Result<Option<Vec<u8>>, Error> {
        const OPERATION: &str = "read a file";
        let MediaState::Ready { .. } = media.state else { return Ok(None) };
        let key = object::whole(Shelf::of(media), media.id);
        let request = self.client.get_object().bucket(&self.name).key(key);
        let mut body = match request.send().await {
            Ok(answer) => answer.body,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(unavailable(OPERATION, error)),
        };
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            bytes.extend(chunk.map_err(|error| unavailable(OPERATION, error))?);
        }
        Ok(Some(bytes))
    }

    /// Takes an upload away.
    ///
    /// # Errors
    /// If S3 does not answer; repeating is safe.
    pub async fn discard(&self, id: MediaId) -> Result<(), Error> {
        let request = self.client.delete_object().bucket(&self.name).key(object::uploaded(id));
        request.send().await.map_err(|error| unavailable("discard an upload", error))?;
        Ok(())
    }
}

/// The SHA-256 of these bytes.
#[must_use]
pub fn checksum(bytes: &[u8]) -> Checksum {
    let mut sum = Context::new(&SHA256);
    sum.update(bytes);
    finished(sum)
}

fn finished(sum: Context) -> Checksum {
    let mut checksum = Checksum([0; 32]);
    checksum.0.copy_from_slice(sum.finish().as_ref());
    checksum
}

/// It was taken away, or something else was uploaded in its place and will be announced itself.
fn is_gone(error: &SdkError<GetObjectError, HttpResponse>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    matches!(status, Some(404 | 412))
}
