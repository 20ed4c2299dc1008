//! Media: what may be uploaded, what it must turn out to be, and who may use it for what.

use std::fmt;

use jiff::Timestamp;

use crate::{MediaId, Refusal, RoomId, Seq, UserId, clean_line};

/// Longest name of a file, in characters.
pub const MAX_FILENAME_CHARS: usize = 255;
/// Longest type of a file, in characters.
const MAX_TYPE_CHARS: usize = 100;

/// The pictures that are looked into, and that may stand for a user or a room.
const PICTURES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/webp"];

/// What a browser would run, were it ever to open it.
const ACTIVE: [&str; 10] = [
    "text/html",
    "text/xml",
    "application/xml",
    "text/javascript",
    "text/ecmascript",
    "text/jscript",
    "application/javascript",
    "application/ecmascript",
    "application/x-javascript",
    "application/x-shockwave-flash",
];

/// A media type without parameters: `image/jpeg`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ContentType(String);

impl ContentType {
    /// # Errors
    /// [`Refusal::Invalid`] for what is none, or is not taken at all.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let invalid = |reason: &str| {
            Err(Refusal::Invalid { pointer: "/content_type", reason: reason.to_owned() })
        };
        // Recorders name their codecs after a semicolon; the form must name one exact type.
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_token = |part: &str| {
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            !part.is_empty() && part.bytes().all(legal)
        };
        let Some((kind, subtype)) = essence.split_once('/') else {
            return invalid("must be a media type such as image/jpeg");
        };
        if !is_token(kind) || !is_token(subtype) || essence.len() > MAX_TYPE_CHARS {
            return invalid("must be a media type such as image/jpeg");
        }
        let found = Self(essence);
        if found.is_active() {
            return invalid("must not be of a kind that a browser runs");
        }
        Ok(found)
    }

    /// The type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of the pictures that are looked into.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        PICTURES.contains(&self.as_str())
    }

    /// Whether a browser may show it in place. Everything else it is to save.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        matches!(self.family(), "image" | "video" | "audio")
    }

    fn family(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    fn is_active(&self) -> bool {
        self.0.ends_with("+xml") || self.family() == "multipart" || ACTIVE.contains(&self.as_str())
    }

    /// Whether a file whose first bytes say `found` may go by this type.
    ///
    /// `None`: they say nothing. A file that is only ever saved may then be anything; one that a
    /// browser would show must be known to be what it is said to be.
    #[must_use]
    pub fn admits(&self, found: Option<&str>) -> bool {
        let Some(found) = found else { return !self.is_shown() && self.0 != "application/pdf" };
        let found = Self(found.to_ascii_lowercase());
        if found.is_active() {
            return false;
        }
        match self.family() {
            _ if self.is_picture() || found.is_picture() && self.is_shown() => *self == found,
            "image" => found.family() == "image",
            // One container holds either, and its first bytes do not tell.
            "video" | "audio" => matches!(found.family(), "video" | "audio"),
            _ => self.0 != "application/pdf" || *self == found,
        }
    }
}

/// The SHA-256 of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum(pub [u8; 32]);

