//! Reading a picture within limits: upright, and only as large as the memory has room for.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

/// Most pixels: what a telephone takes today, and 256 MB in memory.
pub(crate) const MAX_PIXELS: u64 = 64_000_000;
/// Longest side, in pixels.
pub(crate) const MAX_SIDE: u32 = 16_384;
/// Most memory for reading one, beside the picture itself.
const MAX_ALLOC: u64 = 768 * 1024 * 1024;

/// Why a picture is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    #[error("it is larger than {MAX_PIXELS} pixels, or {MAX_SIDE} on a side")]
    TooLarge,
    #[error("it cannot be read")]
    Unreadable(#[from] ImageError),
    #[error("its blocks are not in order")]
    Disorder,
}

/// A picture as it is to be seen.
pub(crate) struct Upright {
    pub(crate) pixels: DynamicImage,
    /// Whether its file shows it otherwise, to whoever does not read the metadata.
    pub(crate) was_turned: bool,
    /// How its colours are meant.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Reads a picture. Its size is known, and refused, before anything is unpacked.
pub(crate) fn read(format: ImageFormat, bytes: &[u8]) -> Result<Upright, Broken> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Broken::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let mut pixels = DynamicImage::from_decoder(decoder)?;
    pixels.apply_orientation(orientation);
    Ok(Upright { pixels, was_turned: orientation != Orientation::NoTransforms, profile })
}
