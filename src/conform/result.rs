//! The result of a run: the values that all reports are made of.
//!
//! They are written as `spec/conformance.schema.json` says: a new field here must be added there.

use super::cause::Cause;
use super::failure::Place;
use super::spec::Clause;
use serde::{Deserialize, Serialize};

/// The verdict on one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    Pass,
    /// A MUST clause is broken.
    Fail,
    /// A SHOULD clause is broken.
    Warn,
    /// The suite could not find out.
    Inconclusive,
    /// The case does not apply here, and the message says why.
    Skip,
}

impl Verdict {
    /// The name in the JSON report.
    pub(super) fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Warn => "warn",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skip => "skip",
        }
    }

    /// Whether nobody knows.
    pub(super) fn is_unknown(self) -> bool {
        self == Verdict::Inconclusive
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
    /// One sentence on the verdict: what came and was wrong, or why nothing was found out.
    pub(super) message: String,
    /// The sentence of the case on the fault, in plain words, if it is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) says: Option<String>,
    /// Why the baseline expects the failure, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expected: Option<String>,
    /// What the result follows from, if not from what the case is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<Cause>,
    /// `mismatch`, `timeout` and so on, if something was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<&'static str>,
    /// How the bytes were cut, if the case failed only with this cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) segmentation: Option<String>,
    /// The number of failed repetitions and of all repetitions, if not all failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) race: Option<[u32; 2]>,
    /// Which allowed reading the server has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<String>,
    /// How the suite knows that nothing else arrived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) proofs: Vec<String>,
    /// Number of judged facts, if the case judges a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facts: Option<usize>,
    pub(super) millis: u64,
    /// Where in its case it is wrong.
    #[serde(skip)]
    pub(super) place: Place,
    /// The failure page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<String>,
}

/// A clause of the selected cases.
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

/// A mutant that fails the same cases.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Like {
    pub(super) mutant: &'static str,
    /// What the mutant does, for a sentence that begins with "your server".
    pub(super) story: &'static str,
}

/// The result of comparing a run with a baseline.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Checked {
    /// Number of entries whose case failed as the entry says.
    pub(super) expected: usize,
    /// Number of entries whose case did not run this time, or could not be judged.
    pub(super) not_judged: usize,
    pub(super) problems: Vec<Problem>,
}

/// An entry that does not hold.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Problem {
    pub(super) id: String,
    pub(super) kind: ProblemKind,
    /// What does not hold, and how to correct it.
    pub(super) message: String,
}

/// How an entry does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProblemKind {
    /// The case passes.
    Stale,
    /// The case fails with another message.
    OtherMessage,
}

impl ProblemKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            ProblemKind::Stale => "stale",
            ProblemKind::OtherMessage => "other-message",
        }
    }
}

/// Cases that were not run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeftOut {
    pub(super) cases: usize,
    /// How many of what kind: `1 slow case`.
    pub(super) words: String,
    /// What would run them: `--slow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) option: Option<&'static str>,
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own for machines")]
pub(super) struct Report {
    pub(super) schema: &'static str,
    pub(super) tool: &'static str,
    /// The name of the server: the user's name for it, or its command, or its address.
    pub(super) name: String,
    pub(super) dialect: &'static str,
    pub(super) address: String,
    /// The layers over the socket, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transport: Option<&'static str>,
    pub(super) seed: u64,
    pub(super) quick: bool,
    pub(super) document_only: bool,
    pub(super) extensions: bool,
    /// Whether the server conforms, regardless of a baseline; `None` if that is not known.
    pub(super) conforms: Option<bool>,
    pub(super) exit_status: u8,
    /// Whether the run goes on, or was interrupted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) unfinished: bool,
    /// The cases of the dialect that did not run.
    pub(super) not_run: Vec<LeftOut>,
    pub(super) millis: u64,
    /// What is to be known about the run before its results, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<Checked>,
    /// The clauses of the selected cases, in the order of their first cases.
    pub(super) clauses: Vec<ClauseText>,
    /// What is to be repaired, one entry for one cause, the first first.
    pub(super) causes: Vec<GroupIds>,
    /// Mutants with one fault each that together fail about the same cases.
    pub(super) like: Vec<Like>,
    pub(super) results: Vec<CaseResult>,
}

/// What is to be repaired as one thing, by the ids of its cases.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GroupIds {
    pub(super) root: String,
    pub(super) also: Vec<String>,
    pub(super) followers: Vec<String>,
}

/// The version of the JSON report. A new field does not change it; a removed field, or one with
/// another meaning, does.
pub(super) const SCHEMA: &str = "parlance-conform/1";

/// The overall result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Conforms,
    /// The server does not conform, exactly as the baseline says.
    AsExpected,
    DoesNot,
    /// No failure is unexpected, but the baseline has entries that no longer hold.
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

    /// Number of results with a verdict that no baseline expects.
    pub(super) fn unexpected(&self, verdict: Verdict) -> usize {
        let counts = |result: &&CaseResult| result.verdict == verdict && result.expected.is_none();
        self.results.iter().filter(counts).count()
    }

    /// Number of failures that the baseline expects.
    pub(super) fn expected(&self) -> usize {
        self.results.iter().filter(|result| result.expected.is_some()).count()
    }

    /// The entries of the baseline that do not hold.
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

    /// The overall result. An expected failure does not count against the server; an entry that
    /// does not hold counts against the baseline.
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

    /// The exit status of the program.
    pub(super) fn status(&self) -> u8 {
        self.judgement().exit_status()
    }
}
