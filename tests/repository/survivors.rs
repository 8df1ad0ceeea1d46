//! Goal: what is written about mutants of the core that no test notices is about the core as it is.
//!
//! Method: `tests/survivors.reasons` is read as text. The place of each entry must be a line of its
//! file, the function must be there, and a scenario of loom that is named must exist.
//!
//! Limits: that these are the mutants which survive, all of them and no other, is what
//! `scripts/mutants` shows, which takes too long for every run of the tests.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value of `name: value` in an entry.
fn field<'text>(entry: &'text str, name: &str) -> Option<&'text str> {
    entry.lines().find_map(|line| line.trim().strip_prefix(name))
}

/// The last word of `file: delete ! in Type::function` or `file: replace Type::function with ()`,
/// as it stands behind `fn`. The second of two that look alike is `(no. 2)`.
fn function(mutant: &str) -> &str {
    let mutant = mutant.split(" (no. ").next().expect("a split has a part");
    let path = match mutant.rsplit_once(" in ") {
        Some((_, path)) => path,
        None => mutant.split(": replace ").nth(1).expect("a mutant replaces or deletes"),
    };
    let path = path.split(" -> ").next().and_then(|path| path.split(" with ").next());
    path.and_then(|path| path.rsplit("::").next()).expect("a split has a part")
}

#[test]
fn every_survivor_that_is_explained_stands_in_the_code() {
    let text = read("tests/survivors.reasons");
    let entries = text.split("\n\n").filter(|entry| !entry.trim().starts_with('#'));
    let mut found = 0;
    for entry in entries.filter(|entry| !entry.trim().is_empty()) {
        let mutant = entry.trim().lines().next().expect("it is not empty");
        let (file, _) = mutant.split_once(": ").expect("a file and what is changed in it");
        let code = read(file);
        let name = function(mutant);
        assert!(code.contains(&format!("fn {name}")), "{file} has no function {name}: {entry}");
        if let Some(place) = field(entry, "at: ") {
            let line = place.replacen("{{", "", 1).replacen("}}", "", 1);
            assert!(code.lines().any(|each| each.trim() == line), "{file} has no line {line:?}");
        }
        assert!(field(entry, "why: ").is_some_and(|why| why.len() > 20), "no reason: {entry}");
        if let Some(scenario) = field(entry, "loom: ") {
            let scenarios = read("tests/support/concurrency/mod.rs");
            assert!(scenarios.contains(&format!(", {scenario});")), "{scenario} is no scenario");
        }
        found += 1;
    }
    assert!(found > 0, "no entry was found: has the form of the file changed?");
}
