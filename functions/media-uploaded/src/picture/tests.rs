//! Pictures made here, with what a camera or an enemy puts into them.

use std::io::Cursor;

use image::{ExtendedColorType, Rgb, RgbImage};

use super::*;

const PLACE: &[u8] = b"52 31 12.3 N 13 24 36.7 E";

/// Red on the left, blue on the right.
fn landscape(width: u32, height: u32) -> RgbImage {
    let half = width / 2;
    RgbImage::from_fn(
        width,
        height,
        |x, _| if x < half { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) },
    )
}

/// The EXIF of a camera that was held upright: orientation 6, and where it was.
fn exif() -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    tiff.extend(b"\0\x02"); // Two entries.
    tiff.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"); // Orientation: turn right.
    let count = u32::try_from(PLACE.len()).unwrap().to_be_bytes();
    tiff.extend(b"\x01\x0e\0\x02"); // Description.
    tiff.extend(count);
    tiff.extend(38_u32.to_be_bytes());
    tiff.extend(0_u32.to_be_bytes());
    tiff.extend(PLACE);
    tiff
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, 95);
    encoder.set_exif_metadata(exif()).unwrap();
    encoder.write_image(&landscape(width, height), width, height, ExtendedColorType::Rgb8).unwrap();
    out
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn open(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().to_rgb8()
}

fn size(width: u32, height: u32) -> PixelSize {
    PixelSize { width, height }
}

#[test]
fn a_photograph_is_turned_upright_and_forgets_where_it_was_taken() {
    let bytes = jpeg(1600, 800);
    assert!(holds(&bytes, PLACE), "the control: the place was in it");
    let redrawn = redraw("image/jpeg", bytes).unwrap();
    assert_eq!(redrawn.picture.size, size(800, 1600));
    assert_eq!(redrawn.picture.thumbnails, [size(160, 320), size(640, 1280)]);
    let files = redrawn.thumbnails.iter().map(|(_, bytes)| bytes).chain([&redrawn.whole]);
    for bytes in files {
        assert!(!holds(bytes, PLACE) && !holds(bytes, b"Exif"));
        let seen = open(bytes);
        let (top, bottom) = (seen.get_pixel(5, 5), seen.get_pixel(5, seen.height() - 5));
        assert!(top[0] > 150 && bottom[2] > 150, "left was turned to the top: {top:?} {bottom:?}");
    }
}

#[test]
fn a_small_picture_is_never_made_larger() {
    let mut bytes = Vec::new();
    landscape(320, 200).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    let redrawn = redraw("image/png", bytes).unwrap();
    assert_eq!((redrawn.picture.size, redrawn.thumbnails.len()), (size(320, 200), 0));
    assert_eq!(open(&redrawn.whole), landscape(320, 200), "nothing is lost");
}

#[test]
fn what_is_no_whole_picture_of_its_type_is_refused() {
    let mut png = Vec::new();
    landscape(64, 64).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
    let whole = jpeg(64, 64);
    for (content_type, bytes) in [
        ("image/jpeg", png.clone()),
        ("image/png", png[..png.len() / 2].to_vec()),
        ("image/jpeg", whole[..40].to_vec()),
        ("image/webp", png.clone()),
        ("image/gif", Vec::new()),
        ("image/svg+xml", b"<svg/>".to_vec()),
    ] {
        assert!(redraw(content_type, bytes).is_err(), "{content_type}");
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    // 16,000 squared of one colour: a few hundred kilobytes, and 768 MB once unpacked.
    let mut bytes = Vec::new();
    landscape(8, 8).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    for (width, height) in [(16_000_u32, 16_000_u32), (20_000, 1)] {
        let mut bomb = bytes.clone();
        bomb[16..20].copy_from_slice(&width.to_be_bytes());
        bomb[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        let error = redraw("image/png", bomb).err().unwrap();
        let by_pixels = matches!(error, Broken::TooLarge);
        let by_side = matches!(error, Broken::Unreadable(image::ImageError::Limits(_)));
        assert!(by_pixels || by_side, "{error:?}");
    }
}

/// The check sum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[test]
fn a_moving_gif_keeps_its_frames_and_loses_its_comment() {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        encoder.set_repeat(image::codecs::gif::Repeat::Infinite).unwrap();
        for _ in 0..2 {
            let frame = DynamicImage::ImageRgb8(landscape(16, 8)).to_rgba8();
            encoder.encode_frame(image::Frame::new(frame)).unwrap();
        }
    }
    // A comment before the end.
    let end = bytes.pop().unwrap();
    bytes.extend(b"\x21\xfe");
    bytes.push(u8::try_from(PLACE.len()).unwrap());
    bytes.extend(PLACE);
    bytes.extend([0, end]);
    bytes.extend(b"<script>");
    let redrawn = redraw("image/gif", bytes).unwrap();
    assert!(!holds(&redrawn.whole, PLACE) && !holds(&redrawn.whole, b"<script>"));
    assert!(holds(&redrawn.whole, b"NETSCAPE2.0"));
    let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(&redrawn.whole)).unwrap();
    assert_eq!(image::AnimationDecoder::into_frames(decoder).count(), 2);
}

#[test]
fn a_webp_loses_its_metadata_and_keeps_its_picture() {
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut bytes);
    let mut plain = exif();
    plain[19] = 1; // Not turned.
    encoder.set_exif_metadata(plain).unwrap();
    encoder.write_image(&landscape(40, 20), 40, 20, ExtendedColorType::Rgb8).unwrap();
    assert!(holds(&bytes, PLACE), "the control: the place was in it");
    let redrawn = redraw("image/webp", bytes).unwrap();
    assert!(!holds(&redrawn.whole, PLACE) && !holds(&redrawn.whole, b"EXIF"));
    assert_eq!(open(&redrawn.whole), landscape(40, 20));
}
