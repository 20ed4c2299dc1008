//! What a file is by its first bytes.

/// As many bytes as [`sniff`] looks at.
pub(crate) const HEAD_BYTES: u64 = 8 * 1024;

/// The media type that the first bytes tell of, if they do.
///
/// Text is looked at for markup too: a page needs no magic number, only a browser that guesses.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    if let Some(found) = infer::get(bytes) {
        return Some(found.mime_type());
    }
    let head = bytes.get(..HEAD_BYTES as usize).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '\u{c}']);
    if text.starts_with("<svg") || text.starts_with("<?xml") {
        return Some("text/xml");
    }
    let marks = ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<!--"];
    marks.iter().any(|mark| text.starts_with(mark)).then_some("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_found_without_a_magic_number() {
        for (bytes, expected) in [
            (&b"\xEF\xBB\xBF \n<!DOCTYPE HTML><p>"[..], Some("text/html")),
            (b"<script>alert(1)</script>", Some("text/html")),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Some("text/xml")),
            (b"hello", None),
            (b"", None),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"\xFF\xD8\xFF\xE0....", Some("image/jpeg")),
        ] {
            assert_eq!(sniff(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
