//! The report for people.

use super::super::result::{Judgement, Report, Verdict};
use super::{counted, readings, seconds, told};
use std::fmt::Write as _;

/// Maximum number of pages for cases that fail only with a cut: they are likely to be one fault.
const CUT_PAGES: usize = 2;

/// How the text is printed.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Style {
    /// Only the first thing to repair.
    pub(in super::super) next: bool,
    pub(in super::super) colour: bool,
}

/// The pages, then a line for each case that did not pass, then the sum.
pub(in super::super) fn text(report: &Report, style: Style) -> String {
    let paint = |code: &str, text: &str| {
        if style.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let mut text = String::new();
    pages(&mut text, report, &paint);
    for result in &report.results {
        let (code, word) = match (result.verdict, &result.expected) {
            (Verdict::Inconclusive, _) => ("35", "UNKNOWN"),
            (Verdict::Skip, _) => ("36", "SKIP"),
            (_, Some(reason)) => {
                let word = paint("36", "EXPECTED");
                let _ = writeln!(text, "{word} {}: {} ({reason})", result.id, told(result));
                continue;
            }
            _ => continue,
        };
        let _ = writeln!(text, "{} {}: {}", paint(code, word), result.id, result.message);
    }
    for (clause, reading) in readings(report) {
        let _ = writeln!(text, "PROFILE {clause}: {reading}");
    }
    for like in &report.like {
        let _ = writeln!(text, "LIKE {}: your server {}", like.mutant, like.story);
    }
    for problem in report.problems() {
        let word = paint("31;1", "BASELINE");
        let _ = writeln!(text, "{word} {}: {}", problem.id, problem.message);
    }
    sum(&mut text, report, &paint);
    text
}

fn pages(text: &mut String, report: &Report, paint: &dyn Fn(&str, &str) -> String) {
    let mut cut = 0;
    for result in report.results.iter().filter(|result| result.expected.is_none()) {
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
}

fn sum(text: &mut String, report: &Report, paint: &dyn Fn(&str, &str) -> String) {
    let judgement = report.judgement();
    let code = match judgement {
        Judgement::Conforms | Judgement::AsExpected => "32;1",
        Judgement::DoesNot | Judgement::BaselineIsWrong => "31;1",
        Judgement::Inconclusive => "35;1",
    };
    // What did not run may be wrong, and what is wrong is wrong.
    let interrupted = report.unfinished && judgement != Judgement::DoesNot;
    let told = paint(code, if interrupted { "interrupted" } else { judgement.told() });
    let _ = write!(text, "{told}: {} in {} s", counted(report), seconds(report.millis));
    let ours = report.results.iter().filter(|result| {
        result.verdict == Verdict::Fail && result.kind == "OURS" && result.expected.is_none()
    });
    let ours = ours.count();
    if ours > 0 {
        let _ = write!(text, " ({ours} of the failures are our decisions: see --document-only)");
    }
    let _ = writeln!(text, "; --seed {}", report.seed);
    let left_out = report.not_run.iter().map(|left_out| match left_out.option {
        Some(option) => format!("{}: {option}", left_out.words),
        None => left_out.words.clone(),
    });
    let left_out = left_out.collect::<Vec<_>>().join("; ");
    if !left_out.is_empty() {
        let _ = writeln!(text, "not run: {left_out}");
    }
}
