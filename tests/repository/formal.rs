//! Goal: the formal model in `spec/model` fits together, and says which clauses it is the meaning
//! of.
//!
//! Method: its files are read as text. Every action and every property must cite a clause in the
//! comment before it (that the clause exists is checked in `clauses.rs`); every property that is
//! listed must be broken by a planted fault; every fault must still fit the module.
//!
//! Limits: nothing is explored here. That the properties hold, and that the faults are reported as
//! the properties they name, is what `scripts/model-check` shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/model")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of `folder` whose name ends in `ending`, by name without it.
fn files(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let found: BTreeMap<_, _> = entries
        .filter_map(|entry| {
            let path = entry.expect("the folder was just opened").path();
            let name = path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned();
            Some((name, read(&path)))
        })
        .collect();
    assert!(!found.is_empty(), "no {ending} in {}", folder.display());
    found
}

/// The value of `name: value` among the lines that begin with `mark`.
fn field<'text>(text: &'text str, mark: &str, name: &str) -> &'text str {
    let value = text.lines().find_map(|line| line.strip_prefix(mark)?.strip_prefix(name));
    value.unwrap_or_else(|| panic!("no {name:?} in {text:?}")).trim()
}

/// The comment directly before the definition of `name` in `module`.
fn comment_before(module: &str, name: &str) -> String {
    let is_its = |line: &&str| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(" ==") || rest.starts_with('('))
    };
    let before = module.lines().take_while(|line| !is_its(line)).collect::<Vec<_>>();
    assert!(before.len() < module.lines().count(), "{name} is not defined");
    // Between the two may stand the definition that a step property wraps, and the like.
    let lines = before.iter().rev().take_while(|line| !line.is_empty());
    lines.filter(|line| line.starts_with("(*")).copied().collect()
}

/// What `Next` chooses from.
fn actions(module: &str) -> BTreeSet<String> {
    let next = module.split("\nNext ==\n").nth(1).expect("a module has a Next");
    let lines = next.lines().take_while(|line| !line.is_empty());
    lines
        .map(|line| {
            let action = line.rsplit(": ").next().expect("a split has a part").trim();
            let action = action.trim_start_matches("\\/").trim();
            action.split('(').next().expect("a split has a part").to_owned()
        })
        .collect()
}

/// The properties of a configuration, invariants and others.
fn properties(config: &str) -> BTreeSet<String> {
    let lists = config.split_once("\nINVARIANTS\n").or(config.split_once("\nPROPERTIES\n"));
    let (_, lists) = lists.expect("a configuration checks something");
    let names = lists.lines().map(str::trim).filter(|line| *line != "PROPERTIES");
    names.map(str::to_owned).collect()
}

#[test]
fn every_action_and_property_cites_a_clause() {
    let modules = files(&model(), ".tla");
    let mut count = 0;
    for (name, module) in &modules {
        let mut cite = actions(module);
        assert!(cite.len() > 4, "{name}: only {cite:?}");
        for config in files(&model(), ".cfg").values() {
            if field(config, "\\* ", "module:") == name {
                cite.extend(properties(config));
            }
        }
        for definition in cite.iter().filter(|definition| *definition != "TypeOK") {
            let comment = comment_before(module, definition);
            assert!(comment.contains('['), "{name}: {definition} cites no clause: {comment:?}");
            count += 1;
        }
    }
    println!("{count} actions and properties of {} modules cite clauses", modules.len());
}

#[test]
fn every_property_is_broken_by_a_fault_that_fits_its_module() {
    let modules = files(&model(), ".tla");
    let mut broken = BTreeSet::new();
    for (name, fault) in files(&model().join("faults"), ".fault") {
        let (head, texts) = fault.split_once("=== old\n").expect("a fault has an old text");
        let (old, new) = texts.split_once("\n=== new\n").expect("a fault has a new text");
        let new = new.strip_suffix('\n').unwrap_or(new);
        let module = field(head, "", "module:");
        let found = modules[module].matches(old).count();
        assert_eq!(found, 1, "{name}: its old text stands {found} times in {module}");
        assert_ne!(old, new, "{name} changes nothing");
        assert!(field(head, "", "why:").len() > 20, "{name} has no reason");
        broken.insert((module.to_owned(), field(head, "", "breaks:").to_owned()));
    }
    let mut listed = BTreeSet::new();
    for config in files(&model(), ".cfg").values() {
        let module = field(config, "\\* ", "module:");
        listed.extend(properties(config).into_iter().map(|name| (module.to_owned(), name)));
    }
    listed.retain(|(_, name)| name != "TypeOK");
    assert_eq!(listed, broken, "what is checked, and what a fault breaks");
}

/// The names in backquotes on the lines of `spec/claims.md` that begin with a mark.
fn claimed(page: &str, mark: &str) -> BTreeSet<String> {
    let start = format!("- **{mark}** ");
    let lines = page.lines().filter_map(|line| line.strip_prefix(&start));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn names_on_the_page_of_claims_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = read(&root.join("spec/claims.md"));
    let mut listed = BTreeSet::new();
    for config in files(&model(), ".cfg").values() {
        let module = field(config, "\\* ", "module:");
        let names = properties(config).into_iter().filter(|name| name != "TypeOK");
        listed.extend(names.map(|name| format!("{module}.{name}")));
    }
    assert_eq!(claimed(&page, "Model"), listed, "the properties, on the page and in the model");
    let scenarios = read(&root.join("tests/support/concurrency/mod.rs"));
    for name in claimed(&page, "Threads") {
        assert!(scenarios.contains(&format!(", {name});")), "{name} is no scenario");
    }
    let (paths, names): (Vec<String>, Vec<String>) =
        claimed(&page, "Tests").into_iter().partition(|name| name.contains('/'));
    for path in claimed(&page, "Code").iter().chain(&paths) {
        assert!(root.join(path).is_file(), "there is no {path}");
    }
    for name in names {
        let test = format!("fn {name}()");
        assert!(paths.iter().any(|path| read(&root.join(path)).contains(&test)), "no test {name}");
    }
}
