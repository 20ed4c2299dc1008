//! Taking the metadata out of files whose frames are to stay as they are.
//!
//! The file is known to be readable: this only walks its blocks, and gives up where they do not fit.

use crate::orientation::Broken;

/// A GIF without comments, texts and applications' blocks, but for the one that makes it repeat.
pub(crate) fn gif(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut from = Blocks { bytes, at: 0 };
    let mut out = from.take(13)?.to_owned();
    out.extend(from.take(color_table(out[10]))?);
    loop {
        let start = from.at;
        match from.take(1)?[0] {
            0x2c => {
                let flags = from.take(9)?[8];
                from.take(color_table(flags) + 1)?;
                from.skip_sub_blocks()?;
            }
            0x21 => {
                let label = from.take(1)?[0];
                let content = from.at;
                from.skip_sub_blocks()?;
                let repeats = bytes.get(content..content + 12) == Some(b"\x0bNETSCAPE2.0");
                if !(label == 0xf9 || label == 0xff && repeats) {
                    continue;
                }
            }
            // Whatever follows the end belongs to no picture.
            0x3b => {
                out.push(0x3b);
                return Ok(out);
            }
            _ => return Err(Broken::Disorder),
        }
        out.extend_from_slice(&bytes[start..from.at]);
    }
}

/// Bytes of the table that these flags announce.
fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) }
}

/// A WebP without EXIF, XMP and chunks that no browser draws.
pub(crate) fn webp(bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    const KEPT: [&[u8]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
    const EXIF_AND_XMP: u8 = 0b0000_1100;
    let mut from = Blocks { bytes, at: 0 };
    let riff = from.take(12)?;
    if &riff[..4] != b"RIFF" || &riff[8..] != b"WEBP" {
        return Err(Broken::Disorder);
    }
    let end = 8 + length(&riff[4..8])?;
    let mut out = riff.to_owned();
    while from.at < end.min(bytes.len()) {
        let head = from.take(8)?;
        let size = length(&head[4..])?;
        let body = from.take(size)?;
        if size % 2 == 1 {
            from.at += 1; // Padding, which a careless writer leaves out at the end.
        }
        if !KEPT.contains(&&head[..4]) {
            continue;
        }
        out.extend_from_slice(head);
        let start = out.len();
        out.extend_from_slice(body);
        if size % 2 == 1 {
            out.push(0);
        }
        if let (b"VP8X", Some(flags)) = (&head[..4], out.get_mut(start)) {
            *flags &= !EXIF_AND_XMP;
        }
    }
    let size = u32::try_from(out.len() - 8).map_err(|_| Broken::Disorder)?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Ok(out)
}

fn length(bytes: &[u8]) -> Result<usize, Broken> {
    let bytes = bytes.try_into().map_err(|_| Broken::Disorder)?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| Broken::Disorder)
}

struct Blocks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Blocks<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(count).ok_or(Broken::Disorder)?;
        let taken = self.bytes.get(self.at..end).ok_or(Broken::Disorder)?;
        self.at = end;
        Ok(taken)
    }

    /// Lengths and so many bytes each, up to a length of 0.
    fn skip_sub_blocks(&mut self) -> Result<(), Broken> {
        loop {
            match self.take(1)?[0] {
                0 => return Ok(()),
                count => _ = self.take(usize::from(count))?,
            }
        }
    }
}
