//! Goal: docs/tutorial.md and docs/tutorial-channels.md show real output.
//!
//! Method: a page begins with a server in docs/tutorial/ and has a diff for each fix; the diffs are
//! applied in turn. Every output on the page is that of the suite; the case that shows a fault
//! passes after its fix, and the last version conforms entirely, without a warning.
//! `UPDATE_GOLDEN=1` makes the outputs anew, for a person to review.
//!
//! Limits: it needs python3; the last run is the quick one, unless `PARLANCE_FOREIGN_ALL` is set; a
//! machine that is slow at the moment gets longer waits.

use super::normal::{golden, normal};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A wait that ends too early shows in the output; one that is long enough never does.
const PATIENCE: [&str; 3] = ["0.6", "3", "9"];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A page, and the server that it begins with.
type Tutorial = (&'static str, &'static str);

const TUTORIALS: [Tutorial; 2] = [("tutorial", "naive"), ("tutorial-channels", "channels")];

fn page((name, _): Tutorial) -> (PathBuf, String) {
    let path = root().join(format!("docs/{name}.md"));
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

/// The versions of the server, in turn: the first one, and the one after each diff of the page.
fn versions((_, first): Tutorial, page: &str) -> Vec<String> {
    let first = root().join(format!("docs/tutorial/{first}.py"));
    let mut versions = vec![std::fs::read_to_string(first).expect("the first version")];
    for diff in blocks(page, "diff\n") {
        let last = versions.last().expect("there is a first");
        let next = patched(last, diff).unwrap_or_else(|error| panic!("{error}, in\n{diff}"));
        versions.push(next);
    }
    versions
}

/// `text` after a unified diff without the names of files, which must fit it exactly.
fn patched(text: &str, diff: &str) -> Result<String, String> {
    let old: Vec<&str> = text.lines().collect();
    let mut new: Vec<&str> = Vec::new();
    let mut at = 0; // lines of `old` that are done
    let diff = format!("\n{}", diff.trim_start());
    for hunk in diff.split("\n@@ -").skip(1) {
        let (head, body) = hunk.split_once(" @@\n").ok_or("a hunk has a head")?;
        let (before, after) = head.split_once(" +").ok_or("a head has two places")?;
        let [(old_first, old_count), (new_first, new_count)] = [place(before)?, place(after)?];
        let skipped = old.get(at..old_first).ok_or("hunks are in order")?;
        new.extend(skipped);
        if new.len() != new_first {
            return Err(format!("a hunk does not begin at line {}", new_first + 1));
        }
        let (kept_or_removed, kept_or_added) = sides(body);
        let counts = (kept_or_removed.len(), kept_or_added.len());
        if counts != (old_count, new_count) {
            return Err(format!("a hunk has {counts:?} lines, not {:?}", (old_count, new_count)));
        }
        at = old_first + old_count;
        if old.get(old_first..at) != Some(&kept_or_removed[..]) {
            return Err(format!("the lines from {} on are others", old_first + 1));
        }
        new.extend(kept_or_added);
    }
    new.extend(&old[at..]);
    Ok(new.join("\n") + "\n")
}

/// `12,4` or `12`: the number of lines before the place, and how many lines it has.
fn place(text: &str) -> Result<(usize, usize), String> {
    let (first, count) = text.split_once(',').unwrap_or((text, "1"));
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{text:?} is no number"));
    Ok((number(first)?.saturating_sub(1), number(count)?))
}

/// The lines of a hunk before and after it. A blank line of context has lost its space.
fn sides(body: &str) -> (Vec<&str>, Vec<&str>) {
    let side = |other: char| {
        let lines = body.split('\n').filter(move |line| !line.starts_with(other));
        lines.map(|line| line.get(1..).unwrap_or_default()).collect()
    };
    (side('+'), side('-'))
}

/// A folder with version `number` in it, as `server.py`; `of` keeps those of each test apart.
fn folder(of: &str, number: usize, version: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tutorial/{of}/{number}"));
    std::fs::create_dir_all(&folder).expect("a folder for a version");
    std::fs::write(folder.join("server.py"), version).expect("the folder is there");
    folder
}

/// Runs one command of the page, which begins with the suite's name, beside a version.
fn run(command: &str, folder: &Path, patience: &str) -> Output {
    let arguments = command.strip_prefix("parlance-conform ").expect("the suite's name");
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--patience", patience]);
    if !command.contains("--select") && !all() {
        suite.arg("--quick");
    }
    suite.args(arguments.split(' ')).current_dir(folder);
    suite.output().expect("the suite is built")
}

/// The output of a command, without what differs between runs and machines, such as Python's
/// messages about its faults.
fn output(command: &str, folder: &Path, patience: &str) -> String {
    let output = String::from_utf8_lossy(&run(command, folder, patience).stdout).into_owned();
    let output = without_standard_error(&output);
    let ours: Vec<&str> = output.lines().filter(|line| !line.contains(" ms  stderr · ")).collect();
    let output = normal(&ours.join("\n"));
    match output.rsplit_once("; --seed ") {
        // The seed differs in every run, unless the command sets it.
        Some((output, _)) if !command.contains("--seed") => format!("{output}; --seed S\n"),
        _ => output,
    }
}

/// The output without Python's messages, whose lines and paths differ between machines.
fn without_standard_error(output: &str) -> String {
    let mut parts = output.split("\n  On its standard error, while this case");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| {
        let lines = part.lines().skip(1).skip_while(|line| line.starts_with("    | "));
        lines.fold(String::new(), |text, line| text + line + "\n")
    });
    first + &rest.collect::<String>()
}

