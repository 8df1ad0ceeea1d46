//! The baseline: known failures, each with its reason, so that only new failures fail a run.
//!
//! ```toml
//! [[expected]]
//! id = "rooms/join-5/rejects-a-third-word"
//! message = "byte 1 is wrong"
//! reason = "old clients send a title; gone in 2.0"
//! ```
//!
//! The baseline is strict both ways: an entry whose case passes, or fails in another way, must be
//! removed or corrected.

use super::ConformError;
use super::result::{CaseResult, Checked, Problem, ProblemKind, Report, Verdict};
use super::script::Book;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// All expected failures.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    #[serde(default)]
    expected: Vec<Expected>,
}

/// One known failure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The exact id of the case: a pattern would forgive failures that nobody has looked at.
    id: String,
    /// A piece of the failure's message.
    message: String,
    /// Why the failure is tolerated, for later readers.
    reason: String,
}

impl Baseline {
    /// Reads the file at `path`; every entry must name a case of `book`, a reason and a piece of a
    /// message.
    pub(super) fn read(path: &Path, book: &Book) -> Result<Baseline, ConformError> {
        let failed =
            |why: String| ConformError::Usage(format!("baseline {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Baseline::parse(&text, book).map_err(failed)
    }

    fn parse(text: &str, book: &Book) -> Result<Baseline, String> {
        let baseline: Baseline =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let mut seen = BTreeSet::new();
        for Expected { id, message, reason } in &baseline.expected {
            if !book.cases.iter().any(|case| case.id == *id) {
                return Err(format!("no case {id:?}; see --list"));
            }
            if !seen.insert(id) {
                return Err(format!("{id} stands there twice"));
            }
            for (field, value) in [("message", message), ("reason", reason)] {
                if value.trim().is_empty() {
                    return Err(format!("{id} has an empty {field}"));
                }
            }
        }
        Ok(baseline)
    }

    /// Marks the failures that the baseline expects, and returns the entries that do not hold.
    pub(super) fn check(&self, results: &mut [CaseResult]) -> Checked {
        let mut checked = Checked::default();
        for entry in &self.expected {
            let result = results.iter_mut().find(|result| result.id == entry.id);
            let problem = match result {
                Some(result) if result.verdict.is_wrong() => {
                    if result.message.contains(&entry.message) {
                        result.expected = Some(entry.reason.clone());
                        checked.expected += 1;
                        continue;
                    }
                    let message = format!(
                        "fails with {:?}, and the baseline expects {:?}: if that is the same \
                         fault, change the entry",
                        result.message, entry.message
                    );
                    (ProblemKind::OtherMessage, message)
                }
                Some(CaseResult { verdict: Verdict::Pass, .. }) => {
                    (ProblemKind::Stale, "passes now: take it out of the baseline".to_owned())
                }
                _ => {
                    checked.not_judged += 1;
                    continue;
                }
            };
            let (kind, message) = problem;
            checked.problems.push(Problem { id: entry.id.clone(), kind, message });
        }
        checked
    }
}

/// The head of a baseline that the suite has written.
pub(super) const HEAD: &str = "\
    # Failures that are known, so that only others fail a run. Each needs a reason that says why\n\
    # it stays for now; see \"A baseline\" in the guide of the suite.\n";

/// The reason of an entry that nobody has looked at.
const NO_REASON: &str = "not looked at yet";

/// A baseline that expects every failure of the run, with the reasons that are known.
pub(super) fn written(report: &Report) -> String {
    let mut text = HEAD.to_owned();
    for result in report.results.iter().filter(|result| result.verdict.is_wrong()) {
        if let Some([wrong, of]) = result.race {
            let _ = write!(
                text,
                "\n# {} is wrong in {wrong} of {of} attempts: a race is not expected, --exclude \
                 it\n# until it is repaired.\n",
                result.id
            );
            continue;
        }
        let reason = result.expected.as_deref().unwrap_or(NO_REASON);
        let (id, message) = (quoted(&result.id), quoted(lasting(&result.message)));
        let _ = write!(
            text,
            "\n[[expected]]\nid = {id}\nmessage = {message}\nreason = {}\n",
            quoted(reason)
        );
    }
    text
}

/// The part of a message that is the same in the next run: without what came, which has names
/// in it, and without times and numbers of bytes.
fn lasting(message: &str) -> &str {
    for (end, keep) in [(" is wrong: ", " is wrong".len()), ("nothing came for ", 12)] {
        if let Some(at) = message.find(end) {
            return &message[..at + keep];
        }
    }
    if message.ends_with(SURPLUS) {
        return SURPLUS;
    }
    let digit = |c: char| c.is_ascii_digit();
    let longest = message.split(digit).max_by_key(|part| part.len()).unwrap_or(message).trim();
    if longest.is_empty() { message } else { longest }
}

/// The end of the message about bytes where none may be.
const SURPLUS: &str = " came, and nothing may";

/// A string as TOML has it: JSON's escapes are some of TOML's.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every string is one in JSON")
}

#[cfg(test)]
mod tests {
    use super::Baseline;
    use crate::{dialect, reader};

    fn refused(text: &str) -> String {
        let book = reader::book(dialect::dialect("rooms").expect("it is there")).expect("a book");
        Baseline::parse(text, &book).expect_err(text)
    }

    #[test]
    fn an_entry_that_makes_no_sense_is_refused_by_name() {
        let entry = |id: &str, message: &str, reason: &str| {
            format!("[[expected]]\nid = {id:?}\nmessage = {message:?}\nreason = {reason:?}\n")
        };
        let known = "rooms/join-1/joins";
        for (text, named) in [
            (entry("rooms/join-1/flies", "m", "r"), "rooms/join-1/flies"),
            (entry("rooms/join-1/*", "m", "r"), "rooms/join-1/*"),
            (entry(known, "m", " "), "empty reason"),
            (entry(known, "", "r"), "empty message"),
            (entry(known, "m", "r").repeat(2), "twice"),
            (entry(known, "m", "r") + "why = \"x\"\n", "why"),
            (format!("[[expected]]\nid = {known:?}\n"), "message"),
            ("[[expect]]\n".to_owned(), "expect"),
            ("id = \n".to_owned(), "line 1"),
        ] {
            let said = refused(&text);
            assert!(said.contains(named), "{text}{said}");
        }
    }
}
