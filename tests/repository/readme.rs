//! Goal: README.md and the pages that it links do not drift. Method: options, variables, defaults,
//! scripts, tests, files and headings that they name are compared with the programs, the tree and
//! `.ci/run`. Limits: prose is not judged.

use clap::CommandFactory;
use parlance_server::config::options::Options;
use std::fs;
use std::path::{Path, PathBuf};

/// The pages for users and contributors. The pages of `spec/` are checked by `clauses` and
/// `formal`.
const PAGES: [&str; 11] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/operating.md",
    "docs/options.md",
    "docs/sessions.md",
    "docs/speed.md",
    "spec/README.md",
    "spec/claims.md",
];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_option_stands_in_the_table_with_its_variable_and_default() {
    let page = read("docs/options.md");
    let mut options = 0;
    for option in Options::command().get_arguments() {
        let (Some(long), Some(variable)) = (option.get_long(), option.get_env()) else { continue };
        // With a value or, for a flag, without.
        let starts = [format!("| `--{long} "), format!("| `--{long}` ")];
        let row = page.lines().find(|line| starts.iter().any(|start| line.starts_with(start)));
        let row = row.unwrap_or_else(|| panic!("docs/options.md has no row for --{long}"));
        assert!(row.contains(&format!("`{}`", variable.display())), "{row}");
        for default in option.get_default_values() {
            assert!(row.contains(&format!(" {} ", default.display())), "{row}");
        }
        options += 1;
    }
    let rows = page.lines().filter(|line| line.starts_with("| `--")).count();
    assert_eq!(rows, options, "docs/options.md has a row without an option");
}

/// `parlance check --defaults` prints it.
#[test]
fn the_default_file_is_what_the_option_table_makes_of_it() {
    let text = parlance_server::config::defaults::file();
    assert!(
        read("docs/parlance.toml") == text,
        "run: parlance check --defaults >docs/parlance.toml"
    );
}

/// The client's options have a table of their own, by variable: some share the daemon's names.
#[test]
fn every_option_of_the_client_stands_in_its_table() {
    let page = read("docs/options.md");
    let mut options = 0;
    for option in parlance_client::Options::command().get_arguments() {
        let (Some(long), Some(variable)) = (option.get_long(), option.get_env()) else { continue };
        // With a value or, for a flag, without.
        let starts = [" ", "` "].map(|end| format!("| `{}` | `--{long}{end}", variable.display()));
        let row = page.lines().find(|line| starts.iter().any(|start| line.starts_with(start)));
        let row = row.unwrap_or_else(|| panic!("docs/options.md has no row for --{long}"));
        for default in option.get_default_values() {
            assert!(row.contains(&format!("| {} |", default.display())), "{row}");
        }
        options += 1;
    }
    let rows = page.lines().filter(|line| line.starts_with("| `CHAT_")).count();
    assert_eq!(rows, options, "docs/options.md has a row without an option");
}

#[test]
fn every_script_and_test_that_is_named_exists() {
    let mut found = 0;
    for page in PAGES.map(read) {
        for word in page.split(|c: char| c.is_whitespace() || "`;,()[]".contains(c)) {
            let word = word.trim_end_matches(['.', ':']);
            if word.starts_with("scripts/") || word == ".ci/run" {
                read(word);
                found += 1;
            }
        }
        for rest in page.split("--test ").skip(1) {
            let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
            if name != "FILE" {
                read(&format!("tests/{name}.rs"));
                found += 1;
            }
        }
    }
    assert!(found > 40, "only {found} found: has the form of the pages changed?");
}

/// Every relative link leads to a file, and to a heading of it if it names one.
#[test]
fn every_link_leads_somewhere() {
    let mut found = 0;
    for page in PAGES {
        let folder = Path::new(page).parent().expect("a page lies in a folder");
        for rest in read(page).split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or("");
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { PathBuf::from(page) } else { folder.join(file) };
            assert!(path(&file.to_string_lossy()).exists(), "{page} links {target}");
            if !heading.is_empty() {
                let text = read(&file.to_string_lossy());
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(headings.any(|line| anchor(line) == heading), "{page} links {target}");
            }
            found += 1;
        }
    }
    assert!(found > 30, "only {found} found: has the form of the pages changed?");
}

/// A heading as a link names it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    text.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}

#[test]
fn its_test_command_is_what_gates_a_change() {
    assert!(read("README.md").contains("\n    cargo test\n"));
    assert!(read(".ci/run").contains("\nstable cargo test --locked\n"));
}
