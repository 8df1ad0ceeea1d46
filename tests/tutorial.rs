//! Goal: what docs/tutorial.md shows is what happens.
//!
//! Method: every diff of the page is that of the two versions; the case that shows a fault passes after its fix,
//! and the last version conforms entirely. Limits: it needs python3 and diff; the failure pages are not compared,
//! since some depend on what the system buffers: `UPDATE_GOLDEN=1` makes them anew, for a person to review.
#![cfg(feature = "shell")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether python3 is there; a missing one is an error where all languages are asked for.
fn python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    let wanted = std::env::var_os("PARLANCE_FOREIGN_ALL").is_some();
    assert!(there || !wanted, "PARLANCE_FOREIGN_ALL is set, and there is no python3");
    if !there {
        eprintln!("skipped: there is no python3");
    }
    there
}

/// Runs one command of the page, which begins with the suite's name.
fn run(command: &str) -> Output {
    let arguments = command.strip_prefix("parlance-conform ").expect("the suite's name");
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(arguments.split(' ')).current_dir(root());
    suite.output().expect("the suite is built")
}

/// Output without what differs between runs and machines.
fn normal(output: &str) -> String {
    let mut lines = Vec::new();
    for line in output.lines().filter(|line| !line.contains(" ms  stderr · ")) {
        let line = match line.split_once(" ms  ") {
            Some((time, rest)) if time.trim().parse::<f64>().is_ok() => {
                format!("      T ms  {rest}")
            }
            _ => line.to_owned(),
        };
        let mut before = "";
        let words = line.split(' ').map(|word| match std::mem::replace(&mut before, word) {
            "127.0.0.1" => "PORT",
            "for" | "conforms:" if word.parse::<u32>().is_ok() => "N",
            "in" if word.parse::<f64>().is_ok() => "T",
            "--seed" if word.len() > 1 => "S",
            _ => word,
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n").trim_end().to_owned() + "\n"
}

/// What is between `opening` lines and the closing fence, for each fence of this kind.
fn blocks<'a>(page: &'a str, opening: &str) -> Vec<&'a str> {
    let begin = format!("\n```{opening}");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split("\n```\n").next().expect("a first part")).collect()
}

/// The page with each command's output made anew, without what differs between runs and machines.
fn played(page: &str) -> String {
    let mut page = page.to_owned();
    let old: Vec<String> = blocks(&page, "console\n$ ").into_iter().map(str::to_owned).collect();
    for block in old {
        let command = block.lines().next().expect("a command");
        let output = normal(&String::from_utf8_lossy(&run(command).stdout));
        let place = format!("{}/", root().display());
        let new = format!("{command}\n{output}").replace(&place, "");
        page =
            page.replacen(&format!("$ {block}\n```\n"), &format!("$ {}\n```\n", new.trim_end()), 1);
    }
    page
}

/// The page with each diff made anew.
fn with_diffs(page: &str) -> String {
    let mut page = page.to_owned();
    let old: Vec<String> = blocks(&page, "diff ").into_iter().map(str::to_owned).collect();
    for block in old {
        let versions = block.lines().next().expect("two versions");
        let new = format!("{versions}\n{}", difference(versions));
        page = page.replacen(
            &format!("```diff {block}\n```\n"),
            &format!("```diff {}\n```\n", new.trim_end()),
            1,
        );
    }
    page
}

fn difference(versions: &str) -> String {
    let (before, after) = versions.split_once(' ').expect("two versions");
    let file = |name: &str| root().join("docs/tutorial").join(format!("{name}.py"));
    let output = Command::new("diff").arg("-U1").args([file(before), file(after)]).output();
    let text = String::from_utf8(output.expect("diff is there").stdout).expect("UTF-8");
    text.lines().skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_shows_the_diffs_of_its_versions() {
    if !python() {
        return;
    }
    let path: PathBuf = root().join("docs/tutorial.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, with_diffs(&played(&page))).expect("the folder is there");
        return;
    }
    let real = with_diffs(&page);
    assert_eq!(page, real, "UPDATE_GOLDEN=1 takes the new one");
}

#[test]
fn every_fix_fixes_what_was_shown() {
    if !python() {
        return;
    }
    let page = std::fs::read_to_string(root().join("docs/tutorial.md")).expect("the page");
    let commands = blocks(&page, "console\n$ ");
    let commands: Vec<&str> =
        commands.iter().map(|block| block.lines().next().expect("a command")).collect();
    let diffs = blocks(&page, "diff ");
    assert_eq!(commands.len(), diffs.len() + 1, "one command for each fix, and the last");
    for (command, diff) in commands.iter().zip(&diffs) {
        let versions = diff.lines().next().and_then(|line| line.split_once(' '));
        let (before, after) = versions.expect("two versions");
        assert!(command.contains(before), "{command} is not about {before}");
        // Where a reading hides the fault the case is skipped, which is no pass.
        assert_ne!(run(command).status.code(), Some(0), "{command} finds nothing");
        let fixed = command.replace(before, after);
        let output = run(&fixed);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{fixed}: {}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let last = run(commands[diffs.len()]);
    assert_eq!(last.status.code(), Some(0), "{}", String::from_utf8_lossy(&last.stdout));
}
