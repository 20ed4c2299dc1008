//! Drawing a picture anew: upright, without what it told besides, and smaller ones of it.

use domain::{Picture, PixelSize};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat};

use crate::orientation::{Broken, Upright, read};
use crate::strip;

/// Longer sides of the smaller pictures.
const SIDES: [u32; 2] = [320, 1280];
/// Of 100: what nobody sees a difference to.
const QUALITY: u8 = 90;

/// What is kept of a picture.
pub(crate) struct Redrawn {
    pub(crate) whole: Vec<u8>,
    pub(crate) picture: Picture,
    /// By their longer side.
    pub(crate) thumbnails: Vec<(u32, Vec<u8>)>,
}

/// Draws a picture of this media type anew.
///
/// JPEG and PNG are unpacked and packed again, so that nothing is left of a file but its picture.
/// GIF and WebP may move: they keep their frames, and lose the blocks that hold metadata. Their
/// thumbnails show the first frame.
///
/// # Errors
/// If it is none, is broken or is too large.
pub(crate) fn redraw(content_type: &str, bytes: Vec<u8>) -> Result<Redrawn, Broken> {
    let format = ImageFormat::from_mime_type(content_type).ok_or(Broken::Disorder)?;
    let Upright { pixels, was_turned, profile } = read(format, &bytes)?;
    let whole = match format {
        ImageFormat::Gif => strip::gif(&bytes)?,
        ImageFormat::WebP if !was_turned => strip::webp(&bytes)?,
        _ => {
            drop(bytes);
            encode(format, &pixels, profile.clone())?
        }
    };
    let size = PixelSize { width: pixels.width(), height: pixels.height() };
    let mut thumbnails = Vec::new();
    let mut sizes = Vec::new();
    for side in SIDES {
        if side >= size.width.max(size.height) {
            continue; // Never made larger.
        }
        let small = pixels.resize(side, side, image::imageops::FilterType::Triangle);
        sizes.push(PixelSize { width: small.width(), height: small.height() });
        thumbnails.push((side, encode(format, &small, profile.clone())?));
    }
    Ok(Redrawn { whole, picture: Picture { size, thumbnails: sizes }, thumbnails })
}

fn encode(
    format: ImageFormat,
    pixels: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> Result<Vec<u8>, Broken> {
    let mut out = Vec::new();
    match format {
        ImageFormat::Jpeg => {
            write(JpegEncoder::new_with_quality(&mut out, QUALITY), pixels, profile)?;
        }
        ImageFormat::WebP => {
            write(WebPEncoder::new_lossless(&mut out), &eight_bit(pixels), profile)?;
        }
        ImageFormat::Gif => {
            GifEncoder::new(&mut out).encode_frame(image::Frame::new(pixels.to_rgba8()))?;
        }
        _ => write(PngEncoder::new(&mut out), pixels, profile)?,
    }
    Ok(out)
}

fn write(
    mut encoder: impl ImageEncoder,
    pixels: &DynamicImage,
    profile: Option<Vec<u8>>,
) -> Result<(), Broken> {
    if let Some(profile) = profile {
        // Without it colours are a little off: no reason to refuse the picture.
        let _ = encoder.set_icc_profile(profile);
    }
    Ok(pixels.write_with_encoder(encoder)?)
}

/// WebP knows nothing finer.
fn eight_bit(pixels: &DynamicImage) -> DynamicImage {
    if pixels.color().has_alpha() {
        DynamicImage::ImageRgba8(pixels.to_rgba8())
    } else {
        DynamicImage::ImageRgb8(pixels.to_rgb8())
    }
}

#[cfg(test)]
mod tests;
