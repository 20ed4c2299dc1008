//! Words by which people are found, as they are stored and as they are looked for.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Words of a name that find it. The rest costs a row each and finds little more.
const NAME_WORDS: usize = 4;

/// `text` without case and accents: "José" and "JOSE" are the same.
pub(crate) fn fold(text: &str) -> String {
    text.nfkd().flat_map(char::to_lowercase).filter(|one| !is_combining_mark(*one)).collect()
}

/// The words of folded text: runs of letters and digits.
pub(crate) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|one: char| !one.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The words that find a user: the username whole, and the first words of the name.
pub(crate) fn user_words(username: &str, name: &str) -> Vec<String> {
    let mut found = vec![username.to_owned()];
    for word in words(&fold(name)).take(NAME_WORDS) {
        if !found.iter().any(|one| one == word) {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        for (text, folded) in [
            ("José", "jose"),
            ("ÅNGSTRÖM", "angstrom"),
            ("ﬁne", "fine"),
            ("İstanbul", "istanbul"),
            ("Jose\u{301}", "jose"),
            ("李", "李"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn a_user_is_found_by_username_and_four_words() {
        assert_eq!(
            user_words("a.b", "Ana-Bela O'Neil da Costa"),
            ["a.b", "ana", "bela", "o", "neil"]
        );
        assert_eq!(user_words("ana", "Ana ANA"), ["ana"]);
        assert_eq!(user_words("ana", "🙂"), ["ana"]);
    }
}
