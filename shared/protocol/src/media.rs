//! Media: what is uploaded, what became of it, and where its bytes are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Time;

/// `POST /v1/media`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct CreateMedia {
    pub filename: String,
    pub content_type: String,
    pub size_bytes: u64,
    #[serde(default)]
    pub checksum_sha256: Option<String>,
}

/// A place for an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CreatedMedia {
    /// The media's name from now on.
    pub id: String,
    /// Always `pending`.
    pub state: MediaState,
    /// How to upload.
    pub upload: Upload,
}

/// A form to be posted as `multipart/form-data`: the fields, then `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Upload {
    /// Where to; not this API.
    pub url: String,
    /// Each is sent as it is.
    pub fields: BTreeMap<String, String>,
    /// After this the form is refused.
    pub expires_at: Time,
}

/// What is known of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub enum MediaState {
    Pending,
    Ready,
    Rejected,
}

/// `GET /v1/media/{media_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Media {
    /// Which.
    pub id: String,
    /// `url` and `thumbnails` are there only when it is `ready`.
    pub state: MediaState,
    /// As it was declared.
    pub filename: String,
    /// As it was declared; when ready it is also what was found.
    pub content_type: String,
    /// Of what is at `url`: taking the metadata out of a picture changes it.
    pub size_bytes: u64,
    /// Of a picture, upright, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of a picture, upright, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Good for `expires_in` seconds.
    pub url: Option<String>,
    /// Smaller pictures, the smallest first; none of one that is small itself.
    pub thumbnails: Vec<Thumbnail>,
    /// How long the addresses are good, in seconds.
    pub expires_in: u64,
}

/// A smaller picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names are the contract and say it all")]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
    pub url: String,
}

/// Media that a message is to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MediaRef {
    /// Which.
    pub media_id: String,
}

/// Media that a message shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MessageMedia {
    /// Which: its addresses are at `GET /v1/media/{media_id}`.
    pub media_id: String,
    /// Its place in the message, from 0.
    pub sequence: u32,
    /// What it was found to be.
    pub content_type: String,
    /// Of the whole.
    pub size_bytes: u64,
    /// A name to save it by.
    pub filename: String,
    /// Of a picture, in pixels: room for it can be kept before it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}