/// What is between `opening` lines and the closing fence, for each fence of this kind.
fn blocks<'a>(page: &'a str, opening: &str) -> Vec<&'a str> {
    let begin = format!("\n```{opening}");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split("\n```\n").next().expect("a first part")).collect()
}

/// Applies the function to each of `items` and its number, at the same time.
fn each<T: Sync, U: Send>(items: &[T], what: impl Fn(usize, &T) -> U + Sync) -> Vec<U> {
    let what = &what;
    std::thread::scope(|scope| {
        let numbered = items.iter().enumerate();
        let all: Vec<_> =
            numbered.map(|(number, item)| scope.spawn(move || what(number, item))).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}

/// A block of the page, a command and its output, made anew; unchanged if any patience gives the
/// same output.
fn played(block: &str, folder: &Path) -> String {
    let (command, shown) = block.split_once('\n').expect("a command and its output");
    let update = usize::from(std::env::var_os("UPDATE_GOLDEN").is_some());
    let patience = &PATIENCE[update..=2 - update];
    let mut outputs = patience.iter().map(|patience| output(command, folder, patience));
    let first = outputs.next().expect("a patience");
    let right = |output: &String| output.trim_end() == shown;
    let output = if right(&first) { first } else { outputs.find(right).unwrap_or(first) };
    format!("{command}\n{}", output.trim_end())
}

fn shows_real_output(tutorial: Tutorial) {
    if !python() {
        return;
    }
    let (path, page) = page(tutorial);
    let (shown, versions) = (blocks(&page, "console\n$ "), versions(tutorial, &page));
    assert_eq!(shown.len(), versions.len(), "one command for each version");
    let of = format!("{}-shown", tutorial.0);
    let again =
        each(&shown, |number, block| played(block, &folder(&of, number, &versions[number])));
    let mut real = page.clone();
    for (old, new) in shown.iter().zip(again) {
        real = real.replacen(&format!("$ {old}\n```\n"), &format!("$ {new}\n```\n"), 1);
    }
    golden(&path, &real).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_page_shows_real_output() {
    shows_real_output(TUTORIALS[0]);
}

#[test]
fn the_page_on_channels_shows_real_output() {
    shows_real_output(TUTORIALS[1]);
}

#[test]
fn every_fix_mends_the_failure_shown_before_it() {
    if !python() {
        return;
    }
    each(&TUTORIALS, |_, tutorial| {
        let (_, page) = page(*tutorial);
        let commands = blocks(&page, "console\n$ ");
        let commands: Vec<&str> =
            commands.iter().map(|block| block.lines().next().expect("a command")).collect();
        let versions = versions(*tutorial, &page);
        assert_eq!(commands.len(), versions.len(), "one command for each fix, and the last");
        let fixes: Vec<(&str, &String)> = commands.into_iter().zip(&versions[1..]).collect();
        let of = format!("{}-fixed", tutorial.0);
        each(&fixes, |number, (command, repaired)| {
            let output = run(command, &folder(&of, number, repaired), "4");
            let said = String::from_utf8_lossy(&output.stdout);
            let clean = is_clean(&said) && output.status.code() == Some(0);
            assert!(clean, "{command}, after fix {}: {said}", number + 1);
        });
    });
}

/// A page shows a fault for each fix, and none at its end.
#[test]
fn every_fix_is_for_something() {
    for tutorial in TUTORIALS {
        let (_, page) = page(tutorial);
        let shown = blocks(&page, "console\n$ ");
        let (last, faults) = shown.split_last().expect("some");
        for block in faults {
            assert!(!is_clean(block), "{block}");
        }
        // What is about other readings than the server's does not apply to it.
        let of_readings = |line: &&str| line.starts_with("SKIP ") && line.contains("reading of");
        let last: Vec<&str> = last.lines().filter(|line| !of_readings(line)).collect();
        let last = last.join("\n");
        assert!(is_clean(&last) && !last.contains(" warned"), "{last}");
    }
}

/// A diff that does not fit the version before it is an error.
#[test]
fn a_diff_that_does_not_fit_is_refused() {
    let text = "a\nb\nc\nd\n";
    assert_eq!(patched(text, "@@ -2,2 +2,3 @@\n b\n-c\n+x\n+y").unwrap(), "a\nb\nx\ny\nd\n");
    let two = "@@ -1 +1,2 @@\n a\n+\n@@ -4 +5 @@\n-d\n+e";
    assert_eq!(patched(text, two).unwrap(), "a\n\nb\nc\ne\n");
    patched(text, "@@ -1,2 +1,3 @@\n b\n-c\n+x\n+y").unwrap_err();
    patched(text, "@@ -2,2 +3,3 @@\n b\n-c\n+x\n+y").unwrap_err();
    patched(text, "@@ -2,2 +2,2 @@\n b\n-c\n+x\n+y").unwrap_err();
    patched(text, "@@ -9,2 +9,2 @@\n b\n-c\n+x").unwrap_err();
}

fn is_clean(output: &str) -> bool {
    let bad = ["FAIL ", "WARN ", "SKIP ", "UNKNOWN "];
    let conforms = output.lines().any(|line| line.starts_with("conforms: "));
    // A case about another reading than the server's does not apply.
    let applies = |line: &&str| !line.contains(": the server's reading of ");
    let mut lines = output.lines().filter(applies);
    conforms && !lines.any(|line| bad.iter().any(|word| line.starts_with(word)))
}
