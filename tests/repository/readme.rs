//! Goal: README.md does not drift. Method: what it says of options, variables, defaults, scripts and
//! tests is compared with the program, the tree and `.ci/run`. Limits: its prose is not judged.

use clap::CommandFactory;
use parlance_server::config::options::Options;
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_option_stands_in_the_table_with_its_variable_and_default() {
    let readme = read("README.md");
    let mut options = 0;
    for option in Options::command().get_arguments() {
        let (Some(long), Some(variable)) = (option.get_long(), option.get_env()) else { continue };
        // With a value or, for a flag, without.
        let starts = [format!("| `--{long} "), format!("| `--{long}` ")];
        let row = readme.lines().find(|line| starts.iter().any(|start| line.starts_with(start)));
        let row = row.unwrap_or_else(|| panic!("README has no row for --{long}"));
        assert!(row.contains(&format!("`{}`", variable.display())), "{row}");
        for default in option.get_default_values() {
            assert!(row.contains(&format!(" {} ", default.display())), "{row}");
        }
        options += 1;
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `--")).count();
    assert_eq!(rows, options, "README has a row for an option that there is not");
}

/// The client's options have a table of their own, by variable: some are called like the daemon's.
#[test]
fn every_option_of_the_client_stands_in_its_table() {
    let readme = read("README.md");
    let mut options = 0;
    for option in parlance_client::Options::command().get_arguments() {
        let (Some(long), Some(variable)) = (option.get_long(), option.get_env()) else { continue };
        let start = format!("| `{}` | `--{long} ", variable.display());
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("README has no row for --{long}"));
        for default in option.get_default_values() {
            assert!(row.contains(&format!("| {} |", default.display())), "{row}");
        }
        options += 1;
    }
    let rows = readme.lines().filter(|line| line.starts_with("| `CHAT_")).count();
    assert_eq!(rows, options, "README has a row for an option that there is not");
}

#[test]
fn every_script_and_test_it_names_is_there() {
    let readme = read("README.md");
    let mut found = 0;
    for word in readme.split(|c: char| c.is_whitespace() || "`;,()".contains(c)) {
        if word.starts_with("scripts/") || word == ".ci/run" {
            read(word);
            found += 1;
        }
    }
    for rest in readme.split("--test ").skip(1) {
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        read(&format!("tests/{name}.rs"));
        found += 1;
    }
    assert!(found > 10, "only {found} found: has the form of the page changed?");
}

#[test]
fn its_test_command_is_what_gates_a_change() {
    assert!(read("README.md").contains("\n    cargo test\n"));
    assert!(read(".ci/run").contains("\nstable cargo test --locked\n"));
}
