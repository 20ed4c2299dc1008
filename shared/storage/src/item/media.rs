//! The row of a media object.

use domain::{
    Checksum, ContentType, DeclaredMedia, Media, MediaId, MediaState, MediaUse, MessageMedia,
    Picture, PixelSize, Seq,
};
use serde::{Deserialize, Serialize};

use super::{Row, item, parsed, time};
use crate::{Error, key};

const MEDIA: &str = "media";

pub(crate) const PENDING: &str = "pending";
pub(crate) const READY: &str = "ready";
pub(crate) const REJECTED: &str = "rejected";

/// No attribute that an expression names is a reserved word.
#[derive(Serialize, Deserialize)]
pub(crate) struct MediaItem {
    pub(crate) owner_id: String,
    pub(crate) filename: String,
    pub(crate) content_type: String,
    /// As declared.
    pub(crate) size_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<String>,
    pub(crate) media_state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<FoundItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) used_for: Option<UseItem>,
    pub(crate) created_at: i64,
    /// Until it is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
}

/// What was found when it was looked at.
#[derive(Serialize, Deserialize)]
pub(crate) struct FoundItem {
    size_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<SizeItem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    thumbnails: Vec<SizeItem>,
}

/// A size in pixels.
#[derive(Serialize, Deserialize)]
pub(crate) struct SizeItem {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct UseItem {
    kind: String,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
}

impl From<PixelSize> for SizeItem {
    fn from(PixelSize { width, height }: PixelSize) -> Self {
        Self { width, height }
    }
}

impl From<SizeItem> for PixelSize {
    fn from(SizeItem { width, height }: SizeItem) -> Self {
        Self { width, height }
    }
}

impl From<MediaUse> for UseItem {
    fn from(used: MediaUse) -> Self {
        let (kind, id, seq) = match used {
            MediaUse::Message { room_id, seq } => ("message", room_id.to_string(), Some(seq.get())),
            MediaUse::UserAvatar(user) => ("user", user.to_string(), None),
            MediaUse::RoomAvatar(room) => ("room", room.to_string(), None),
        };
        Self { kind: kind.to_owned(), id, seq }
    }
}

impl UseItem {
    fn media_use(self) -> Result<MediaUse, Error> {
        match (self.kind.as_str(), self.seq.and_then(Seq::new)) {
            ("message", Some(seq)) => {
                Ok(MediaUse::Message { room_id: parsed(MEDIA, &self.id)?, seq })
            }
            ("user", _) => Ok(MediaUse::UserAvatar(parsed(MEDIA, &self.id)?)),
            ("room", _) => Ok(MediaUse::RoomAvatar(parsed(MEDIA, &self.id)?)),
            _ => Err(Error::corrupt(MEDIA, "an unknown use")),
        }
    }
}

/// How a state is stored: its name, and what was found.
pub(crate) fn state(state: &MediaState) -> (&'static str, Option<FoundItem>) {
    match state {
        MediaState::Pending => (PENDING, None),
        MediaState::Rejected => (REJECTED, None),
        MediaState::Ready { size_bytes, picture } => {
            let size = picture.as_ref().map(|picture| picture.size.into());
            let thumbnails = picture.iter().flat_map(|picture| picture.thumbnails.iter().copied());
            let thumbnails = thumbnails.map(Into::into).collect();
            (READY, Some(FoundItem { size_bytes: *size_bytes, size, thumbnails }))
        }
    }
}

impl From<&Media> for MediaItem {
    fn from(media: &Media) -> Self {
        let (media_state, found) = state(&media.state);
        Self {
            owner_id: media.owner.to_string(),
            filename: media.declared.filename.clone(),
            content_type: media.declared.content_type.as_str().to_owned(),
            size_bytes: media.declared.size_bytes,
            checksum: media.declared.checksum.map(|checksum| checksum.to_string()),
            media_state: media_state.to_owned(),
            findings: found,
            used_for: media.used.map(Into::into),
            created_at: media.created_at.as_millisecond(),
            expires_at: None,
        }
    }
}

impl MediaItem {
    fn media(self, id: MediaId) -> Result<Media, Error> {
        let corrupt = |error| Error::corrupt(MEDIA, error);
        let checksum = self.checksum.as_deref().map(Checksum::parse);
        let state = match (self.media_state.as_str(), self.findings) {
            (PENDING, _) => MediaState::Pending,
            (REJECTED, _) => MediaState::Rejected,
            (READY, Some(FoundItem { size_bytes, size, thumbnails })) => {
                let thumbnails = thumbnails.into_iter().map(Into::into).collect();
                let picture = size.map(|size| Picture { size: size.into(), thumbnails });
                MediaState::Ready { size_bytes, picture }
            }
            _ => return Err(Error::corrupt(MEDIA, "an unknown state")),
        };
        Ok(Media {
            id,
            owner: parsed(MEDIA, &self.owner_id)?,
            declared: DeclaredMedia {
                filename: self.filename,
                content_type: ContentType::parse(&self.content_type).map_err(corrupt)?,
                size_bytes: self.size_bytes,
                checksum: checksum.transpose().map_err(corrupt)?,
            },
            state,
            used: self.used_for.map(UseItem::media_use).transpose()?,
            created_at: time(MEDIA, self.created_at)?,
        })
    }
}

/// The media in a row `F#media`, and when it expires, in seconds since the epoch.
pub(crate) fn media(row: Row) -> Result<(Media, Option<i64>), Error> {
    let id = key::media_of(&row).ok_or_else(|| Error::corrupt(MEDIA, "a key of another shape"))?;
    let item: MediaItem = item(MEDIA, row)?;
    let expires_at = item.expires_at;
    Ok((item.media(id)?, expires_at))
}

/// What a message tells of the media that it shows: a page of history costs no look-up of media.
#[derive(Serialize, Deserialize)]
pub(crate) struct MessageMediaItem {
    id: String,
    content_type: String,
    size_bytes: u64,
    filename: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<SizeItem>,
}

impl From<&MessageMedia> for MessageMediaItem {
    fn from(media: &MessageMedia) -> Self {
        Self {
            id: media.media_id.to_string(),
            content_type: media.content_type.clone(),
            size_bytes: media.size_bytes,
            filename: media.filename.clone(),
            size: media.size.map(Into::into),
        }
    }
}

impl MessageMediaItem {
    pub(crate) fn media(self) -> Result<MessageMedia, Error> {
        Ok(MessageMedia {
            media_id: parsed(MEDIA, &self.id)?,
            content_type: self.content_type,
            size_bytes: self.size_bytes,
            filename: self.filename,
            size: self.size.map(Into::into),
        })
    }
}
