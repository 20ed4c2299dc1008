//! Whether a text is one emoji, and how that emoji is spelled.
//!
//! By the grammar of UTS #51 (ED-17) and not by a list of those in use: a list is out of date with
//! every new phone, and no part of this decision needs a name or a picture.

use unicode_properties::UnicodeEmoji;
use unicode_properties::emoji::EmojiStatus;

const JOINER: char = '\u{200D}';
const EMOJI_STYLE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
const BLACK_FLAG: char = '\u{1F3F4}';
const TAGS: std::ops::RangeInclusive<char> = '\u{E0020}'..='\u{E007E}';
const END_OF_TAGS: char = '\u{E007F}';
const REGIONS: std::ops::RangeInclusive<char> = '\u{1F1E6}'..='\u{1F1FF}';
const SKIN_TONES: std::ops::RangeInclusive<char> = '\u{1F3FB}'..='\u{1F3FF}';

/// Code points of the longest emoji that is taken; those in use have up to ten.
const MAX_CODE_POINTS: usize = 16;

/// The one emoji that `text` is, fully qualified, so that one emoji has one spelling: phones leave
/// out the selector that makes a picture of `❤`, or put it after what is a picture anyway.
///
/// `None` if it is anything else, or more than one.
pub(crate) fn emoji(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().take(MAX_CODE_POINTS + 1).collect();
    if chars.len() > MAX_CODE_POINTS {
        return None;
    }
    match chars.as_slice() {
        [first, second] if REGIONS.contains(first) && REGIONS.contains(second) => {
            return Some(text.to_owned());
        }
        ['0'..='9' | '#' | '*', rest @ ..] => {
            let is_keycap = matches!(rest, [KEYCAP] | [EMOJI_STYLE, KEYCAP]);
            return is_keycap.then(|| String::from_iter([chars[0], EMOJI_STYLE, KEYCAP]));
        }
        [BLACK_FLAG, tags @ .., END_OF_TAGS] if !tags.is_empty() => {
            return tags.iter().all(|tag| TAGS.contains(tag)).then(|| text.to_owned());
        }
        _ => {}
    }
    let mut spelled = String::with_capacity(text.len() + 3);
    let elements: Vec<_> = chars.split(|one| *one == JOINER).collect();
    // A tone alone is a picture, and joins none.
    let is_tone = |element: &&[char]| element.first().is_some_and(|one| SKIN_TONES.contains(one));
    if elements.len() > 1 && elements.iter().any(is_tone) {
        return None;
    }
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            spelled.push(JOINER);
        }
        spell(element, &mut spelled)?;
    }
    Some(spelled)
}

/// One picture of a sequence: with a skin tone, a selector, or neither.
fn spell(element: &[char], spelled: &mut String) -> Option<()> {
    let (first, rest) = element.split_first()?;
    let (as_text, takes_tone) = match first.emoji_status() {
        EmojiStatus::EmojiPresentation
        | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent => (false, false),
        EmojiStatus::EmojiPresentationAndModifierBase => (false, true),
        EmojiStatus::EmojiModifierBase => (true, true),
        EmojiStatus::EmojiOther => (true, false),
        // No emoji, or only a part of one: digits, letters of flags, hair.
        _ => return hair(element, spelled),
    };
    spelled.push(*first);
    match rest {
        [] | [EMOJI_STYLE] if as_text => spelled.push(EMOJI_STYLE),
        [] | [EMOJI_STYLE] => {}
        [tone] | [EMOJI_STYLE, tone] if takes_tone && SKIN_TONES.contains(tone) => {
            spelled.push(*tone);
        }
        _ => return None,
    }
    Some(())
}

/// The hair of a person, which is a picture only behind one.
fn hair(element: &[char], spelled: &mut String) -> Option<()> {
    match element {
        [hair @ '\u{1F9B0}'..='\u{1F9B3}'] if !spelled.is_empty() => {
            spelled.push(*hair);
            Some(())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation as _;

    use super::*;

    #[test]
    fn one_emoji_has_one_spelling() {
        for (text, spelled) in [
            ("👍", "👍"),
            ("👍\u{FE0F}", "👍"),
            ("❤", "❤\u{FE0F}"),
            ("❤\u{FE0F}", "❤\u{FE0F}"),
            ("👍🏽", "👍🏽"),
            ("☝🏽", "☝🏽"),
            ("☝\u{FE0F}🏽", "☝🏽"),
            ("☝", "☝\u{FE0F}"),
            ("🇪🇺", "🇪🇺"),
            ("1\u{20E3}", "1\u{FE0F}\u{20E3}"),
            ("#\u{FE0F}\u{20E3}", "#\u{FE0F}\u{20E3}"),
            ("👨\u{200D}👩\u{200D}👧\u{200D}👦", "👨\u{200D}👩\u{200D}👧\u{200D}👦"),
            ("🏳\u{200D}🌈", "🏳\u{FE0F}\u{200D}🌈"),
            ("🏴\u{200D}☠", "🏴\u{200D}☠\u{FE0F}"),
            ("👩🏽\u{200D}🦰", "👩🏽\u{200D}🦰"),
            ("👩🏻\u{200D}❤\u{200D}💋\u{200D}👨🏿", "👩🏻\u{200D}❤\u{FE0F}\u{200D}💋\u{200D}👨🏿"),
            (
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
                "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
            ),
            ("©", "©\u{FE0F}"),
            ("🫩", "🫩"),
            ("🏽", "🏽"),
        ] {
            assert_eq!(emoji(text).as_deref(), Some(spelled), "{text}");
        }
    }

    #[test]
    fn what_is_no_one_emoji_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "1",
            "#",
            "é",
            "李",
            ":)",
            "ok",
            "👍👍",
            "👍 ",
            " 👍",
            "👍a",
            "🇪",
            "🇪🇺🇪",
            "❤\u{FE0E}",
            "\u{FE0F}",
            "\u{200D}",
            "👍\u{200D}",
            "\u{200D}👍",
            "🦰",
            "👍\u{FE0F}\u{FE0F}",
            "🏽\u{200D}👍",
            "👍\u{200D}🏽",
            "👍🏽🏽",
            "1\u{FE0F}",
            "🏴\u{E007F}",
            "🏴\u{E0067}",
            "\u{20E3}",
            "😀🏽",
            "<b>",
            "👍\u{200D}a",
        ] {
            assert_eq!(emoji(text), None, "{text:?}");
        }
        let chain = ["👍"; 9].join("\u{200D}");
        assert_eq!(emoji(&chain), None, "17 code points");
        assert!(emoji(&["👍"; 8].join("\u{200D}")).is_some(), "15 code points");
    }

    const TEXT_STYLE: char = '\u{FE0E}';

    /// Characters of which emoji are made, and some of which they are not.
    const PARTS: [char; 17] = [
        'a',
        '1',
        '#',
        '👍',
        '❤',
        '👨',
        '🏴',
        '🇪',
        '🇺',
        '🏽',
        '🦰',
        JOINER,
        EMOJI_STYLE,
        TEXT_STYLE,
        KEYCAP,
        '\u{E0067}',
        END_OF_TAGS,
    ];

    proptest! {
        #[test]
        fn what_is_taken_is_one_character_to_a_reader_and_spelled_for_good(
            parts in prop::collection::vec(prop::sample::select(&PARTS), 0..6)
        ) {
            let text: String = parts.iter().collect();
            if let Some(spelled) = emoji(&text) {
                prop_assert_eq!(spelled.graphemes(true).count(), 1);
                prop_assert_eq!(emoji(&spelled), Some(spelled));
            }
        }
    }
}
