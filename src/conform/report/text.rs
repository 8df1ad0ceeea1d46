//! The report for people.

use super::super::result::{CaseResult, Judgement, Report, Verdict};
use super::super::text::{WIDTH, cut, wrapped};
use super::causes::{Group, groups};
use super::{counted, not_run, readings, seconds, told};
use std::fmt::Write as _;

/// How the text is printed.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Style {
    /// Only the first thing to repair.
    pub(in super::super) next: bool,
    pub(in super::super) colour: bool,
}

type Paint<'a> = &'a dyn Fn(&str, &str) -> String;

/// The causes in order, each with a page, then a line for each case that was not judged, then the
/// sum, and what was not run.
pub(in super::super) fn text(report: &Report, style: Style) -> String {
    let paint = |code: &str, text: &str| {
        if style.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let mut text = String::new();
    for note in &report.notes {
        line(&mut text, "NOTE", note);
    }
    let groups = groups(report);
    let shown = if style.next { groups.len().min(1) } else { groups.len() };
    overview(&mut text, &groups, shown, &paint);
    for like in &report.like {
        let _ =
            writeln!(text, "LIKE {}: it behaves like a server that {}", like.mutant, like.story);
    }
    if groups.len() > 1 || !report.like.is_empty() {
        text.push('\n');
    }
    for group in &groups[..shown] {
        page(&mut text, group, &paint);
    }
    if !style.next {
        others(&mut text, report, &groups, &paint);
    }
    for problem in report.problems() {
        let word = paint("31;1", "BASELINE");
        line(&mut text, &word, &format!("{}: {}", problem.id, problem.message));
    }
    sum(&mut text, report, &paint);
    text
}

/// How many causes there are, and which: the first is where to start.
fn overview(text: &mut String, groups: &[Group<'_>], shown: usize, paint: Paint<'_>) {
    if groups.len() < 2 {
        return;
    }
    let cases: usize = groups.iter().map(Group::len).sum();
    let behind = if cases > groups.len() {
        format!("{} causes behind {cases} failures", groups.len())
    } else {
        format!("{} causes", groups.len())
    };
    if shown < groups.len() {
        let _ = writeln!(text, "{}", paint("1", &format!("{behind}; the first of them:")));
        return;
    }
    let _ = writeln!(text, "{}", paint("1", &format!("{behind}; start here:")));
    for (number, group) in (1..).zip(groups) {
        let says = group.root.says.as_ref().unwrap_or(&group.root.message);
        line(text, &format!("{number:>3}."), &format!("{}: {says}", group.root.id));
    }
}

/// The page of a cause, and the cases that belong to it.
fn page(text: &mut String, group: &Group<'_>, paint: Paint<'_>) {
    let root = group.root;
    let (code, word) = word(root);
    let told = || cut(&format!("{}: {}", root.id, told(root))).into_owned();
    let page = root.page.clone().unwrap_or_else(told);
    let _ = writeln!(text, "{} {}", paint(code, word), page.trim_end());
    if !group.also.is_empty() {
        let how = match root.segmentation {
            Some(_) => "\n  Wrong only when cut, too:",
            None => "\n  Wrong in the same clause, too:",
        };
        let _ = writeln!(text, "{how}");
        for result in &group.also {
            line(text, "   ", &format!("{}: {}", result.id, self::told(result)));
        }
    }
    if !group.followers.is_empty() {
        let ids: Vec<&str> = group.followers.iter().map(|one| one.id.as_str()).collect();
        let several = if ids.len() == 1 { "case" } else { "cases" };
        let all = format!("Because of it {} {several} could not be judged: ", ids.len());
        let _ = write!(text, "\n  {}", wrapped(&(all + &ids.join(" ")), "    ", WIDTH));
    }
    text.push('\n');
}

fn word(result: &CaseResult) -> (&'static str, &'static str) {
    match result.verdict {
        Verdict::Fail => ("31;1", "FAIL"),
        Verdict::Warn => ("33;1", "WARN"),
        Verdict::Inconclusive => ("35", "UNKNOWN"),
        Verdict::Skip => ("36", "SKIP"),
        Verdict::Pass => ("32", "PASS"),
    }
}

/// A line for each case that is not part of a cause and did not pass, and for each reading.
fn others(text: &mut String, report: &Report, groups: &[Group<'_>], paint: Paint<'_>) {
    let told_before = |result: &CaseResult| {
        result.cause.as_ref().is_some_and(|cause| groups.iter().any(|one| one.has(&cause.of)))
            || groups.iter().any(|group| group.has(&result.id))
    };
    for result in report.results.iter().filter(|result| result.verdict != Verdict::Pass) {
        if let Some(reason) = &result.expected {
            let said = format!("{}: {} ({reason})", result.id, told(result));
            line(text, &paint("36", "EXPECTED"), &said);
        } else if !told_before(result) {
            let (code, word) = word(result);
            line(text, &paint(code, word), &format!("{}: {}", result.id, result.message));
        }
    }
    for (clause, reading) in readings(report) {
        line(text, "PROFILE", &format!("{clause}: {reading}"));
    }
}

/// One line, cut where no reader looks any more.
fn line(text: &mut String, word: &str, said: &str) {
    let _ = writeln!(text, "{word} {}", cut(said));
}

fn sum(text: &mut String, report: &Report, paint: Paint<'_>) {
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
    if !report.not_run.is_empty() {
        let _ = writeln!(text, "not run: {}", not_run(report));
    }
}
