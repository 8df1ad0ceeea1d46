//! The report as one page without other files and without a network.

use super::super::result::{CaseResult, ClauseText, Judgement, Report, Verdict};
use super::causes::{Group, groups};
use super::{counted, not_run, readings, seconds, told};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The style of all our pages, for light and dark.
pub(in super::super) const HEAD_STYLE: &str = include_str!("page.css");

/// Hides the rows that do not contain the typed text; without the script the page is complete.
const SEARCH: &str = include_str!("search.js");

/// The verdicts that the page can show and hide, the worst first.
const VERDICTS: [Verdict; 5] =
    [Verdict::Fail, Verdict::Warn, Verdict::Inconclusive, Verdict::Skip, Verdict::Pass];

/// The whole page. The escapes of the templates apply to all text of a server.
pub(in super::super) fn html(report: &Report) -> String {
    let title = format!("{}: {}", report.name, report.judgement().told());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // A server's text cannot load anything, even if an escape were forgotten.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; \
                             script-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(HEAD_STYLE)) }
            }
            body {
                (summary(report))
                main {
                    (problems(report))
                    (like(report))
                    (failures(report))
                    (profile(report))
                    (all_clauses(report))
                }
                footer { (report.tool) " · schema " (report.schema) }
                script { (PreEscaped(SEARCH)) }
            }
        }
    };
    page.into_string() + "\n"
}

fn summary(report: &Report) -> Markup {
    let judgement = report.judgement();
    let class = match judgement {
        Judgement::Conforms | Judgement::AsExpected => "pass",
        Judgement::DoesNot | Judgement::BaselineIsWrong => "fail",
        Judgement::Inconclusive => "inconclusive",
    };
    let total = report.results.len().max(1);
    html! {
        header {
            p.over { "parlance-conform · " (report.dialect) }
            h1 { (report.name) " " span.badge.(class) { (judgement.told()) } }
            p { (counted(report)) " in " (seconds(report.millis)) " s" }
            div.bar role="img" aria-label=(counted(report)) {
                @for verdict in VERDICTS {
                    @let count = report.count(verdict);
                    @if count > 0 {
                        // In thousandths: more digits make no difference in a browser.
                        @let share = count * 1000 / total;
                        span.(verdict.name()) style=(format!("flex:{share} 0 0"))
                            title=(format!("{count} {}", verdict.name())) {}
                    }
                }
            }
            dl.facts {
                div { dt { "address" } dd { code { (report.address) } } }
                div { dt { "seed" } dd { code { "--seed " (report.seed) } } }
                div { dt { "run" } dd {
                    @if report.quick { "quick" } @else { "full" }
                    @if report.document_only { ", the documents alone" }
                    @if report.extensions { ", with extensions" }
                } }
                @if !report.not_run.is_empty() {
                    div { dt { "not run" } dd { (not_run(report)) } }
                }
                div { dt { "exit status" } dd { (report.exit_status) } }
            }
        }
    }
}

fn problems(report: &Report) -> Markup {
    html! {
        @if !report.problems().is_empty() {
            section {
                h2 { "The baseline" }
                ul { @for problem in report.problems() {
                    li { code { (problem.id) } " " (problem.message) }
                } }
            }
        }
    }
}

