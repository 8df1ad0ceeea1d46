//! Which cases of a dialect are run, and why the others are not.

use super::ConformError;
use super::glob;
use super::last_run;
use super::options::Options;
use super::result::LeftOut;
use super::script::{Book, Case};
use super::spec::{Kind, Spec};

/// The selected cases, and the others by the reason for which they are left out.
#[derive(Debug)]
pub(super) struct Selection<'a> {
    pub(super) cases: Vec<&'a Case>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Why cases are left out, in the order in which the reasons are looked at: the words around
/// "case", and what would run them.
const REASONS: [(&str, &str, Option<&str>); 5] = [
    ("", " not selected", None),
    ("", " that passed before", Some("without --failed")),
    ("", " of our decisions", Some("without --document-only")),
    ("longer ", "", Some("without --quick")),
    ("slow ", "", Some("--slow")),
];

/// The selected cases; a selector that matches nothing is an error.
pub(super) fn selected<'a>(
    options: &Options,
    spec: &Spec,
    book: &'a Book,
) -> Result<Selection<'a>, ConformError> {
    for pattern in options.select.iter().chain(&options.exclude) {
        if !book.cases.iter().any(|case| glob::selects(pattern, &case.id)) {
            return Err(ConformError::Usage(format!("no case matches {pattern:?}; see --list")));
        }
    }
    let failed = options.failed.as_deref().map(|path| last_run::failed(path, book)).transpose()?;
    let any = |patterns: &[String], id: &str| patterns.iter().any(|one| glob::selects(one, id));
    let reason = |case: &Case| {
        let kind = spec.get(&case.clause).map(|clause| clause.kind);
        let selected = options.select.is_empty() || any(&options.select, &case.id);
        // Where nothing failed, everything is run.
        let passed = |failed: &Vec<String>| !failed.is_empty() && !failed.contains(&case.id);
        let reasons = [
            !selected || any(&options.exclude, &case.id),
            failed.as_ref().is_some_and(passed),
            options.document_only && kind == Some(Kind::Ours),
            options.quick && case.slow,
            !options.slow && case.minutes,
        ];
        reasons.iter().position(|holds| *holds)
    };
    let (mut cases, mut counts) = (Vec::new(), [0; REASONS.len()]);
    for case in &book.cases {
        match reason(case) {
            None => cases.push(case),
            Some(reason) => counts[reason] += 1,
        }
    }
    if cases.is_empty() {
        return Err(ConformError::Usage("nothing is selected".to_owned()));
    }
    let left_out = REASONS.iter().zip(counts).filter(|(_, count)| *count > 0);
    let left_out = left_out.map(|((before, after, option), count)| {
        let several = if count == 1 { "" } else { "s" };
        LeftOut {
            cases: count,
            words: format!("{count} {before}case{several}{after}"),
            option: *option,
        }
    });
    Ok(Selection { cases, left_out: left_out.collect() })
}
