//! Goal: the text of the repository keeps its rules of style. Method: every file that Git tracks is
//! read line by line against rules; a violation names file, line, rule and what would be right.
//! Limits: grammar and sense are not judged; `//` inside of a string can pass for a comment.

use std::path::Path;
use std::process::Command;
use std::{fs, str};

/// One rule: its name, the hint for a violation, and the test of one line.
struct Rule {
    name: &'static str,
    hint: &'static str,
    broken: fn(&Line) -> bool,
}

/// A line of a file; `quoted` if it belongs to Markdown's code.
struct Line<'a> {
    file: &'a str,
    text: &'a str,
    quoted: bool,
}

const RULES: [Rule; 5] = [
    Rule { name: "width", hint: "wrap at 100 characters", broken: is_wide },
    Rule { name: "comment", hint: "name the subject first", broken: starts_with_a_pronoun },
    Rule { name: "function", hint: "name a function by a plain claim", broken: is_a_riddle },
    Rule { name: "identifier", hint: "use the glossary's name", broken: has_an_old_identifier },
    Rule { name: "word", hint: "say pending, stalled, high-water mark", broken: has_an_old_word },
];

const PRONOUNS: [&str; 3] = ["who", "whom", "whoever"];
const IDENTIFIERS: [&str; 13] = [
    "MARK_BYTES",
    "Strain",
    "Congestion",
    "Standing",
    "Seat",
    "sit_down",
    "stand_up",
    "take_away",
    "Admission",
    "Mouth",
    "Gear",
    "relieve",
    "over_mark",
];
const WORDS: [&str; 7] =
    ["owed", "owes", "stands still", "stand still", "over the mark", "above the mark", "relief"];
/// Where the word `patience` may stand: it is the name of an option of the conformance program.
const PATIENT: [&str; 4] = ["src/conform/", "tests/conform", "spec/conformance.md", "docs/"];

fn is_script(file: &str) -> bool {
    file.starts_with("scripts/") || file == ".ci/run"
}

fn ends(file: &str, extensions: &[&str]) -> bool {
    Path::new(file).extension().is_some_and(|is| extensions.iter().any(|one| is == *one))
}

/// Whether a string of more than 60 characters, which the formatter of scripts does not break,
/// stands in `text`.
fn holds_a_long_string(text: &str) -> bool {
    text.split('"').skip(1).step_by(2).any(|string| string.chars().count() > 60)
}

fn is_wide(line: &Line) -> bool {
    let markdown = ends(line.file, &["md"]);
    let applies = markdown || ends(line.file, &["rs", "toml", "tla"]) || is_script(line.file);
    let start = line.text.trim_start();
    let exempt = markdown && (line.quoted || start.starts_with(['|', '>']));
    // Links are left out of the count: nothing can break them.
    let is_link = |word: &&str| word.contains("://") || word.contains("](");
    let links: usize = line.text.split(' ').filter(is_link).map(|word| word.chars().count()).sum();
    let exempt = exempt || (is_script(line.file) && holds_a_long_string(line.text));
    applies && !exempt && line.text.chars().count() > 100 + links
}

/// The comment in a line of code, or the whole line of a page; nothing if it has none.
fn prose<'a>(line: &Line<'a>) -> Option<&'a str> {
    let marks: &[&str] = match line.file {
        file if ends(file, &["md"]) => return (!line.quoted).then_some(line.text),
        file if ends(file, &["rs"]) => &["//"],
        file if ends(file, &["tla"]) => &["\\*", "(*"],
        file if is_script(file) || ends(file, &["toml"]) => &["#"],
        _ => return None,
    };
    let starts = marks.iter().filter_map(|mark| line.text.find(mark).map(|at| at + mark.len()));
    starts.min().map(|at| line.text[at..].trim_start_matches(['/', '!', '#', '*', ' ']))
}

fn has_word(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(inside) && !text[at + word.len()..].starts_with(inside)
    })
}

