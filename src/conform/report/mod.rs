//! The reports: text for people, a page to pass on, and JSON, `JUnit` and TAP for machines.

mod causes;
mod html;
mod junit;
mod tap;
#[cfg(test)]
mod tests;
mod text;

pub(super) use causes::ids;
pub(super) use html::{HEAD_STYLE, html, prose};
pub(super) use junit::junit;
pub(super) use tap::tap;
pub(super) use text::{Style, text};

use super::readings::in_respect;
use super::result::{CaseResult, Report, Verdict};
use std::fmt::Write as _;

/// The whole report as JSON, as `spec/conformance.schema.json` describes it.
pub(super) fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report);
    text.expect("the report holds nothing that JSON cannot") + "\n"
}

/// One sentence on a verdict, with its special conditions: the cut, and the rate of a race.
pub(super) fn told(result: &CaseResult) -> String {
    let mut text = result.message.clone();
    if let Some(cut) = &result.segmentation {
        let _ = write!(text, ", when sent {cut}");
    }
    if let Some([wrong, of]) = result.race {
        let _ = write!(text, ", in {wrong} of {of} attempts");
    }
    text
}

/// The number of results of each verdict, in words; verdicts without results are left out.
fn counted(report: &Report) -> String {
    let expected = report.expected();
    let counts = [
        (report.count(Verdict::Pass), "passed"),
        (report.unexpected(Verdict::Fail), "failed"),
        (report.unexpected(Verdict::Warn), "warned"),
        (expected, "wrong as expected"),
        (report.count(Verdict::Inconclusive), "inconclusive"),
        (report.count(Verdict::Skip), "skipped"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    if counts.is_empty() { "no result".to_owned() } else { counts.join(", ") }
}

/// What was not run, and what would run it.
fn not_run(report: &Report) -> String {
    let left_out = report.not_run.iter().map(|left_out| match left_out.option {
        Some(option) => format!("{}: {option}", left_out.words),
        None => left_out.words.clone(),
    });
    left_out.collect::<Vec<_>>().join("; ")
}

/// The server's readings of PROFILE clauses, each with its clause, once in each respect.
fn readings(report: &Report) -> Vec<(&str, &str)> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for result in &report.results {
        if let Some(reading) = &result.reading
            && !seen.iter().any(|(clause, other)| {
                in_respect(clause, other).0 == in_respect(&result.clause, reading).0
            })
        {
            seen.push((&result.clause, reading));
        }
    }
    seen
}

/// Time in seconds, as all reports write it.
fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
