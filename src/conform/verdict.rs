//! The verdict that follows from the attempts at one case, and its page.

use super::attempt::Findings;
use super::by_hand::Hands;
use super::cause::{Cause, How};
use super::failure::{Failure, Outcome, Place, Trouble};
use super::page::Page;
use super::result::{CaseResult, Verdict};
use super::runner::{FinishedAttempt, Runner};
use super::script::Case;
use super::segments::{Segmentation, boundaries, coalesced};
use super::spec::Level;
use super::template::{Names, expand};
use std::fmt::Write as _;
use std::sync::PoisonError;
use std::time::Duration;

/// How often a failed case is tried again, while there are few of them.
const REPETITIONS: u32 = 5;
const FEW: usize = 8;
const REPETITIONS_OF_MANY: u32 = 2;
/// How long an attempt may take for more than one repetition, if it is a wait.
const LONG: Duration = Duration::from_secs(3);
/// How often a case must pass without cuts before a failure is told to be due to a cut.
const PROOFS: u32 = 2;
/// Number of single cuts that are tried of each case.
const SINGLE_CUTS: usize = 8;

impl Runner<'_> {
    pub(super) fn judged(&self, case: &Case) -> CaseResult {
        if let Some(reason) = self.unfit(case) {
            return self.result(case, Verdict::Skip, reason);
        }
        if let Some(why) = self.is_lost() {
            let mut result = self.result(case, Verdict::Skip, format!("not played: {why}"));
            result.cause = Some(self.loss());
            return result;
        }
        let whole = self.play(case, Segmentation::Whole, 0);
        let trouble = match &whole.played {
            Ok(()) => return self.segmented(case, &whole.findings),
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::Unknown(why) => self.result(case, Verdict::Inconclusive, why.clone()),
            Trouble::Failure(failure) => self.failed(case, &whole, failure, Segmentation::Whole),
        }
    }

    fn unfit(&self, case: &Case) -> Option<String> {
        if case.started && self.server.command().is_none() {
            return Some("only for a server that is started here: -- ./server {port}".to_owned());
        }
        if case.argument && !self.server.port_is_an_argument() {
            return Some("only where {port} is an argument by itself".to_owned());
        }
        let readings = self.readings();
        let clause = &case.needs.iter().find(|needs| !readings.holds(needs, self.book))?.clause;
        let found = readings.found(clause).unwrap_or("unknown");
        Some(format!("the server's reading of {clause} is {found:?}"))
    }

    /// The same bytes, cut in every other way.
    fn segmented(&self, case: &Case, findings: &Findings) -> CaseResult {
        for (number, way) in (1..).zip(self.ways(case)) {
            let finished = self.play(case, way, number);
            match &finished.played {
                Ok(()) => {}
                Err(Trouble::Unknown(why)) => {
                    return self.result(case, Verdict::Inconclusive, format!("{way}: {why}"));
                }
                Err(Trouble::Failure(failure)) => {
                    return self.failed(case, &finished, failure, way);
                }
            }
        }
        let mut result = self.result(case, Verdict::Pass, String::new());
        result.reading.clone_from(&findings.reading);
        result.proofs.clone_from(&findings.proofs);
        result.facts = (findings.facts > 0).then_some(findings.facts);
        result
    }

    pub(super) fn ways(&self, case: &Case) -> Vec<Segmentation> {
        if case.whole || case.runs.is_some() {
            return Vec::new();
        }
        let mut ways = vec![Segmentation::Bytes];
        ways.extend(self.server.transport().ways());
        if coalesced(&case.steps).is_some() {
            ways.push(Segmentation::Coalesced);
        }
        if !self.manner.quick {
            ways.push(Segmentation::Cuts);
            let words = self.readings().words(self.book);
            let names = Names { nonce: "0123456".to_owned(), words };
            let cuts = case.steps.iter().filter_map(|step| match &step.action {
                super::script::Action::Send(text) => expand(text, &names).ok(),
                _ => None,
            });
            let cuts = cuts.map(|bytes| boundaries(&bytes).len()).max().unwrap_or(0);
            ways.extend((0..cuts.min(SINGLE_CUTS)).map(Segmentation::Cut));
        }
        ways
    }

    fn failed(
        &self,
        case: &Case,
        finished: &FinishedAttempt,
        failure: &Failure,
        way: Segmentation,
    ) -> CaseResult {
        if matches!(failure.outcome, Outcome::Crash(_) | Outcome::Silence(_)) {
            return self.lost(case, finished, failure, way);
        }
        let took = finished.transcript.begun.elapsed();
        let clause = self.clause(case);
        let verdict = if clause.level == Level::Must { Verdict::Fail } else { Verdict::Warn };
        let mut result = self.result(case, verdict, failure.outcome.told(&failure.who));
        result.outcome = Some(failure.outcome.name());
        result.place = failure.place;
        let cut = (way != Segmentation::Whole).then(|| way.to_string());
        result.segmentation.clone_from(&cut);
        let again = self.repetitions(case, &result, is_slow(&failure.outcome), took);
        let wrong = (0..again)
            .filter(|number| {
                let again = self.play(case, way, 100 + number);
                matches!(again.played, Err(Trouble::Failure(_)))
            })
            .count();
        let wrong = u32::try_from(wrong).unwrap_or(again);
        let slow = is_slow(&failure.outcome);
        if again > 0 && wrong == 0 && slow {
            let why = format!(
                "{}, once in {} attempts; try --patience",
                failure.outcome.told(&failure.who),
                again + 1
            );
            return self.result(case, Verdict::Inconclusive, why);
        }
        // Only what happens each time, and never without the cut, is the cut's doing.
        let steady = cut.is_some() && again > 0 && wrong == again && {
            (0..PROOFS)
                .all(|number| self.play(case, Segmentation::Whole, 200 + number).played.is_ok())
        };
        let page = Page {
            case,
            says: None,
            hint: &case.hint,
            clause,
            transcript: &finished.transcript,
            failure,
            hands: self.hands(),
            in_pieces: cut.is_some(),
            cut,
            traceback: finished.traceback.as_ref(),
            steady,
            unclear: finished.unclear,
        };
        result.says = Some(page.headline());
        let mut page = page.render();
        if wrong < again {
            // If no repetition failed, the first attempt counts too: its failure did happen.
            let rate = if wrong == 0 { [1, again + 1] } else { [wrong, again] };
            result.race = Some(rate);
            let _ = write!(page, "\n  A race: wrong in {} of {} attempts.\n", rate[0], rate[1]);
        }
        result.page = Some(page);
        result
    }

    /// How often a failure is tried again: not if another case tells what is wrong, or if one
    /// failure takes minutes; and seldom if each time is a wait.
    fn repetitions(&self, case: &Case, result: &CaseResult, slow: bool, took: Duration) -> u32 {
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        let follows = self.cause(result, &wrong).is_some();
        wrong.push(result.clone());
        if case.minutes || case.measured || follows {
            return 0;
        }
        match wrong.len() {
            _ if slow && took > LONG => 1,
            many if slow || many > FEW => REPETITIONS_OF_MANY,
            _ => REPETITIONS,
        }
    }

    /// How a shell reaches the server.
    pub(super) fn hands(&self) -> Hands<'_> {
        let address = self.server.address();
        let layers = self.server.transport().name();
        Hands { address, layers, command: self.server.command() }
    }

    /// A case during which the server ended, or stopped to answer: the case about that tells it,
    /// once, and names the first such case.
    fn lost(
        &self,
        case: &Case,
        finished: &FinishedAttempt,
        failure: &Failure,
        way: Segmentation,
    ) -> CaseResult {
        let about = self.book.case(&self.book.alive).unwrap_or(case);
        let told = failure.outcome.told(&failure.who);
        let mut root = self.result(about, Verdict::Fail, format!("{told} (in {})", case.id));
        root.outcome = Some(failure.outcome.name());
        let page = Page {
            case: about,
            says: Some("The server ends, or answers nobody any more."),
            hint: "The transcript is that of the first case after which it happened.",
            clause: self.clause(about),
            transcript: &finished.transcript,
            failure,
            hands: self.hands(),
            cut: None,
            in_pieces: way != Segmentation::Whole,
            traceback: finished.traceback.as_ref(),
            steady: false,
            unclear: finished.unclear,
        };
        root.says = Some(page.headline());
        root.page = Some(page.render());
        self.losses.note(root);
        let mut result = self.result(case, Verdict::Skip, told);
        result.cause = Some(self.loss());
        result
    }

    fn loss(&self) -> Cause {
        Cause { how: How::Silence, of: self.book.alive.clone() }
    }

    pub(super) fn result(&self, case: &Case, verdict: Verdict, message: String) -> CaseResult {
        let clause = self.clause(case);
        CaseResult {
            id: case.id.clone(),
            clause: clause.id.clone(),
            level: clause.level.name(),
            kind: clause.kind.name(),
            verdict,
            message,
            says: None,
            expected: None,
            cause: None,
            outcome: None,
            segmentation: None,
            race: None,
            reading: None,
            proofs: Vec::new(),
            facts: None,
            millis: 0,
            place: Place::default(),
            page: None,
        }
    }
}

/// Whether a slow machine explains the failure as well as a wrong server.
fn is_slow(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Timeout { .. } | Outcome::NotConnected(_) | Outcome::Overdue(_))
}
