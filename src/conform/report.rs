//! The reports: text for people, JSON, `JUnit` and TAP for machines.

use super::result::{CaseResult, Report, Verdict};
use std::fmt::Write as _;

/// The whole report as JSON.
pub(super) fn json(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report);
    text.expect("the report holds nothing that JSON cannot") + "\n"
}

/// As `JUnit` XML: what fails is a failure, not an error; what is not known is an error.
pub(super) fn junit(report: &Report) -> String {
    let total = report.results.len();
    let (fail, unknown) = (report.count(Verdict::Fail), report.count(Verdict::Inconclusive));
    let skip = report.count(Verdict::Skip);
    let seconds = seconds(report.millis);
    let counts = format!(r#"tests="{total}" failures="{fail}" errors="{unknown}""#);
    let name = format!("parlance-conform.{}", report.dialect);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts} time=\"{seconds}\">\n\
         <testsuite name=\"{name}\" {counts} skipped=\"{skip}\" time=\"{seconds}\">\n"
    );
    for result in &report.results {
        junit_case(&mut text, result);
    }
    text + "</testsuite>\n</testsuites>\n"
}

fn junit_case(text: &mut String, result: &CaseResult) {
    let (clause, name) = result.id.rsplit_once('/').unwrap_or(("", &result.id));
    let (clause, name) = (escaped(clause), escaped(name));
    let time = seconds(result.millis);
    let _ = write!(text, r#"<testcase classname="{clause}" name="{name}" time="{time}">"#);
    let message = escaped(&result.message);
    let page = escaped(result.page.as_deref().unwrap_or(""));
    let _ = match result.verdict {
        Verdict::Pass => Ok(()),
        Verdict::Fail => {
            let kind = result.outcome.unwrap_or("breach");
            write!(text, r#"<failure message="{message}" type="{kind}">{page}</failure>"#)
        }
        Verdict::Inconclusive => {
            write!(text, r#"<error message="{message}" type="inconclusive"></error>"#)
        }
        Verdict::Skip => write!(text, r#"<skipped message="{message}"/>"#),
        Verdict::Warn => write!(text, "<system-out>warning: {page}</system-out>"),
    };
    *text += "</testcase>\n";
}

/// Text as XML allows it: bytes that XML has no place for are replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\n' | '\t' => safe.push(character),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                safe.push('\u{fffd}');
            }
            character => safe.push(character),
        }
    }
    safe
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

/// As TAP, version 14.
pub(super) fn tap(report: &Report) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", report.results.len());
    for (number, result) in (1..).zip(&report.results) {
        let id = &result.id;
        let message = result.message.replace(['\n', '#'], " ");
        let _ = match result.verdict {
            Verdict::Pass => writeln!(text, "ok {number} - {id}"),
            Verdict::Warn => writeln!(text, "ok {number} - {id} # TODO warning: {message}"),
            Verdict::Skip => writeln!(text, "ok {number} - {id} # SKIP {message}"),
            Verdict::Inconclusive => {
                writeln!(text, "not ok {number} - {id}\n# inconclusive: {message}")
            }
            Verdict::Fail => writeln!(text, "not ok {number} - {id}"),
        };
        for line in result.page.as_deref().unwrap_or("").lines() {
            let _ = writeln!(text, "# {line}");
        }
    }
    text
}

/// How many pages are shown of cases that only a cut makes fail: they are likely to be one fault.
const CUT_PAGES: usize = 2;

/// For people: the pages, then a line for each case that did not pass, then the sum.
pub(super) fn text(report: &Report, colour: bool) -> String {
    let paint = |code: &str, text: &str| {
        if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let mut text = String::new();
    let mut cut = 0;
    for result in &report.results {
        let (code, word) = match result.verdict {
            Verdict::Fail => ("31;1", "FAIL"),
            Verdict::Warn => ("33;1", "WARN"),
            _ => continue,
        };
        cut += usize::from(result.segmentation.is_some());
        if let Some(way) = result.segmentation.as_ref().filter(|_| cut > CUT_PAGES) {
            let _ = writeln!(text, "{} {}: fails {way}, as above", paint(code, word), result.id);
            continue;
        }
        let page = result.page.as_deref().unwrap_or(&result.id);
        let _ = writeln!(text, "{} {page}", paint(code, word));
    }
    for result in &report.results {
        let (code, word) = match result.verdict {
            Verdict::Inconclusive => ("35", "UNKNOWN"),
            Verdict::Skip => ("36", "SKIP"),
            _ => continue,
        };
        let _ = writeln!(text, "{} {}: {}", paint(code, word), result.id, result.message);
    }
    readings(&mut text, report);
    sum(&mut text, report, &paint);
    text
}

fn readings(text: &mut String, report: &Report) {
    let mut seen = Vec::new();
    for result in &report.results {
        let Some(reading) = &result.reading else { continue };
        if !seen.contains(&&result.clause) {
            seen.push(&result.clause);
            let _ = writeln!(text, "PROFILE {}: {reading}", result.clause);
        }
    }
}

fn sum(text: &mut String, report: &Report, paint: &dyn Fn(&str, &str) -> String) {
    let counts = [
        (Verdict::Pass, "passed"),
        (Verdict::Fail, "failed"),
        (Verdict::Warn, "warned"),
        (Verdict::Inconclusive, "inconclusive"),
        (Verdict::Skip, "skipped"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .map(|(verdict, word)| (report.count(*verdict), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let ours =
        report.results.iter().filter(|r| r.verdict == Verdict::Fail && r.kind == "OURS").count();
    let judgement = match report.conforms {
        Some(true) => paint("32;1", "conforms"),
        Some(false) => paint("31;1", "does not conform"),
        None => paint("35;1", "inconclusive"),
    };
    let _ = write!(text, "{judgement}: {} in {} s", counts.join(", "), seconds(report.millis));
    if ours > 0 {
        let _ = write!(text, " ({ours} of the failures are our decisions: see --document-only)");
    }
    let _ = writeln!(text, "; --seed {}", report.seed);
}
