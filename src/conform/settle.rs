//! What a result follows from: one cause, one finding.

use super::cause::{BARE_LF, Cause, How};
use super::escapes::shown;
use super::failure::Outcome;
use super::gate::{Hindrance, Obstacle};
use super::habits::Habit;
use super::page::Page;
use super::result::{CaseResult, Verdict};
use super::runner::Runner;
use super::script::{Case, Presumed};
use super::spec::Kind;
use super::stage::Stage;
use super::transcript::What;
use std::collections::BTreeMap;

impl<'a> Runner<'a> {
    /// The results of a run that does not get past the gate: that of the case about what does not
    /// work, and all others, which were not played.
    pub(super) fn blocked(&self, cases: &[&Case], obstacle: &Obstacle) -> Vec<CaseResult> {
        let root = self.root_of(obstacle);
        let id = root.id.clone();
        let mut results = vec![root];
        for case in cases.iter().filter(|case| case.id != id) {
            let why = format!("not played: {id} comes first");
            let mut result = self.result(case, Verdict::Skip, why);
            result.cause = Some(Cause { how: How::Gate, of: id.clone() });
            results.push(result);
        }
        results
    }

    fn root_of(&self, obstacle: &Obstacle) -> CaseResult {
        let failure = &obstacle.failure;
        let lost = matches!(failure.outcome, Outcome::Crash(_));
        let stage = match obstacle.what {
            Hindrance::Text => Stage::Hears,
            _ => Stage::Enter,
        };
        let about = self.book.stages.iter().find(|(of, _)| *of == stage).map(|(_, id)| &**id);
        let alive = lost || obstacle.what == Hindrance::WayOut;
        let id = match about {
            _ if obstacle.what == Hindrance::BareLineFeed => BARE_LF,
            Some(about) if !alive => about,
            _ => &self.book.alive,
        };
        let case = self.book.case(id).expect("the tests check that there are these cases");
        let told = failure.outcome.told(&failure.who);
        // A broken rule of a layer is a finding, whatever is spoken over it.
        let ruled = matches!(failure.outcome, Outcome::Rule(_));
        if !obstacle.speaks && !lost && !ruled {
            let message = obstacle.strange(self.book.dialect, &told);
            return self.result(case, Verdict::Inconclusive, message);
        }
        // The case itself shows it best, if it shows it.
        let mismatch = matches!(failure.outcome, Outcome::Mismatch { .. });
        let form = self.book.about(Habit::LineEnds).filter(|_| mismatch && !alive);
        let shown = form.and_then(|id| self.book.case(id)).into_iter().chain([case]);
        for case in shown.filter(|_| !alive) {
            let own = self.judged(case);
            if own.verdict.is_wrong() {
                return own;
            }
        }
        let mut result = self.result(case, Verdict::Fail, told);
        result.outcome = Some(failure.outcome.name());
        let page = Page {
            case,
            says: Some(obstacle.what.told()),
            hint: obstacle.what.hint(),
            clause: self.clause(case),
            transcript: &obstacle.transcript,
            failure,
            hands: self.hands(),
            cut: None,
            in_pieces: false,
            traceback: None,
            steady: false,
            unclear: 0,
        };
        result.says = Some(page.headline());
        result.page = Some(page.render());
        result
    }

    /// The selected cases, and those about the habits that the gate has found.
    pub(super) fn with_roots<'c>(&self, cases: &[&'c Case]) -> Vec<&'c Case>
    where
        'a: 'c,
    {
        let habits = self.habits.all();
        let mut roots: Vec<&str> =
            habits.iter().filter_map(|habit| self.book.about(*habit)).collect();
        // Where the documents alone count, a habit that only we exclude is not told.
        roots.retain(|id| {
            let ours = self.book.case(id).map(|case| self.clause(case).kind) == Some(Kind::Ours);
            let left_out = ours && self.manner.document_only;
            !(left_out || cases.iter().any(|case| case.id == **id))
        });
        let more = self.book.cases.iter().filter(|case| roots.contains(&&*case.id));
        more.chain(cases.iter().copied()).collect()
    }

    /// The results with their causes.
    pub(super) fn settled(&self, mut results: Vec<CaseResult>) -> Vec<CaseResult> {
        self.add_loss(&mut results);
        let mut causes: BTreeMap<String, Cause> = BTreeMap::new();
        for result in &results {
            if result.cause.is_none()
                && let Some(cause) = self.cause(result, &results)
            {
                causes.insert(result.id.clone(), cause);
            }
        }
        for result in &mut results {
            let Some(cause) = causes.get(&result.id) else { continue };
            let root = root(cause, &causes);
            result.message = match (result.verdict, cause.how) {
                (Verdict::Skip, _) => result.message.clone(),
                (_, How::Step) => format!("did not get that far: {}", result.message),
                _ => format!("follows from {root}: {}", result.message),
            };
            result.follow(Cause { how: cause.how, of: root });
        }
        results
    }

    /// What a result that is wrong follows from, if not from what its case is about. A cause is
    /// always a result that comes before in an order that is the same in every run, so no two
    /// results are each other's cause.
    pub(super) fn cause(&self, result: &CaseResult, results: &[CaseResult]) -> Option<Cause> {
        let own = self.book.case(&result.id)?;
        let other = |id: &str| results.iter().find(|one| one.id == id && one.id != own.id);
        let fails = |id: &str| {
            other(id).is_some_and(|one| {
                one.verdict.is_wrong()
                    || one.verdict == Verdict::Inconclusive
                    || one.cause.is_some()
            })
        };
        let cause = |how, id: &str| Some(Cause { how, of: id.to_owned() });
        if result.verdict == Verdict::Skip {
            // Its reading could not be found out by the case that probes it.
            let readings = self.readings();
            let unknown = own.needs.iter().find(|needs| readings.found(&needs.clause).is_none())?;
            let mut probes = self.book.cases.iter().filter(|one| one.probe);
            let probe = probes.find(|one| one.clause == unknown.clause && fails(&one.id))?;
            return cause(How::Needs, &probe.id);
        }
        if !result.verdict.is_wrong() {
            return None;
        }
        let stage_of = |stage: Stage| {
            let mut stages = self.book.stages.iter();
            let id = &stages.find(|(of, _)| *of == stage)?.1;
            (fails(id) && self.is_before(id, &own.id)).then_some(id.as_str())
        };
        if let Some(id) = result.place.stage.and_then(stage_of) {
            return cause(How::Step, id);
        }
        // Refusals that never come, and errors in other words, follow from the first such case.
        let rank = |one: &&CaseResult| {
            let kind = ["DOC", "OURS"].iter().position(|kind| *kind == one.kind);
            (kind.unwrap_or(2), one.id.starts_with("common/"))
        };
        let first = results.iter().filter(|one| kin(one, result)).min_by_key(rank);
        if let Some(first) = first.filter(|first| first.id != result.id) {
            return cause(How::Step, &first.id);
        }
        for presumed in &own.presumes {
            let id = match presumed {
                Presumed::Stage(stage) => stage_of(*stage),
                Presumed::Case(id) => fails(id).then_some(id.as_str()),
            };
            if let Some(id) = id {
                return cause(How::Needs, id);
            }
        }
        // A failure that only cuts show follows from the first case that is about cuts.
        let cuts = self.book.cases.iter().find(|case| case.id == CUTS)?;
        (result.segmentation.is_some() && fails(&cuts.id))
            .then(|| Cause { how: How::Needs, of: cuts.id.clone() })
    }

    /// Whether a case that is about a stage comes before another case: those about stages come
    /// before all that are not, in the order of the stages.
    fn is_before(&self, id: &str, other: &str) -> bool {
        let place = |id: &str| self.book.stages.iter().position(|(_, of)| of == id);
        place(other).is_none_or(|other| place(id).is_some_and(|place| place < other))
    }

    /// A case during which the server was lost: the first one is told by the case about that.
    pub(super) fn add_loss(&self, results: &mut Vec<CaseResult>) {
        let Some(loss) = self.losses.first() else { return };
        results.retain(|result| result.id != loss.id);
        results.insert(0, loss);
    }
}

