//! The results of a run by what is to be repaired: one entry for one cause.

use super::super::result::{CaseResult, GroupIds, Report, Verdict};
use std::collections::BTreeSet;

/// What is to be repaired as one thing: the result that tells it best, other wrong results of the
/// same clause or with the same kind of cut, and the cases that could not be judged because of it.
#[derive(Debug)]
pub(in super::super) struct Group<'a> {
    pub(in super::super) root: &'a CaseResult,
    pub(in super::super) also: Vec<&'a CaseResult>,
    pub(in super::super) followers: Vec<&'a CaseResult>,
}

impl Group<'_> {
    /// How many cases it stands for.
    pub(super) fn len(&self) -> usize {
        1 + self.also.len() + self.followers.len()
    }

    /// Whether the case with this id is one of the wrong ones.
    pub(super) fn has(&self, id: &str) -> bool {
        self.root.id == id || self.also.iter().any(|one| one.id == id)
    }

    fn ids(&self) -> GroupIds {
        let ids = |results: &[&CaseResult]| results.iter().map(|one| one.id.clone()).collect();
        GroupIds {
            root: self.root.id.clone(),
            also: ids(&self.also),
            followers: ids(&self.followers),
        }
    }
}

/// The groups of all failures that no baseline expects: the basics first, then what the documents
/// say, and warnings last.
pub(in super::super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut roots: Vec<(usize, &CaseResult)> =
        report.results.iter().enumerate().filter(|(_, result)| is_root(report, result)).collect();
    roots.sort_by_key(|(place, result)| (rank(result), *place));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (_, result) in roots {
        match groups.iter_mut().find(|group| are_one(group.root, result)) {
            Some(group) => group.also.push(result),
            None => groups.push(Group { root: result, also: Vec::new(), followers: Vec::new() }),
        }
    }
    for group in &mut groups {
        let ids: BTreeSet<&str> =
            [group.root].iter().chain(&group.also).map(|one| one.id.as_str()).collect();
        let follows = |result: &&CaseResult| {
            result.cause.as_ref().is_some_and(|cause| ids.contains(cause.of.as_str()))
        };
        group.followers = report.results.iter().filter(follows).collect();
    }
    groups
}

/// The groups, for the JSON report.
pub(in super::super) fn ids(report: &Report) -> Vec<GroupIds> {
    groups(report).iter().map(Group::ids).collect()
}

/// Whether it is wrong by itself; an inconclusive one, too, if others follow from it.
fn is_root(report: &Report, result: &CaseResult) -> bool {
    let followed = || {
        let mut causes = report.results.iter().filter_map(|other| other.cause.as_ref());
        causes.any(|cause| cause.of == result.id)
    };
    let wrong = result.verdict.is_wrong() || result.verdict == Verdict::Inconclusive && followed();
    wrong && result.cause.is_none() && result.expected.is_none()
}

/// Smaller for what is to be repaired earlier.
fn rank(result: &CaseResult) -> (u8, bool, bool) {
    let basic = match result.clause.split_once('/').map_or("", |(_, rule)| rule) {
        rule if rule.starts_with("gate-") => 0,
        rule if rule.starts_with("alive-") => 1,
        _ => 2,
    };
    (basic, result.verdict == Verdict::Warn, result.kind == "OURS")
}

/// Whether two failures are told as one: those that come only with a cut are likely to be one
/// fault, whatever their clauses, and so are those of one clause, and those that failed on the way
/// to what they are about, in the same kind of step.
fn are_one(one: &CaseResult, other: &CaseResult) -> bool {
    if one.place.before && other.place.before && one.place.stage == other.place.stage {
        return true;
    }
    match (&one.segmentation, &other.segmentation) {
        (Some(_), Some(_)) => true,
        (None, None) => one.clause == other.clause,
        _ => false,
    }
}
