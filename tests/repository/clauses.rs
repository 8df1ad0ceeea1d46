//! Goal: no clause of `spec/` is forgotten, in the code, in the tests or among the planted faults.
//!
//! Method: four sets of clause ids are compared. The headings of `spec/*.md`; the citations in
//! `src/` (the reference model excepted, which is the meaning of the clauses and not their
//! implementation); the citations in `tests/`; and the clauses that the planted faults of
//! `tests/faults/` break, each of which `scripts/planted` applies to show that the test named there
//! fails. What is missing on purpose stands in `tests/clauses.exceptions` with its reason.
//!
//! Limits: a citation shows that somebody thought of the clause; that the test is able to fail is
//! shown by the fault alone, and only for that fault.

use super::source::{is_same, places};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Ids = BTreeSet<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `folder` whose name ends in `ending`.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("the folder was just opened").path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every `[file/group-1]` in `text`.
fn citations(text: &str) -> Ids {
    text.split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .map(|(inside, _)| inside)
        .filter(|inside| {
            let Some((file, clause)) = inside.split_once('/') else { return false };
            let Some((group, number)) = clause.rsplit_once('-') else { return false };
            let word =
                |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase());
            word(file) && word(group) && number.parse::<u16>().is_ok()
        })
        .map(str::to_owned)
        .collect()
}

fn cited_below(folder: &str, except: &str) -> BTreeMap<PathBuf, Ids> {
    files(&root().join(folder), ".rs")
        .into_iter()
        .filter(|path| !path.starts_with(root().join(except)))
        .map(|path| (path.clone(), citations(&read(&path))))
        .collect()
}

fn union(cited: &BTreeMap<PathBuf, Ids>) -> Ids {
    cited.values().flatten().cloned().collect()
}

/// The ids of all clauses; checks the form of each heading.
fn clauses() -> Ids {
    let mut ids = Ids::new();
    for path in files(&root().join("spec"), ".md") {
        let text = read(&path);
        for line in text.lines().filter_map(|line| line.strip_prefix("### ")) {
            let parts: Vec<_> = line.split(" · ").collect();
            let [id, level, kind] = parts[..] else { continue };
            let file = path.file_stem().expect("a file has a name").to_string_lossy();
            assert!(id.starts_with(&*file), "{id} stands in {file}.md");
            assert!(["MUST", "SHOULD", "MAY"].contains(&level), "{line}");
            assert!(["DOC", "OURS", "PROFILE", "EXTENSION"].contains(&kind), "{line}");
            assert!(ids.insert(id.to_owned()), "{id} stands twice");
        }
    }
    assert!(
        ids.len() > 50,
        "only {} clauses found: has the form of the headings changed?",
        ids.len()
    );
    ids
}

/// A planted fault: tokens of an item of a source file and what to put in their place.
struct Fault {
    path: PathBuf,
    breaks: Ids,
    check: String,
    file: String,
    /// The path of the item, if the fault has one; without it the fault is a piece of text.
    item: Option<String>,
    old: String,
    new: String,
}

fn faults() -> Vec<Fault> {
    files(&root().join("tests/faults"), ".fault").iter().map(|path| fault(path)).collect()
}

fn fault(path: &Path) -> Fault {
    let text = read(path);
    let shown = path.display();
    let (head, rest) =
        text.split_once("=== old\n").unwrap_or_else(|| panic!("{shown}: no old text"));
    let (old, new) = rest.split_once("=== new\n").unwrap_or_else(|| panic!("{shown}: no new text"));
    let line = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim().to_owned())
    };
    let field = |name: &str| line(name).unwrap_or_else(|| panic!("{shown}: no {name:?}"));
    Fault {
        path: path.to_owned(),
        breaks: field("breaks:").split_whitespace().map(str::to_owned).collect(),
        check: field("check:"),
        file: field("file:"),
        item: line("in:"),
        old: without_last_newline(old),
        new: without_last_newline(new),
    }
}

/// A fault's texts may end in the middle of a line: the newline before what follows is not theirs.
fn without_last_newline(text: &str) -> String {
    text.strip_suffix('\n').unwrap_or(text).to_owned()
}

