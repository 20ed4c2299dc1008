//! Whatever is in a template, it loads or is refused on one of its lines; nothing panics.

use proptest::prelude::*;

use super::tests::GOOD;
use super::*;

/// What was made of a text: whether it loads, or where it is refused.
fn look(text: &str) -> Result<(), TestCaseError> {
    if let Err(Refusal { line, message }) = parse(text, &[]) {
        prop_assert!(!message.is_empty());
        prop_assert!((1..=text.lines().count().max(1) + 1).contains(&line), "{line}: {message}");
    }
    Ok(())
}

fn real() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    std::fs::read_to_string(file).unwrap()
}

/// What somebody does to a file by accident.
#[derive(Debug, Clone)]
enum Slip {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Indent(usize, usize),
    Cut(usize),
    Put(usize, String),
    Rename(usize, &'static str),
}

fn slip() -> impl Strategy<Value = Slip> {
    let line = || any::<usize>();
    let word = prop_oneof![
        Just("!Ref Nobody"),
        Just("!GetAtt"),
        Just("!Sub \"${\""),
        Just("!Join [a]"),
        Just("&a [*a]"),
        Just("{}"),
        Just("[]"),
        Just("null"),
        Just("-1"),
        Just("99999999999999999999"),
        Just("!If [Live, 1]"),
        Just("!Not [!Not []]"),
    ];
    prop_oneof![
        line().prop_map(Slip::Drop),
        line().prop_map(Slip::Double),
        (line(), line()).prop_map(|(one, other)| Slip::Swap(one, other)),
        (line(), 0..12_usize).prop_map(|(line, spaces)| Slip::Indent(line, spaces)),
        line().prop_map(Slip::Cut),
        (line(), "[ -~\u{e9}\t\n]{1,6}").prop_map(|(place, text)| Slip::Put(place, text)),
        (line(), word).prop_map(|(line, word)| Slip::Rename(line, word)),
    ]
}

fn slipped(text: &str, slips: &[Slip]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for slip in slips {
        let at = |line: &usize| line % lines.len();
        match slip {
            _ if lines.is_empty() => break,
            Slip::Drop(line) => {
                let line = at(line);
                lines.remove(line);
            }
            Slip::Double(line) => {
                let line = at(line);
                lines.insert(line, lines[line].clone());
            }
            Slip::Swap(one, other) => {
                let (one, other) = (at(one), at(other));
                lines.swap(one, other);
            }
            Slip::Indent(line, spaces) => {
                let line = at(line);
                lines[line] = format!("{}{}", " ".repeat(*spaces), lines[line].trim_start());
            }
            Slip::Cut(line) => {
                let line = at(line);
                let half = lines[line].chars().count() / 2;
                lines[line] = lines[line].chars().take(half).collect();
            }
            Slip::Put(place, text) => {
                let line = at(place);
                let chars = lines[line].chars().count() + 1;
                let (before, after): (Vec<_>, Vec<_>) =
                    lines[line].chars().enumerate().partition(|(index, _)| *index < place % chars);
                let text_of = |part: Vec<(usize, char)>| part.into_iter().map(|(_, c)| c);
                lines[line] = text_of(before).chain(text.chars()).chain(text_of(after)).collect();
            }
            Slip::Rename(line, word) => {
                let line = at(line);
                if let Some((key, _)) = lines[line].clone().split_once(": ") {
                    lines[line] = format!("{key}: {word}");
                }
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_loads_or_is_refused(text in "\\PC{0,200}", yaml in "[a-zA-Z:!&*\\[\\]{},# \n\"'|>?-]{0,200}") {
        look(&text)?;
        look(&yaml)?;
    }

    #[test]
    fn a_template_with_slips_loads_or_is_refused(slips in prop::collection::vec(slip(), 1..4)) {
        look(&slipped(GOOD, &slips))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_template_of_this_repository_with_slips_loads_or_is_refused(
        slips in prop::collection::vec(slip(), 1..4),
    ) {
        look(&slipped(&real(), &slips))?;
    }
}

/// The control: the slips break something, and not everything.
#[test]
fn slips_are_found_and_harmless_ones_are_not() {
    assert!(parse(&slipped(GOOD, &[Slip::Indent(1, 0)]), &[]).is_ok());
    for slip in [Slip::Drop(3), Slip::Rename(1, "{}"), Slip::Cut(1)] {
        let broken = slipped(GOOD, std::slice::from_ref(&slip));
        assert!(parse(&broken, &[]).is_err(), "{slip:?}");
    }
}
