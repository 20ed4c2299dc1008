//! Guard: what SECURITY.md promises has a test, and what it points at is there.

use std::collections::BTreeSet;
use std::path::Path;

use tests::root;

/// The rows of the table of controls: where each is, and its tests.
fn controls(document: &str) -> Vec<(String, String)> {
    let table = document.split("## Controls").nth(1).expect("it has controls");
    let rows = table.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').collect();
            assert_eq!(cells.len(), 3, "{line}");
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect()
}

/// What stands in back-ticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The names of all tests below a folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).expect("a source is text");
            let marked = source.split("test]").skip(1).filter_map(|rest| {
                let name = rest.split("fn ").nth(1)?.split('(').next()?;
                // Nothing but other attributes and docs between the mark and the function.
                Some(name.to_owned())
            });
            found.extend(marked);
        }
    }
}

fn faults(document: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let controls = controls(document);
    for (places, named) in &controls {
        let mut first = None;
        for place in quoted(places) {
            // A second file of the same folder goes by its name.
            let folder: &Path = first.unwrap_or_else(|| Path::new(""));
            if !root().join(place).exists() && !root().join(folder).join(place).exists() {
                faults.push(format!("there is no {place}"));
            }
            first = first.or_else(|| Path::new(place).parent());
        }
        for test in quoted(named).filter(|name| *name != ".ci/run" && !tests.contains(*name)) {
            faults.push(format!("there is no test {test}"));
        }
        if quoted(named).next().is_none() {
            faults.push(format!("no test of {places}"));
        }
    }
    faults
}

#[test]
fn every_control_is_where_it_is_said_to_be_and_has_its_tests() {
    let document = std::fs::read_to_string(root().join("SECURITY.md")).expect("it is there");
    let mut tests = BTreeSet::new();
    for folder in ["functions", "infra", "shared", "tests"] {
        tests_below(&root().join(folder), &mut tests);
    }
    assert!(controls(&document).len() > 15 && tests.len() > 300, "{}", tests.len());
    assert_eq!(faults(&document, &tests), Vec::<String>::new());
    // The controls: a test that is gone is missed, and a file.
    tests.remove("forged_tokens_let_nobody_in");
    assert_eq!(faults(&document, &tests).len(), 1);
    let moved = document.replacen("shared/rest/src/caller.rs", "shared/rest/src/who.rs", 1);
    assert_eq!(faults(&moved, &tests).len(), 2);
}
