//! The list of mutations is in order.

use parlance_conform::mutants::mutations;
use parlance_model::Dialect;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn names_are_unique_words_with_hyphens() {
    let mut names = BTreeSet::new();
    for mutation in mutations() {
        assert!(names.insert(mutation.name), "{} stands twice", mutation.name);
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(mutation.name.bytes().all(fits), "{}", mutation.name);
        assert!(!mutation.dialects.is_empty(), "{} is of no dialect", mutation.name);
        assert!(mutation.story.len() > 10, "{} has no story", mutation.name);
    }
}

#[test]
fn each_breaks_a_clause_that_exists() {
    for mutation in mutations() {
        let (file, _) = mutation.breaks.split_once('/').expect("a clause has a file");
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .join(format!("spec/{file}.md"));
        let text = std::fs::read_to_string(&path).unwrap();
        let heading = format!("\n### {} · ", mutation.breaks);
        assert!(text.contains(&heading), "{} breaks {}", mutation.name, mutation.breaks);
    }
}

/// A mutation of several dialects breaks a clause of all of them.
#[test]
fn the_clause_is_one_of_its_dialect() {
    for mutation in mutations() {
        let file = mutation.breaks.split('/').next().unwrap();
        let of = |dialect: &Dialect| format!("{dialect:?}").to_lowercase() == file;
        let fits = file == "common" || mutation.dialects.iter().all(of);
        assert!(fits, "{} breaks {}", mutation.name, mutation.breaks);
    }
}

#[test]
fn every_dialect_has_enough_of_them() {
    let of = |dialect| mutations().filter(|one| one.dialects.contains(&dialect)).count();
    assert!(mutations().count() >= 60);
    assert!(of(Dialect::Rooms) >= 15);
    for dialect in [Dialect::Lobby, Dialect::Simple, Dialect::Login, Dialect::Channels] {
        assert!(of(dialect) >= 8, "{dialect:?}");
    }
}
