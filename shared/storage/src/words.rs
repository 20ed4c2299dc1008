//! Words by which people are found, as they are stored and as they are looked for.

pub(crate) use domain::fold;

/// Words of a name that find it. The rest costs a row each and finds little more.
const NAME_WORDS: usize = 4;

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

/// Words of a room's name that find it. Each is a row in the transaction that makes the room, which
/// has room for 100.
const ROOM_WORDS: usize = 8;

/// Characters of a name or word that are in a key: one folded character may become eighteen, and a
/// key has 1,024 bytes.
const KEY_CHARS: usize = 64;

/// As much of folded text as is in a key.
pub(crate) fn key_part(folded: &str) -> &str {
    folded.char_indices().nth(KEY_CHARS).map_or(folded, |(end, _)| &folded[..end])
}

/// The words that find a public room: the first ones of its name.
pub(crate) fn room_words(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(&fold(name)).take(ROOM_WORDS).map(key_part) {
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
    fn a_room_is_found_by_eight_words_and_no_key_is_too_long() {
        assert_eq!(room_words("News & News, the  Best"), ["news", "the", "best"]);
        assert_eq!(room_words("a b c d e f g h i j"), ["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(room_words("🙂"), [""; 0]);
        // The character that folds to the most.
        let longest = "\u{FDFA}".repeat(domain::MAX_ROOM_NAME_CHARS);
        let (name, words) = (fold(&longest), room_words(&longest));
        assert!(name.len() > 1_024);
        let room = domain::RoomId::new(uuid::Uuid::nil());
        for word in words {
            let key = crate::key::room_word(&word, key_part(&name), room).unwrap();
            assert!(key.sk.len() <= 1_024 && key.pk.len() <= 2_048, "{}", key.sk.len());
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