fn failures(report: &Report) -> Markup {
    let groups = groups(report);
    let expected: Vec<&CaseResult> =
        report.results.iter().filter(|result| result.expected.is_some()).collect();
    html! {
        @if !groups.is_empty() {
            section {
                h2 { "What is wrong" }
                p.quiet {
                    @let cases: usize = groups.iter().map(Group::len).sum();
                    (groups.len()) @if groups.len() == 1 { " cause" } @else { " causes" }
                    " behind " (cases) @if cases == 1 { " failure" } @else { " failures" }
                    ". Start with the first."
                }
                @for (index, group) in groups.iter().enumerate() {
                    (one_page(group.root, index == 0))
                    @if !group.also.is_empty() || !group.followers.is_empty() {
                        div.follows {
                            @for result in &group.also { (one_page(result, false)) }
                            @if !group.followers.is_empty() {
                                p.quiet {
                                    "Could not be judged because of it:"
                                    @for one in &group.followers { " " code { (one.id) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !expected.is_empty() {
            section {
                h2 { "Wrong as the baseline expects" }
                @for result in &expected { (one_page(result, false)) }
            }
        }
    }
}

fn one_page(result: &CaseResult, open: bool) -> Markup {
    html! {
        details.page id=(anchor(result)) open[open] {
            summary {
                (badge(result)) " " code { (result.id) } " "
                span.quiet { (told(result)) }
            }
            @if let Some(reason) = &result.expected {
                p { "Expected: " (reason) }
            }
            pre tabindex="0" { (result.page.as_deref().unwrap_or("")) }
        }
    }
}

fn profile(report: &Report) -> Markup {
    let readings = readings(report);
    html! {
        @if !readings.is_empty() {
            section {
                h2 { "Its readings" }
                p.quiet {
                    "Where a document allows several, this is what the server does. "
                    "None of it is wrong."
                }
                table {
                    thead { tr { th { "clause" } th { "reading" } th { "the clause says" } } }
                    tbody { @for (clause, reading) in readings {
                        tr {
                            td { code { (clause) } }
                            td { strong { (reading) } }
                            td.quiet { (prose(sentence(report, clause))) }
                        }
                    } }
                }
            }
        }
    }
}

fn like(report: &Report) -> Markup {
    html! {
        @if !report.like.is_empty() {
            section {
                h2 { "What it is like" }
                p.quiet {
                    "Servers with one known fault fail about the same cases. A guess:"
                }
                ul { @for like in &report.like {
                    li {
                        "It behaves like a server that " (like.story) " "
                        span.quiet { "(" (like.mutant) ")" }
                    }
                } }
            }
        }
    }
}

fn all_clauses(report: &Report) -> Markup {
    let mut groups: Vec<(&str, Vec<&ClauseText>)> = Vec::new();
    for clause in &report.clauses {
        let (group, _) = clause.id.rsplit_once('-').unwrap_or((&clause.id, ""));
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, clauses)) => clauses.push(clause),
            None => groups.push((group, vec![clause])),
        }
    }
    html! {
        section.cases {
            h2 { "All clauses" }
            form.filters onsubmit="return false" {
                @for verdict in VERDICTS {
                    @let count = report.count(verdict);
                    label.(verdict.name()) hidden[count == 0] {
                        input type="checkbox" id=(format!("show-{}", verdict.name())) checked;
                        " " (verdict.name()) " " span.quiet { (count) }
                    }
                }
                input type="search" id="search" placeholder="clause, case, message"
                    aria-label="search";
            }
            @for (name, clauses) in &groups {
                h3 { code { (name) } " " span.quiet { (tally(report, clauses)) } }
                @for clause in clauses { (clause_table(report, clause)) }
            }
        }
    }
}

fn tally(report: &Report, clauses: &[&ClauseText]) -> String {
    let here = |result: &&CaseResult| clauses.iter().any(|clause| clause.id == result.clause);
    let (mut passed, mut all) = (0, 0);
    for result in report.results.iter().filter(here) {
        all += 1;
        passed += usize::from(result.verdict == Verdict::Pass);
    }
    format!("{passed} of {all} pass")
}

fn clause_table(report: &Report, clause: &ClauseText) -> Markup {
    let label = if clause.kind == "OURS" { "OURS (our decision)" } else { clause.kind };
    html! {
        div.clause {
            p { strong { code { (clause.id) } } " " span.quiet { (clause.level) " · " (label) }
                br; (prose(&clause.sentence)) }
            table {
                tbody {
                    @for result in report.results.iter().filter(|one| one.clause == clause.id) {
                        (row(result))
                    }
                }
            }
        }
    }
}

fn row(result: &CaseResult) -> Markup {
    let (_, name) = result.id.rsplit_once('/').unwrap_or(("", &result.id));
    html! {
        tr.(result.verdict.name()) data-id=(result.id) {
            td.verdict { (badge(result)) }
            td {
                @if result.verdict.is_wrong() {
                    a href=(format!("#{}", anchor(result))) { code { (name) } }
                } @else { code { (name) } }
                " " span.quiet { (told(result)) }
                @if let Some(reading) = &result.reading { " " span.quiet { "reads: " (reading) } }
                @if let Some(facts) = result.facts { " " span.quiet { (facts) " facts judged" } }
                @if !result.proofs.is_empty() {
                    ul.proofs { @for proof in &result.proofs { li { (proof) } } }
                }
            }
            td.time { (result.millis) " ms" }
        }
    }
}

fn badge(result: &CaseResult) -> Markup {
    let word = if result.expected.is_some() { "expected" } else { result.verdict.name() };
    let class = if result.expected.is_some() { "skip" } else { result.verdict.name() };
    html! { span.badge.(class) { (word) } }
}

fn anchor(result: &CaseResult) -> String {
    format!("case-{}", result.id.replace('/', "-"))
}

/// A sentence of the specification, whose code is between grave accents.
pub(in super::super) fn prose(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn sentence<'a>(report: &'a Report, clause: &str) -> &'a str {
    let found = report.clauses.iter().find(|known| known.id == clause);
    found.map_or("", |clause| &clause.sentence)
}