fn starts_with_a_pronoun(line: &Line) -> bool {
    let Some(prose) = prose(line).filter(|_| !ends(line.file, &["md"])) else { return false };
    let first = prose.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    PRONOUNS.contains(&first.as_str())
}

fn is_a_riddle(line: &Line) -> bool {
    let Some((_, name)) = line.text.split_once("fn ").filter(|_| ends(line.file, &["rs"])) else {
        return false;
    };
    let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    let first = name.split('_').next().unwrap_or("");
    let whole = line.file.starts_with("tests/") || name != first;
    whole && (PRONOUNS.contains(&first) || first == "what")
}

fn has_an_old_identifier(line: &Line) -> bool {
    ends(line.file, &["rs"]) && IDENTIFIERS.iter().any(|word| has_word(line.text, word))
}

fn has_an_old_word(line: &Line) -> bool {
    let Some(prose) = prose(line).map(str::to_lowercase) else { return false };
    let patient = PATIENT.iter().any(|start| line.file.starts_with(start))
        || line.text.contains("--patience");
    WORDS.iter().any(|word| has_word(&prose, word)) || !patient && has_word(&prose, "patience")
}

/// Each violation of a file's text, as it is printed.
fn violations(file: &str, text: &str) -> Vec<String> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for (index, text) in text.lines().enumerate() {
        let fence = text.trim_start().starts_with("```");
        let line = Line { file, text, quoted: fenced || fence || text.starts_with("    ") };
        fenced ^= fence;
        let broken = RULES.iter().filter(|rule| (rule.broken)(&line));
        found.extend(broken.map(|r| format!("{file}:{}: {}: {}", index + 1, r.name, r.hint)));
    }
    found
}

#[test]
fn tracked_files_keep_the_rules_of_style() {
    let root = env!("CARGO_MANIFEST_DIR");
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
    assert!(listed.status.success(), "git ls-files: {listed:?}");
    let files: Vec<_> = str::from_utf8(&listed.stdout).unwrap().split_terminator('\0').collect();
    assert!(files.len() > 100, "too few files: {files:?}");
    let mut found = Vec::new();
    for file in files {
        // This file holds the old words as data; the tutorial shows a console's output.
        if ["tests/repository/tidy.rs", "docs/tutorial.md", "docs/tutorial-channels.md"]
            .contains(&file)
        {
            continue;
        }
        // A file that is not text, or is deleted and not yet committed, has no lines to judge.
        let Ok(text) = fs::read_to_string(Path::new(root).join(file)) else { continue };
        found.extend(violations(file, &text));
    }
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn each_rule_of_style_can_fail() {
    let wide = "x".repeat(101);
    let cases = [
        ("a.rs", wide.as_str(), "width"),
        ("a.rs", "/// Whoever comes.", "comment"),
        ("scripts/a", "# Who comes.", "comment"),
        ("a.tla", "(* whom it is for *)", "comment"),
        ("a.rs", "fn what_is_lost() {", "function"),
        ("tests/a.rs", "fn who() {", "function"),
        ("a.rs", "struct Seat;", "identifier"),
        ("a.md", "A line is owed.", "word"),
        ("a.rs", "// Its patience ends.", "word"),
    ];
    for (file, text, rule) in cases {
        let found = violations(file, text);
        assert_eq!(found.len(), 1, "{file}: {text}: {found:?}");
        assert!(found[0].starts_with(&format!("{file}:1: {rule}: ")), "{found:?}");
    }
    let (row, link) = (format!("| {wide} |"), format!("see https://{wide}"));
    for (file, text) in [
        ("a.md", row.as_str()),
        ("a.md", &link),
        ("a.md", &format!("```\n{wide}\n```")),
        ("a.rs", "struct Seats; // allowed"),
        ("src/conform/a.rs", "// Its patience ends."),
    ] {
        assert_eq!(violations(file, text), [""; 0], "{file}: {text}");
    }
}
