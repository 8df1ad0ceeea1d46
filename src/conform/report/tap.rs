//! The report as TAP, version 14.

use super::super::result::{CaseResult, Report, Verdict};
use super::told;
use std::fmt::Write as _;

/// The whole report. The directive `TODO` marks a failure that does not fail the run: of a SHOULD
/// clause, or one that the baseline expects. An inconclusive case is `not ok`, since no directive
/// says that the result is unknown.
pub(in super::super) fn tap(report: &Report) -> String {
    let problems = report.problems();
    let total = report.results.len() + problems.len();
    let mut text = format!("TAP version 14\n1..{total}\n");
    for (number, result) in (1..).zip(&report.results) {
        point(&mut text, number, result);
    }
    for (number, problem) in (report.results.len() + 1..).zip(problems) {
        let _ = writeln!(text, "not ok {number} - baseline {}", escaped(&problem.id));
        diagnostics(&mut text, &[("message", &problem.message)], None);
    }
    text
}

fn point(text: &mut String, number: usize, result: &CaseResult) {
    let id = escaped(&result.id);
    let message = told(result);
    let line = escaped(&message);
    let _ = match (result.verdict, &result.expected) {
        (Verdict::Pass, _) => writeln!(text, "ok {number} - {id}"),
        (Verdict::Skip, _) => writeln!(text, "ok {number} - {id} # SKIP {line}"),
        (Verdict::Fail | Verdict::Warn, Some(reason)) => {
            writeln!(text, "not ok {number} - {id} # TODO expected: {}", escaped(reason))
        }
        (Verdict::Warn, _) => writeln!(text, "not ok {number} - {id} # TODO a SHOULD: {line}"),
        (Verdict::Inconclusive | Verdict::Fail, _) => writeln!(text, "not ok {number} - {id}"),
    };
    if matches!(result.verdict, Verdict::Pass | Verdict::Skip) {
        return;
    }
    let fields = [
        ("message", message.as_str()),
        ("verdict", result.verdict.name()),
        ("clause", &result.clause),
        ("level", result.level),
        ("kind", result.kind),
        ("outcome", result.outcome.unwrap_or("unknown")),
    ];
    diagnostics(text, &fields, result.page.as_deref());
}

/// A YAML block: strings as JSON writes them, which YAML reads the same way, and the page verbatim.
fn diagnostics(text: &mut String, fields: &[(&str, &str)], page: Option<&str>) {
    *text += "  ---\n";
    for (name, value) in fields {
        let value = serde_json::to_string(value).expect("every string is one in JSON");
        let _ = writeln!(text, "  {name}: {value}");
    }
    if let Some(page) = page {
        *text += "  page: |2\n";
        for line in page.lines() {
            let line = format!("    {line}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    *text += "  ...\n";
}

/// A description without characters that TAP would take for the beginning of a directive or the
/// next line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#").replace(['\n', '\r'], " ")
}
