//! What counts as a usable line or text. Lengths are Unicode scalar values ("characters"), because
//! that is what every client language can count the same way.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::Refusal;

/// A single line a person may read: trimmed, 1 to `max_chars` characters, no control characters.
///
/// # Errors
/// [`Refusal::Invalid`] at `pointer`.
pub fn clean_line(text: &str, max_chars: usize, pointer: &'static str) -> Result<String, Refusal> {
    let trimmed = text.trim();
    let invalid = |reason: String| Err(Refusal::Invalid { pointer, reason });
    if trimmed.is_empty() {
        return invalid("must not be empty".to_owned());
    }
    if trimmed.chars().count() > max_chars {
        return invalid(format!("must be at most {max_chars} characters"));
    }
    if trimmed.chars().any(char::is_control) {
        return invalid("must not contain control characters".to_owned());
    }
    Ok(trimmed.to_owned())
}

/// `text` without case and accents: "José" and "JOSE" are the same.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).filter(|one| !is_combining_mark(*one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(clean_line("  Ana ", 3, "/name"), Ok("Ana".to_owned()));
        assert_eq!(clean_line("äöü", 3, "/name"), Ok("äöü".to_owned()));
        for bad in ["", "   ", "Anna", "a\nb", "a\u{0}"] {
            assert!(clean_line(bad, 3, "/name").is_err(), "{bad:?}");
        }
    }
}
