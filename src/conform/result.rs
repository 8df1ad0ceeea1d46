//! What came of a run: the values that all reports are made of.
//!
//! They are written as `spec/conformance.schema.json` says: a field that is new here is new there.

use super::baseline::{Checked, Problem};
use super::spec::Clause;
use serde::{Deserialize, Serialize};

/// What is known of one case at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    Pass,
    /// A MUST clause is broken.
    Fail,
    /// A SHOULD clause is.
    Warn,
    /// The suite could not find out.
    Inconclusive,
    /// It does not apply here, and why is said.
    Skip,
}

impl Verdict {
    /// As the JSON report writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Warn => "warn",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skip => "skip",
        }
    }

    /// Whether the server did something wrong.
    pub(super) fn is_wrong(self) -> bool {
        matches!(self, Verdict::Fail | Verdict::Warn)
    }
}

/// One case, or one way to cut it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CaseResult {
    pub(super) id: String,
    pub(super) clause: String,
    pub(super) level: &'static str,
    pub(super) kind: &'static str,
    pub(super) verdict: Verdict,
    /// One sentence on the verdict.
    pub(super) message: String,
    /// Why the baseline expects it to be wrong, if it does and it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<String>,
    /// `mismatch`, `timeout`, ... if something was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<&'static str>,
    /// How the bytes were cut, if only that made it wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) segmentation: Option<String>,
    /// In how many of how many repetitions it was wrong, if not in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) race: Option<[u32; 2]>,
    /// Which allowed reading the server has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<String>,
    /// How it is known that nothing else arrived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) proofs: Vec<String>,
    /// Facts that were judged, where a case judges a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facts: Option<usize>,
    pub(super) millis: u64,
    /// The failure page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<String>,
}

/// A clause that the run was about.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ClauseText {
    pub(super) id: String,
    pub(super) level: &'static str,
    pub(super) kind: &'static str,
    pub(super) sentence: String,
}

impl From<&Clause> for ClauseText {
    fn from(clause: &Clause) -> ClauseText {
        ClauseText {
            id: clause.id.clone(),
            level: clause.level.name(),
            kind: clause.kind.name(),
            sentence: clause.sentence.clone(),
        }
    }
}

/// A server that is known to be wrong, and fails the same cases.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Like {
    pub(super) mutant: &'static str,
    /// What it does, after "your server".
    pub(super) story: &'static str,
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) schema: &'static str,
    pub(super) tool: &'static str,
    /// What the server is called: the user's word for it, or its command, or its address.
    pub(super) name: String,
    pub(super) dialect: &'static str,
    pub(super) address: String,
    pub(super) seed: u64,
    pub(super) quick: bool,
    pub(super) document_only: bool,
    /// Whether the server conforms, whatever a baseline expects; `None` if that is not known.
    pub(super) conforms: Option<bool>,
    pub(super) exit_status: u8,
    pub(super) millis: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<Checked>,
    /// The clauses of the cases that were selected, in order of their first cases.
    pub(super) clauses: Vec<ClauseText>,
    /// Servers with one fault each that together fail about the same cases.
    pub(super) like: Vec<Like>,
    pub(super) results: Vec<CaseResult>,
}

/// The version of the JSON report. A field that is new does not change it; one that is gone, or means
/// something else, does.
pub(super) const SCHEMA: &str = "parlance-conform/1";

/// The last word of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Conforms,
    /// It does not conform, and exactly as the baseline says.
    AsExpected,
    DoesNot,
    /// Nothing unexpected is wrong, but the baseline has entries that no longer hold.
    BaselineIsWrong,
    Inconclusive,
}

impl Judgement {
    pub(super) fn told(self) -> &'static str {
        match self {
            Judgement::Conforms => "conforms",
            Judgement::AsExpected => "as the baseline expects",
            Judgement::DoesNot => "does not conform",
            Judgement::BaselineIsWrong => "the baseline no longer holds",
            Judgement::Inconclusive => "inconclusive",
        }
    }

    fn exit_status(self) -> u8 {
        match self {
            Judgement::Conforms | Judgement::AsExpected => 0,
            Judgement::DoesNot | Judgement::BaselineIsWrong => 1,
            Judgement::Inconclusive => 3,
        }
    }
}

impl Report {
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict == verdict).count()
    }

    /// How many results of a verdict no baseline expects.
    pub(super) fn unexpected(&self, verdict: Verdict) -> usize {
        let counts = |result: &&CaseResult| result.verdict == verdict && result.expected.is_none();
        self.results.iter().filter(counts).count()
    }

    /// How many results are wrong as the baseline expects.
    pub(super) fn expected(&self) -> usize {
        self.results.iter().filter(|result| result.expected.is_some()).count()
    }

    /// What is wrong with the baseline.
    pub(super) fn problems(&self) -> &[Problem] {
        self.baseline.as_ref().map_or(&[], |checked| &checked.problems)
    }

    /// Whether the server conforms, if that is known.
    pub(super) fn judged(results: &[CaseResult]) -> Option<bool> {
        let any = |verdict| results.iter().any(|result| result.verdict == verdict);
        match (any(Verdict::Fail), any(Verdict::Inconclusive), any(Verdict::Pass)) {
            (true, _, _) => Some(false),
            (false, false, true) => Some(true),
            _ => None,
        }
    }

    /// The last word: what the baseline expects is not held against the server, but against the
    /// baseline if it is not so.
    pub(super) fn judgement(&self) -> Judgement {
        if self.unexpected(Verdict::Fail) > 0 {
            return Judgement::DoesNot;
        }
        if !self.problems().is_empty() {
            return Judgement::BaselineIsWrong;
        }
        match self.conforms {
            Some(true) => Judgement::Conforms,
            // All its failures are expected ones.
            Some(false) if self.count(Verdict::Inconclusive) == 0 => Judgement::AsExpected,
            _ => Judgement::Inconclusive,
        }
    }

    /// As the program ends.
    pub(super) fn status(&self) -> u8 {
        self.judgement().exit_status()
    }
}
