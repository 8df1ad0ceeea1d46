//! What came of a run: the values that all reports are made of.

use serde::Serialize;

/// What is known of one case at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) schema: &'static str,
    pub(super) tool: &'static str,
    pub(super) dialect: &'static str,
    pub(super) address: String,
    pub(super) seed: u64,
    pub(super) quick: bool,
    pub(super) document_only: bool,
    pub(super) conforms: Option<bool>,
    pub(super) millis: u64,
    pub(super) results: Vec<CaseResult>,
}

/// The version of the JSON report; another one may have other fields.
pub(super) const SCHEMA: &str = "parlance-conform/1";

impl Report {
    pub(super) fn count(&self, verdict: Verdict) -> usize {
        self.results.iter().filter(|result| result.verdict == verdict).count()
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

    pub(super) fn exit_status(&self) -> u8 {
        match self.conforms {
            Some(true) => 0,
            Some(false) => 1,
            None => 3,
        }
    }
}