impl Checksum {
    /// From 64 hexadecimal digits in lower case.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for anything else.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut pairs = text.as_bytes().chunks(2);
        let mut next = || match *pairs.next()? {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        };
        let mut bytes = [0; 32];
        let whole = bytes.iter_mut().try_for_each(|byte| next().map(|found| *byte = found));
        if whole.is_none() || pairs.next().is_some() {
            let reason = "must be 64 hexadecimal digits in lower case".to_owned();
            return Err(Refusal::Invalid { pointer: "/checksum_sha256", reason });
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A file that somebody wants to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredMedia {
    /// A name to save it by.
    pub filename: String,
    /// What it is said to be.
    pub content_type: ContentType,
    /// How long it is said to be.
    pub size_bytes: u64,
    /// What its bytes are said to come to, if anything.
    pub checksum: Option<Checksum>,
}

impl DeclaredMedia {
    /// # Errors
    /// [`Refusal::Invalid`] for what is not taken.
    pub fn parse(
        filename: &str,
        content_type: &str,
        size_bytes: u64,
        limit_bytes: u64,
    ) -> Result<Self, Refusal> {
        let filename = clean_line(filename, MAX_FILENAME_CHARS, "/filename")?;
        let content_type = ContentType::parse(content_type)?;
        if !(1..=limit_bytes).contains(&size_bytes) {
            let reason = format!("must be from 1 to {limit_bytes}");
            return Err(Refusal::Invalid { pointer: "/size_bytes", reason });
        }
        Ok(Self { filename, content_type, size_bytes, checksum: None })
    }

    /// The same, of exactly these bytes.
    #[must_use]
    pub fn with_checksum(self, checksum: Option<Checksum>) -> Self {
        Self { checksum, ..self }
    }
}

/// A media object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Which.
    pub id: MediaId,
    /// Who uploads it.
    pub owner: UserId,
    /// What it was said to be, and is, once it is ready.
    pub declared: DeclaredMedia,
    /// What became of it.
    pub state: MediaState,
    /// What it is used for. Once used, it is used for nothing else.
    pub used: Option<MediaUse>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaState {
    /// It has not come, or was not looked at yet.
    Pending,
    /// It is what it was said to be.
    Ready {
        /// How long it is now: a picture loses what it told besides the picture.
        size_bytes: u64,
        /// Where it is one.
        picture: Option<Picture>,
    },
    /// It is not, or is broken.
    Rejected,
}

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its size, upright.
    pub size: PixelSize,
    /// The sizes that it also comes in, the smallest first.
    pub thumbnails: Vec<PixelSize>,
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct PixelSize {
    pub width: u32,
    pub height: u32,
}

/// What media are used for: that decides who may see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaUse {
    /// Whoever may read the message.
    Message {
        /// Its room.
        room_id: RoomId,
        /// Its number.
        seq: Seq,
    },
    /// Anybody who is signed in.
    UserAvatar(UserId),
    /// Whoever may see the room.
    RoomAvatar(RoomId),
}

/// What a message tells of the media that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageMedia {
    /// Which.
    pub media_id: MediaId,
    /// What it was found to be.
    pub content_type: String,
    /// How long it is.
    pub size_bytes: u64,
    /// A name to save it by.
    pub filename: String,
    /// Of a picture.
    pub size: Option<PixelSize>,
}

impl Media {
    /// What a message of `user` tells of this.
    ///
    /// # Errors
    /// [`Refusal::MediaNotFound`] if it is somebody else's, [`Refusal::MediaNotReady`] if it is not
    /// looked at yet, [`Refusal::Invalid`] if it was rejected or is used already.
    pub fn for_message(&self, user: UserId) -> Result<MessageMedia, Refusal> {
        let (size_bytes, picture) = self.usable("/media", user, None)?;
        Ok(MessageMedia {
            media_id: self.id,
            content_type: self.declared.content_type.as_str().to_owned(),
            size_bytes,
            filename: self.declared.filename.clone(),
            size: picture.map(|picture| picture.size),
        })
    }

    /// Whether `user` may make this the picture of a user or a room.
    ///
    /// # Errors
    /// As [`Self::for_message`], and [`Refusal::Invalid`] for what is no picture.
    pub fn for_avatar(&self, user: UserId, of: MediaUse) -> Result<(), Refusal> {
        const POINTER: &str = "/avatar_media_id";
        if self.usable(POINTER, user, Some(of))?.1.is_none() {
            let reason = "must be a JPEG, PNG, WebP or GIF".to_owned();
            return Err(Refusal::Invalid { pointer: POINTER, reason });
        }
        Ok(())
    }

    fn usable(
        &self,
        pointer: &'static str,
        user: UserId,
        again_for: Option<MediaUse>,
    ) -> Result<(u64, Option<&Picture>), Refusal> {
        if self.owner != user {
            return Err(Refusal::MediaNotFound);
        }
        if self.used.is_some() && self.used != again_for {
            let reason = "must not be used already".to_owned();
            return Err(Refusal::Invalid { pointer, reason });
        }
        match &self.state {
            MediaState::Ready { size_bytes, picture } => Ok((*size_bytes, picture.as_ref())),
            MediaState::Pending => Err(Refusal::MediaNotReady),
            MediaState::Rejected => {
                let reason = "must not be media that were rejected".to_owned();
                Err(Refusal::Invalid { pointer, reason })
            }
        }
    }
}

#[cfg(test)]
mod tests;