/// Lines of `id missing-in reason`, where missing-in is `code`, `tests` or `faults`.
fn exceptions() -> BTreeSet<(String, String)> {
    let text = read(&root().join("tests/clauses.exceptions"));
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        let (id, place) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        assert!(words.next().is_some_and(|reason| reason.len() > 20), "no reason given: {line}");
        assert!(["code", "tests", "faults"].contains(&place), "{line}");
        assert!(found.insert((id.to_owned(), place.to_owned())), "twice: {line}");
    }
    found
}

#[test]
fn every_cited_clause_exists() {
    let clauses = clauses();
    let mut everywhere = cited_below("src", "nowhere");
    everywhere.extend(cited_below("tests", "nowhere"));
    for ending in [".md", ".tla"] {
        for path in files(&root().join("spec"), ending) {
            everywhere.insert(path.clone(), citations(&read(&path)));
        }
    }
    for (path, ids) in everywhere {
        for id in ids {
            // The spec's own example of a citation and this file's are real clauses too.
            assert!(
                clauses.contains(&id) || id == "file/group-1",
                "{} cites [{id}]",
                path.display()
            );
        }
    }
}

#[test]
fn every_clause_is_implemented_tested_and_broken_by_a_fault() {
    let clauses = clauses();
    let broken: Ids = faults().iter().flat_map(|fault| fault.breaks.clone()).collect();
    let sets = [
        ("code", union(&cited_below("src", "src/model"))),
        ("tests", union(&cited_below("tests", "tests/repository/clauses.rs"))),
        ("faults", broken),
    ];
    let missing: BTreeSet<_> = sets
        .iter()
        .flat_map(|(place, ids)| {
            clauses.difference(ids).map(|id| (id.clone(), (*place).to_owned()))
        })
        .collect();
    let excepted = exceptions();
    let gaps: Vec<_> = missing.difference(&excepted).collect();
    let stale: Vec<_> = excepted.difference(&missing).collect();
    assert!(gaps.is_empty(), "clauses without a citation or a fault: {gaps:#?}");
    assert!(stale.is_empty(), "exceptions that are none any more: {stale:#?}");
    println!("{} clauses, {} faults, {} exceptions", clauses.len(), faults().len(), excepted.len());
}

#[test]
fn every_planted_fault_still_fits_the_source() {
    let clauses = clauses();
    let faults = faults();
    assert!(!faults.is_empty());
    let rust = ["src", "tests"].map(|folder| files(&root().join(folder), "rs")).concat();
    let sources: String = rust.iter().map(|path| read(path)).collect();
    let mut misfits = Vec::new();
    for fault in faults {
        let shown = fault.path.display();
        let Ok(source) = std::fs::read_to_string(root().join(&fault.file)) else {
            misfits.push(format!("{shown}: there is no {}", fault.file));
            continue;
        };
        let found = match &fault.item {
            Some(item) => match places(&source, item, &fault.old) {
                Ok(places) => places.len(),
                Err(error) => {
                    misfits.push(format!("{shown}: {}: {error}", fault.file));
                    continue;
                }
            },
            None => source.matches(&fault.old).count(),
        };
        if found != 1 {
            misfits.push(format!("{shown}: its old text fits {found} times in {}", fault.file));
        }
        assert!(!is_same(&fault.old, &fault.new), "{shown}: changes nothing");
        let reason = read(&fault.path).starts_with("why: ");
        assert!(reason || !fault.breaks.is_empty(), "{shown}: breaks no clause and has no reason");
        for id in &fault.breaks {
            assert!(clauses.contains(id), "{shown}: breaks {id}, which is no clause");
        }
        let before = if fault.check.starts_with("loom ") { 1 } else { 2 };
        for filter in fault.check.split_whitespace().skip(before) {
            let part = filter.split("::").filter(|part| !part.is_empty()).last();
            let is_item = |part: &str| {
                sources.contains(&format!("fn {part}")) || sources.contains(&format!("mod {part}"))
            };
            assert!(part.is_some_and(is_item), "{shown}: {filter} is no test");
        }
        let mut words = fault.check.split_whitespace();
        match (words.next(), words.next()) {
            (Some("test"), Some(name)) => {
                let file = root().join(format!("tests/{name}.rs"));
                assert!(file.exists(), "{shown}: there is no {}", file.display());
            }
            (Some("lib" | "loom" | "clippy" | "doc"), _) => {}
            _ => panic!("{shown}: {:?} is no check", fault.check),
        }
    }
    assert!(misfits.is_empty(), "{} faults do not fit:\n{}", misfits.len(), misfits.join("\n"));
}