/// The case that is about cuts and nothing else.
const CUTS: &str = "common/framing-6/a-line-in-pieces";

/// Whether two results are wrong in a way that is one fault wherever it shows.
fn kin(one: &CaseResult, other: &CaseResult) -> bool {
    let unanswered =
        |it: &CaseResult| it.place.stage == Some(Stage::Refused) && it.outcome == Some("timeout");
    let wrong = one.verdict.is_wrong() && one.cause.is_none() && one.place.stage.is_some();
    wrong && (unanswered(one) && unanswered(other) || one.place.words && other.place.words)
}

fn root(cause: &Cause, causes: &BTreeMap<String, Cause>) -> String {
    let mut root = cause;
    for _ in 0..causes.len() {
        match causes.get(&root.of) {
            Some(further) => root = further,
            None => break,
        }
    }
    root.of.clone()
}

impl CaseResult {
    /// Makes it one that follows from another: nothing that is said against the server.
    pub(super) fn follow(&mut self, cause: Cause) {
        self.verdict = Verdict::Skip;
        self.cause = Some(cause);
        (self.outcome, self.segmentation, self.race, self.page) = (None, None, None, None);
        self.proofs.clear();
        (self.reading, self.says) = (None, None);
    }
}

impl Obstacle {
    /// That the server does not speak the dialect, with what it was told and what it said.
    fn strange(&self, dialect: &str, told: &str) -> String {
        let quoted = |bytes: &[u8]| shown(bytes).chars().take(100).collect::<String>();
        let events = || self.transcript.events.iter().map(|event| &event.what);
        let sent = events().find_map(|what| match what {
            What::Sent(bytes) => Some(quoted(bytes)),
            _ => None,
        });
        let said = events().find_map(|what| match what {
            What::Got(bytes) => Some(quoted(bytes)),
            _ => None,
        });
        let sent = sent.map_or_else(String::new, |sent| format!(" to {sent}"));
        match said {
            Some(said) => format!("this does not speak {dialect}:{sent} it said {said} ({told})"),
            None => format!("this does not speak {dialect}:{sent} it said nothing ({told})"),
        }
    }
}

impl Hindrance {
    /// What is wrong, in a sentence.
    fn told(self) -> &'static str {
        match self {
            Hindrance::WayIn => "A client is not let in.",
            Hindrance::BareLineFeed => "Only lines that end in CR LF are answered.",
            Hindrance::SecondWayIn => {
                "One client is let in, and another one, while the first is there, is not."
            }
            Hindrance::Text => "A text does not reach the other member.",
            Hindrance::WayOut => {
                "When a client that was let in has closed its connection, no further client is \
                 answered."
            }
        }
    }

    /// What to look at first.
    fn hint(self) -> &'static str {
        match self {
            Hindrance::WayIn | Hindrance::BareLineFeed | Hindrance::Text => {
                "Begin here: nothing else can be judged before this works."
            }
            Hindrance::SecondWayIn => {
                "Serve each client on its own: a thread, a task or a poll loop. A lock that is \
                 taken twice, or held while another client is waited for, looks like this too."
            }
            Hindrance::WayOut => {
                "Look at what your server does when a client has gone: a lock that is taken twice \
                 (by the clean-up, and by the notice to the others), or an error that ends the \
                 loop."
            }
        }
    }
}
