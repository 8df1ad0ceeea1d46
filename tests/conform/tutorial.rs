//! Goal: docs/tutorial.md shows real output.
//!
//! Method: every output on the page is that of the suite, and every diff that of two versions; the
//! case that shows a fault passes after its fix, and the last version conforms entirely, without a
//! warning. `UPDATE_GOLDEN=1` writes outputs and diffs anew, for a person to review. Limits: it
//! needs python3 and diff; the last run is the quick one, unless `PARLANCE_FOREIGN_ALL` is set; a
//! machine that is slow at the moment gets more patience.

use super::normal::{golden, normal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A wait that ends too early shows in the output; one that is long enough never does.
const PATIENCE: [&str; 3] = ["0.6", "3", "9"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn page() -> (PathBuf, String) {
    let path = root().join("docs/tutorial.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    (path, page)
}

/// Whether all languages and whole runs are requested.
fn all() -> bool {
    std::env::var_os("PARLANCE_FOREIGN_ALL").is_some()
}

/// Whether python3 is there; a missing one is an error if all languages are requested.
fn python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    assert!(there || !all(), "PARLANCE_FOREIGN_ALL is set, and there is no python3");
    if !there {
        eprintln!("skipped: there is no python3");
    }
    there
}

/// Runs one command of the page, which begins with the suite's name.
fn run(command: &str, patience: &str) -> Output {
    let arguments = command.strip_prefix("parlance-conform ").expect("the suite's name");
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--patience", patience]);
    if !command.contains("--select") && !all() {
        suite.arg("--quick");
    }
    suite.args(arguments.split(' ')).current_dir(root());
    suite.output().expect("the suite is built")
}

/// The output of a command, without the parts that differ between runs and machines, such as
/// Python's error texts.
fn output(command: &str, patience: &str) -> String {
    let output = String::from_utf8_lossy(&run(command, patience).stdout).into_owned();
    let ours: Vec<&str> = output.lines().filter(|line| !line.contains(" ms  stderr · ")).collect();
    let output = normal(&ours.join("\n"));
    match output.rsplit_once("; --seed ") {
        // The seed differs in every run, unless the command sets it.
        Some((output, _)) if !command.contains("--seed") => format!("{output}; --seed S\n"),
        _ => output,
    }
}

/// What is between `opening` lines and the closing fence, for each fence of this kind.
fn blocks<'a>(page: &'a str, opening: &str) -> Vec<&'a str> {
    let begin = format!("\n```{opening}");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split("\n```\n").next().expect("a first part")).collect()
}

/// Applies the function to each of `items`, at the same time.
fn each<T: Sync, U: Send>(items: &[T], what: impl Fn(&T) -> U + Sync) -> Vec<U> {
    std::thread::scope(|scope| {
        let all: Vec<_> = items.iter().map(|item| scope.spawn(|| what(item))).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

/// A block of the page, a command and its output, made anew; unchanged if any patience gives the
/// same output.
fn played(block: &str) -> String {
    let (command, shown) = block.split_once('\n').expect("a command and its output");
    let update = usize::from(std::env::var_os("UPDATE_GOLDEN").is_some());
    let patience = &PATIENCE[update..=2 - update];
    let mut outputs = patience.iter().map(|patience| output(command, patience));
    let first = outputs.next().expect("a patience");
    let right = |output: &String| output.trim_end() == shown;
    let output = if right(&first) { first } else { outputs.find(right).unwrap_or(first) };
    format!("{command}\n{}", output.trim_end())
}

/// The file of a version: the first is the naive server itself.
fn place(version: &str) -> String {
    match version {
        "naive-server" => "scripts/naive-server".to_owned(),
        other => format!("docs/tutorial/{other}.py"),
    }
}

fn difference(versions: &str) -> String {
    let (before, after) = versions.split_once(' ').expect("two versions");
    let files = [before, after].map(|version| root().join(place(version)));
    let output = Command::new("diff").arg("-U1").args(files).output();
    let text = String::from_utf8(output.expect("diff is there").stdout).expect("UTF-8");
    let lines: Vec<&str> = text.lines().skip(2).collect();
    format!("{versions}\n{}", lines.join("\n").trim_end())
}

#[test]
fn the_page_shows_what_happens() {
    if !python() {
        return;
    }
    let (path, page) = page();
    let shown = blocks(&page, "console\n$ ");
    let mut real = page.clone();
    for (old, new) in shown.iter().zip(each(&shown, |block| played(block))) {
        real = real.replacen(&format!("$ {old}\n```\n"), &format!("$ {new}\n```\n"), 1);
    }
    for old in blocks(&page, "diff ") {
        let new = difference(old.lines().next().expect("two versions"));
        real = real.replacen(&format!("```diff {old}\n"), &format!("```diff {new}\n"), 1);
    }
    golden(&path, &real).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_fix_fixes_what_was_shown() {
    if !python() {
        return;
    }
    let (_, page) = page();
    let commands = blocks(&page, "console\n$ ");
    let commands: Vec<&str> =
        commands.iter().map(|block| block.lines().next().expect("a command")).collect();
    let diffs = blocks(&page, "diff ");
    assert_eq!(commands.len(), diffs.len() + 1, "one command for each fix, and the last");
    let fixes: Vec<(&str, &str)> = commands.iter().copied().zip(diffs).collect();
    each(&fixes, |(command, diff)| {
        let versions = diff.lines().next().and_then(|line| line.split_once(' '));
        let (before, after) = versions.expect("two versions");
        assert!(command.contains(&place(before)), "{command} is not about {before}");
        let repaired = command.replace(&place(before), &place(after));
        let output = run(&repaired, "4");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(is_clean(&said) && output.status.code() == Some(0), "{repaired}: {said}");
    });
}

/// The page shows a fault for each fix, and none at its end.
#[test]
fn every_fix_is_for_something() {
    let (_, page) = page();
    let shown = blocks(&page, "console\n$ ");
    let (last, faults) = shown.split_last().expect("some");
    for block in faults {
        assert!(!is_clean(block), "{block}");
    }
    assert!(is_clean(last) && !last.contains(" warned"), "{last}");
}

fn is_clean(output: &str) -> bool {
    let bad = ["FAIL ", "WARN ", "SKIP ", "UNKNOWN "];
    let conforms = output.lines().any(|line| line.starts_with("conforms: "));
    conforms && !output.lines().any(|line| bad.iter().any(|word| line.starts_with(word)))
}
