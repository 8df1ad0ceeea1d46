//! The report as `JUnit` XML: a failed case is a failure, not an error; an inconclusive case is an
//! error.
//!
//! Written here and not by `quick-junit`, whose root element has an attribute that the schema of
//! Jenkins, the strictest reader of this format, does not know.

use super::super::result::{CaseResult, Problem, Report, Verdict};
use super::{seconds, told};
use std::fmt::Write as _;

/// The whole report; a baseline that does not hold adds a failure for each of its problems.
pub(in super::super) fn junit(report: &Report) -> String {
    let problems = report.problems();
    let total = report.results.len() + problems.len();
    let fail = report.unexpected(Verdict::Fail) + problems.len();
    let unknown = report.count(Verdict::Inconclusive);
    let skip = report.count(Verdict::Skip) + report.expected();
    let seconds = seconds(report.millis);
    let counts = format!(r#"tests="{total}" failures="{fail}" errors="{unknown}""#);
    let name = escaped(&format!("parlance-conform.{}", report.dialect));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"{name}\" {counts} time=\"{seconds}\">\n\
         <testsuite name=\"{name}\" {counts} skipped=\"{skip}\" time=\"{seconds}\">\n<properties>\n"
    );
    let seed = report.seed.to_string();
    let properties = [
        ("tool", report.tool),
        ("server", &report.name),
        ("address", &report.address),
        ("seed", &seed),
    ];
    for (name, value) in properties {
        let _ = writeln!(text, r#"<property name="{name}" value="{}"/>"#, escaped(value));
    }
    text += "</properties>\n";
    for result in &report.results {
        case(&mut text, result);
    }
    for problem in problems {
        stale(&mut text, problem);
    }
    text + "</testsuite>\n</testsuites>\n"
}

fn case(text: &mut String, result: &CaseResult) {
    let (clause, name) = result.id.rsplit_once('/').unwrap_or(("", &result.id));
    let (clause, name) = (escaped(clause), escaped(name));
    let time = seconds(result.millis);
    let _ = write!(text, r#"<testcase classname="{clause}" name="{name}" time="{time}">"#);
    let message = escaped(&told(result));
    let page = content(result.page.as_deref().unwrap_or(""));
    let _ = match (result.verdict, &result.expected) {
        (Verdict::Fail | Verdict::Warn, Some(reason)) => {
            let reason = escaped(reason);
            write!(text, r#"<skipped message="wrong as expected: {message} ({reason})"/>"#)
        }
        (Verdict::Pass, _) => Ok(()),
        (Verdict::Fail, _) => {
            let kind = result.outcome.unwrap_or("failure");
            let message = escaped(result.says.as_ref().unwrap_or(&result.message));
            write!(text, r#"<failure message="{message}" type="{kind}">{page}</failure>"#)
        }
        (Verdict::Inconclusive, _) => {
            write!(text, r#"<error message="{message}" type="inconclusive"/>"#)
        }
        (Verdict::Skip, _) => write!(text, r#"<skipped message="{message}"/>"#),
        (Verdict::Warn, _) => write!(text, "<system-out>warning: {page}</system-out>"),
    };
    *text += "</testcase>\n";
}

fn stale(text: &mut String, problem: &Problem) {
    let (id, message) = (escaped(&problem.id), escaped(&problem.message));
    let kind = problem.kind.name();
    let _ = write!(text, r#"<testcase classname="baseline" name="{id}" time="0.000">"#);
    let _ = writeln!(text, r#"<failure message="{message}" type="{kind}"/></testcase>"#);
}

/// Text for an attribute; a reader would turn its line ends into spaces.
fn escaped(text: &str) -> String {
    content(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// Text as XML 1.0 allows it: other characters are replaced.
fn content(text: &str) -> String {
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
