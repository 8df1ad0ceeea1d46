//! Goal: the data is right: each case has a clause, and each clause a case or a reason.

use super::diagnosis::Table;
use super::dialect::mutations_of;
use super::dialect::{COMMON, Dialect, dialect, extended, names};
use super::reader::book;
use super::readings::Readings;
use super::script::{Action, Case};
use super::selftest::on_trial;
use super::spec::Spec;
use super::template::{Names, pattern};
use super::{result, special};
use crate::mutants::{extension_mutations, mutations};
use std::collections::BTreeSet;

/// Every dialect, also with its extensions.
fn all() -> impl Iterator<Item = (&'static str, &'static Dialect)> {
    names().into_iter().flat_map(|name| {
        let known = [dialect(name), extended(name)];
        known.into_iter().flatten().map(move |dialect| (name, dialect))
    })
}

#[test]
fn every_case_has_a_clause_and_every_clause_a_case_or_a_reason() {
    for (name, dialect) in all() {
        let spec = Spec::of(&[COMMON, dialect.spec]);
        let book = book(dialect).expect("the files are understood");
        let mut ids = BTreeSet::new();
        let mut covered = BTreeSet::new();
        for case in &book.cases {
            assert!(ids.insert(&case.id), "{} stands twice", case.id);
            assert!(spec.get(&case.clause).is_some(), "{}: no such clause", case.id);
            assert!(!case.says.is_empty() && !case.hint.is_empty(), "{}: says little", case.id);
            assert_eq!(
                case.steps.is_empty(),
                case.runs.is_some(),
                "{}: steps or a function",
                case.id
            );
            covered.insert(case.clause.as_str());
            let known = case.runs.as_deref().is_none_or(special::is_known);
            assert!(known, "{}: no such function", case.id);
        }
        for (id, reason) in &book.unjudged {
            assert!(spec.get(id).is_some() && reason.len() > 20, "{id}: {reason}");
            assert!(
                covered.insert(id),
                "{id} has both a case and a reason for none, or two reasons"
            );
        }
        let missing: Vec<&str> = spec.ids().filter(|id| !covered.contains(id)).collect();
        assert!(missing.is_empty(), "neither a case nor a reason: {missing:?}");
        assert!(!book.control.is_empty(), "{name} has no control");
    }
}

#[test]
fn every_template_can_be_expanded() {
    for (_, dialect) in all() {
        let book = book(dialect).expect("the files are understood");
        let words = Readings::default().words(&book);
        let names_here = Names { nonce: "0123456".to_owned(), words };
        for step in book.cases.iter().flat_map(|case| &case.steps).chain(&book.control) {
            let templates = match &step.action {
                Action::Send(bytes) | Action::Expect { bytes, .. } => vec![bytes],
                Action::OneOf(readings) => readings.iter().map(|reading| &reading.bytes).collect(),
                _ => continue,
            };
            for template in templates {
                pattern(template, &names_here).expect("a template");
            }
        }
    }
}

#[test]
fn clauses_are_read_with_their_sentences() {
    let spec = Spec::of(&[COMMON, dialect("rooms").expect("it is there").spec]);
    let clause = spec.get("rooms/join-4").expect("it is there");
    assert_eq!(clause.sentence, "The user's name has 1 to 20 characters.");
    assert!(
        clause.quotation.as_ref().expect("it quotes").starts_with("**{USERNAME}** is the name")
    );
    assert_eq!((clause.level.name(), clause.kind.name()), ("MUST", "DOC"));
}

#[test]
fn nothing_known_is_not_conformance() {
    assert_eq!(result::Report::judged(&[]), None);
}

#[test]
fn every_case_on_trial_names_a_mutant_of_its_dialect() {
    let mut without = Vec::new();
    for (name, dialect) in all() {
        let book = book(dialect).expect("the files are understood");
        let of_extension = |case: &&Case| case.clause.starts_with("extensions/");
        let tried = |case: &&Case| on_trial(case) && of_extension(case) == dialect.is_extended;
        for case in book.cases.iter().filter(tried) {
            if !dialect.mutants().any(|one| case.kills.iter().any(|kill| kill == one.name)) {
                without.push(format!("{name}: {}", case.id));
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn every_mutant_that_a_case_names_exists() {
    let known: BTreeSet<&str> =
        mutations().chain(extension_mutations()).map(|one| one.name).collect();
    for (_, dialect) in all() {
        let book = book(dialect).expect("the files are understood");
        for (case, mutant) in
            book.cases.iter().flat_map(|case| case.kills.iter().map(move |name| (case, name)))
        {
            assert!(known.contains(mutant.as_str()), "{}: no mutant {mutant}", case.id);
        }
    }
}

#[test]
fn every_mutant_is_named_by_a_case_of_each_of_its_dialects() {
    let mut without = Vec::new();
    for (name, dialect) in all() {
        let book = book(dialect).expect("the files are understood");
        for mutation in dialect.mutants() {
            let named =
                book.cases.iter().any(|case| case.kills.iter().any(|kill| kill == mutation.name));
            if !named {
                without.push(format!("{name}: {}", mutation.name));
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn the_tables_of_failures_are_those_of_these_cases_and_mutants() {
    let mut wrong = Vec::new();
    for name in names() {
        let dialect = dialect(name).expect("it is listed");
        let book = book(dialect).expect("the files are understood");
        let cases: BTreeSet<&str> = book.cases.iter().map(|case| case.id.as_str()).collect();
        let table = Table::read(dialect.fails);
        for mutant in table.names() {
            if !mutations_of(name).any(|one| one.name == mutant) {
                wrong.push(format!("{name}: no mutant {mutant}"));
            }
            let unknown = table.fails(mutant).into_iter().flatten();
            let unknown = unknown.filter(|id| !cases.contains(*id));
            wrong.extend(unknown.map(|id| format!("{name}: {mutant}: no case {id}")));
        }
        for case in book.cases.iter().filter(|case| on_trial(case)) {
            for mutation in
                mutations_of(name).filter(|one| case.kills.iter().any(|kill| kill == one.name))
            {
                let found = table.fails(mutation.name);
                if !found.is_some_and(|found| found.contains(case.id.as_str())) {
                    wrong.push(format!("{name}: {} and {} are no pair", mutation.name, case.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "scripts/kill-tables makes them anew: {wrong:#?}");
}
