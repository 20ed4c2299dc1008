//! Every key there is in the bucket: the only place that spells one.

use domain::{Media, MediaId, MediaState, PixelSize};

/// Whether media are used: where their files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    Unused,
    Used,
}

impl Shelf {
    pub(crate) const fn of(media: &Media) -> Self {
        if media.used.is_some() { Self::Used } else { Self::Unused }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Unused => "u",
            Self::Used => "v",
        }
    }
}

/// Longer sides of the smaller pictures, in pixels.
pub(crate) const SIDES: [u32; 2] = [320, 1280];

pub(crate) fn uploaded(id: MediaId) -> String {
    format!("m/{id}")
}

/// The media that an uploaded object is of.
pub(crate) fn media_of(key: &str) -> Option<MediaId> {
    key.strip_prefix("m/")?.parse().ok()
}

pub(crate) fn whole(shelf: Shelf, id: MediaId) -> String {
    format!("{}/{id}/o", shelf.prefix())
}

/// Named by its longer side, which is one of [`SIDES`].
pub(crate) fn thumbnail(shelf: Shelf, id: MediaId, side: u32) -> String {
    format!("{}/{id}/{side}", shelf.prefix())
}

pub(crate) fn side(size: PixelSize) -> u32 {
    size.width.max(size.height)
}

/// Every key of ready media on a shelf.
pub(crate) fn all(media: &Media, shelf: Shelf) -> Vec<String> {
    let MediaState::Ready { picture, .. } = &media.state else { return Vec::new() };
    let sizes = picture.iter().flat_map(|picture| &picture.thumbnails);
    let thumbnails = sizes.map(|size| thumbnail(shelf, media.id, side(*size)));
    std::iter::once(whole(shelf, media.id)).chain(thumbnails).collect()
}

/// Every key that used media may have.
pub(crate) fn any_used(id: MediaId) -> impl Iterator<Item = String> {
    let thumbnails = SIDES.into_iter().map(move |side| thumbnail(Shelf::Used, id, side));
    std::iter::once(whole(Shelf::Used, id)).chain(thumbnails)
}
