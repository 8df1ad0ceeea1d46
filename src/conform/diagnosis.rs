//! The cases that fail on each mutant, from a full self-test, and the mutants that a server
//! resembles by them.

use super::dialect::mutations_of;
use super::result::{CaseResult, Like, Verdict};
use super::script::Case;
use crate::mutants::Mutation;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Minimum share of a mutant's failing cases that a server must fail as well to resemble it.
const SHARE_MIN: f64 = 0.75;

/// Maximum number of mutants that a report names.
const NAMED: usize = 3;

/// The cases that each mutant of a dialect fails.
#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    rows: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// A row as it is printed and kept: `fails NAME: ID ID`.
pub(super) fn row(mutation: &Mutation, found: &[&Case]) -> String {
    let mut row = format!("fails {}:", mutation.name);
    for case in found {
        let _ = write!(row, " {}", case.id);
    }
    row + "\n"
}

/// Minimum share of judged cases that pass for a server to resemble one with a single fault.
const PASSES_MIN: f64 = 0.5;

/// The mutants that a server with these results is like, by the kept `table` of its dialect.
pub(super) fn like(dialect: &str, table: &str, results: &[CaseResult]) -> Vec<Like> {
    let ids = |verdicts: &[Verdict]| {
        let with = results.iter().filter(|result| verdicts.contains(&result.verdict));
        with.map(|result| result.id.as_str()).collect::<BTreeSet<&str>>()
    };
    let wrong = [Verdict::Fail, Verdict::Warn];
    let (passed, failed) = (ids(&[Verdict::Pass]).len(), ids(&wrong).len());
    let followers = results.iter().filter(|result| result.cause.is_some()).count();
    if share(passed, passed + failed + followers) < PASSES_MIN {
        return Vec::new();
    }
    let names =
        Table::read(table).like(&ids(&[&wrong[..], &[Verdict::Pass]].concat()), &ids(&wrong));
    let told = |name: &&str| mutations_of(dialect).find(|mutation| mutation.name == *name);
    let told = names.iter().filter_map(told);
    told.map(|one| Like { mutant: one.name, story: one.story }).collect()
}

impl<'a> Table<'a> {
    /// Reads the output of a full self-test; lines that are no rows are ignored.
    pub(super) fn read(text: &'a str) -> Table<'a> {
        let row = |line: &'a str| {
            let (name, cases) = line.strip_prefix("fails ")?.split_once(':')?;
            Some((name, cases.split_whitespace().collect()))
        };
        Table { rows: text.lines().filter_map(row).collect() }
    }

    /// The cases that a mutant fails, if it has a row.
    #[cfg(test)]
    pub(super) fn fails(&self, mutant: &str) -> Option<&BTreeSet<&'a str>> {
        self.rows.get(mutant)
    }

    /// The mutants that have rows.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.rows.keys().copied()
    }

    /// The mutants that a server resembles, if the cases in `played` ran and those in `failed`
    /// failed: together they explain as many failures as possible, and each explains some that the
    /// mutants before it do not.
    pub(super) fn like(&self, played: &BTreeSet<&str>, failed: &BTreeSet<&str>) -> Vec<&'a str> {
        let mut left = failed.clone();
        let mut like = Vec::new();
        while like.len() < NAMED {
            let best = self.rows.iter().filter_map(|(name, row)| {
                let fails: BTreeSet<&str> = row.intersection(played).copied().collect();
                let too = fails.intersection(failed).count();
                let new = fails.intersection(&left).count();
                // If few of the mutant's cases were played, the comparison says little.
                let known = share(fails.len(), row.len()) >= SHARE_MIN;
                let close = known && too > 0 && share(too, fails.len()) >= SHARE_MIN;
                // Of two that explain as many, the one with fewer failing cases.
                (close && new > 0)
                    .then(|| (new, too == fails.len(), usize::MAX - fails.len(), *name))
            });
            let Some((.., name)) = best.max() else { break };
            left = left.difference(&self.rows[name]).copied().collect();
            like.push(name);
        }
        like
    }
}

#[allow(clippy::cast_precision_loss, reason = "numbers of cases are small")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::Table;
    use std::collections::BTreeSet;

    const TABLE: &str = "rooms: 4 mutants\nfails deaf: a b c d e f\nfails small: a b\n\
        fails other: x\nfails unknown: v w z\n";

    fn like(failed: &[&str]) -> Vec<&'static str> {
        let played: BTreeSet<&str> = ["a", "b", "c", "d", "e", "f", "x", "z"].into();
        Table::read(TABLE).like(&played, &failed.iter().copied().collect())
    }

    #[test]
    fn a_server_is_like_the_mutants_that_explain_its_failures() {
        assert_eq!(like(&["a", "b"]), ["small"]);
        assert_eq!(like(&["a", "b", "c", "d", "e", "f"]), ["deaf"]);
        assert_eq!(like(&["a", "b", "x"]), ["small", "other"]);
        // `v` and `w` were not played: too little is known of `unknown`.
        assert_eq!(like(&["z"]), [""; 0]);
        assert_eq!(like(&["a", "z"]), [""; 0]);
        assert_eq!(like(&[]), [""; 0]);
    }
}
