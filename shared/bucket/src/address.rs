//! Addresses by which a client downloads files for a while.

use aws_sdk_s3::presigning::PresigningConfig;
use domain::{Media, MediaState, PixelSize};

use crate::object::{self, Shelf};
use crate::{Bucket, Error, SIGNATURE_LIFE, unavailable};

const OPERATION: &str = "sign an address";

/// Where the files of ready media are, for [`SIGNATURE_LIFE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The whole.
    pub url: String,
    /// Smaller pictures, the smallest first.
    pub thumbnails: Vec<Address>,
}

/// Where a smaller picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct Address {
    pub size: PixelSize,
    pub url: String,
}

impl Bucket {
    /// Addresses of the files of `media`; none unless they are ready. Nothing is asked of S3.
    ///
    /// # Errors
    /// If this process has no keys to sign with.
    pub async fn addresses(&self, media: &Media) -> Result<Option<Addresses>, Error> {
        let MediaState::Ready { picture, .. } = &media.state else { return Ok(None) };
        let shelf = Shelf::of(media);
        let url = self.address(media, object::whole(shelf, media.id)).await?;
        let mut thumbnails = Vec::new();
        for size in picture.iter().flat_map(|picture| &picture.thumbnails) {
            let key = object::thumbnail(shelf, media.id, object::side(*size));
            thumbnails.push(Address { size: *size, url: self.address(media, key).await? });
        }
        Ok(Some(Addresses { url, thumbnails }))
    }

    async fn address(&self, media: &Media, key: String) -> Result<String, Error> {
        let declared = &media.declared;
        let content_type = declared.content_type.as_str();
        let request = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .response_content_type(content_type)
            .response_content_disposition(disposition(
                declared.content_type.is_shown(),
                &declared.filename,
            ))
            // An address names one content for ever, and nobody but its reader may keep it.
            .response_cache_control("private, max-age=900, immutable");
        let signed = request.presigned(life()?).await;
        Ok(signed.map_err(|error| unavailable(OPERATION, error))?.uri().to_owned())
    }

    /// The bucket's own address, wherever the SDK finds it: on AWS by a host of its own, elsewhere
    /// by a path.
    pub(crate) async fn url(&self) -> Result<String, Error> {
        const KEY: &str = "m";
        let request = self.client.get_object().bucket(&self.name).key(KEY);
        let signed = request.presigned(life()?).await;
        let signed = signed.map_err(|error| unavailable(OPERATION, error))?;
        let address = signed.uri().split('?').next().unwrap_or_default();
        Ok(address.strip_suffix(KEY).unwrap_or(address).to_owned())
    }
}

fn life() -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(SIGNATURE_LIFE).map_err(|error| unavailable(OPERATION, error))
}

/// RFC 6266: the name twice, as ASCII for the old and in full for the rest.
fn disposition(is_shown: bool, filename: &str) -> String {
    let kind = if is_shown { "inline" } else { "attachment" };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || " -_.()".contains(c) { c } else { '_' }
    };
    let ascii: String = filename.chars().map(plain).collect();
    let full = filename.bytes().fold(String::new(), |mut full, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
        full
    });
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        for (is_shown, filename, expected) in [
            (true, "a b.jpg", "inline; filename=\"a b.jpg\"; filename*=UTF-8''a%20b.jpg"),
            (
                false,
                "é\"; x=\r\n.exe",
                "attachment; filename=\"___ x___.exe\"; filename*=UTF-8''%C3%A9%22%3B%20x%3D%0D%0A.exe",
            ),
        ] {
            assert_eq!(disposition(is_shown, filename), expected);
        }
    }
}
