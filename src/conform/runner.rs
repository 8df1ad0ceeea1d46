//! Runs the cases: which, in what company, how often, and what follows from it.

use super::attempts::Attempts;
use super::breach::{Breach, Outcome, Trouble};
use super::page::Page;
use super::play::play;
use super::readings::{Readings, in_respect};
use super::result::{CaseResult, Verdict};
use super::script::{Book, Case};
use super::segments::{Segmentation, boundaries, coalesced};
use super::server::Server;
use super::spec::{Clause, Kind, Level, Spec};
use super::special;
use super::stage::{Bounds, Findings, Played, Setting, Stage};
use super::template::{Names, expand};
use super::transcript::{Transcript, What};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a case that failed is tried again: fully while there are few of them.
const REPETITIONS: u32 = 5;
const FEW: usize = 8;
const REPETITIONS_OF_MANY: u32 = 2;
/// How long after a failure the end of the server's process may still come to be known.
const DYING: Duration = Duration::from_millis(40);
/// How much of its patience the suite keeps with a server that does not even serve two clients.
const WITHOUT_HOPE: f64 = 0.25;
/// Cases that run at the same time against a server that says nothing at all: each only waits.
const JOBS_IF_DEAD: usize = 16;
/// Single cuts that are tried of each case.
const SINGLE_CUTS: usize = 8;

/// How a run goes about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// What all random choices come from.
    pub(super) seed: u64,
    pub(super) quick: bool,
    /// Cases that run at the same time.
    pub(super) jobs: usize,
    pub(super) document_only: bool,
}

/// A run, as far as it has come.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    pub(super) spec: &'a Spec,
    pub(super) book: &'a Book,
    pub(super) server: &'a Server,
    pub(super) bounds: Bounds,
    pub(super) manner: Manner,
    /// The nonces of all attempts.
    attempts: Attempts,
    /// Whether the server has shown that it works at all.
    works: bool,
    failures: AtomicUsize,
    /// Whether cases run one after another now.
    alone: AtomicBool,
    /// Cases that ran beside a crash, which may be another one's.
    disturbed: Mutex<BTreeSet<String>>,
    readings: Mutex<Readings>,
}

/// One attempt, when it is over.
struct Attempt {
    played: Played,
    transcript: Transcript,
    findings: Findings,
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        (spec, book): (&'a Spec, &'a Book),
        server: &'a Server,
        bounds: Bounds,
        manner: Manner,
    ) -> Runner<'a> {
        Runner {
            spec,
            book,
            server,
            bounds,
            manner,
            attempts: Attempts::default(),
            works: false,
            failures: AtomicUsize::new(0),
            alone: AtomicBool::new(false),
            disturbed: Mutex::default(),
            readings: Mutex::default(),
        }
    }

    /// Runs `cases`; `told` hears of every result at once.
    pub(super) fn run(
        &mut self,
        cases: &[&Case],
        told: &(dyn Fn(&CaseResult) + Sync),
    ) -> Vec<CaseResult> {
        self.find_out();
        self.works = self.control("at the start").is_ok();
        if !self.works {
            self.bounds.patience *= WITHOUT_HOPE;
        }
        let dead = !self.works && self.is_mute();
        if dead {
            self.manner.jobs = JOBS_IF_DEAD;
        }
        let profile = |case: &Case| self.clause(case).kind == Kind::Profile;
        // What takes minutes waits most of the time: it runs beside all others. What others presuppose comes
        // first; what disturbs others comes last and alone.
        let (long, short): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.minutes);
        let (alone, company): (Vec<&Case>, Vec<&Case>) = short.iter().partition(|case| case.alone);
        let (first, second): (Vec<&Case>, Vec<&Case>) =
            company.iter().partition(|case| profile(case));
        let this = &*self;
        let mut results = std::thread::scope(|scope| {
            let long = scope.spawn(|| this.together(&long, told, long.len().max(2)));
            let mut results = this.together(&first, told, this.manner.jobs);
            results.extend(this.together(&second, told, this.manner.jobs));
            // Who says nothing can be disturbed by nobody.
            results.extend(this.together(&alone, told, if dead { JOBS_IF_DEAD } else { 1 }));
            results.extend(long.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            results
        });
        let place = |result: &CaseResult| cases.iter().position(|case| case.id == result.id);
        results.sort_by_key(place);
        results
    }

    /// Whether `case`, cut in whatever way, finds something wrong at once; nothing is repeated.
    pub(super) fn finds_a_breach(&self, case: &Case) -> bool {
        let ways = [Segmentation::Whole].into_iter().chain(self.ways(case));
        for (number, way) in (0..).zip(ways) {
            match self.attempt(case, way, number).played {
                Ok(()) => {}
                Err(Trouble::Breach(_)) => return true,
                Err(Trouble::Unknown(_)) => return false,
            }
        }
        false
    }

    /// The cases that find something wrong, each in one attempt.
    pub(super) fn breaches<'c>(&self, cases: &[&'c Case]) -> Vec<&'c Case> {
        let (alone, company): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.alone);
        let found = Mutex::new(Vec::new());
        for (cases, jobs) in [(company, self.manner.jobs), (alone, 1)] {
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..jobs {
                    scope.spawn(|| {
                        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                            if self.finds_a_breach(case) {
                                found.lock().unwrap_or_else(PoisonError::into_inner).push(*case);
                            }
                        }
                    });
                }
            });
        }
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|case| &case.id);
        found
    }

    pub(super) fn readings(&self) -> MutexGuard<'_, Readings> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stage(&self, nonce: String) -> Stage<'_> {
        let setting = Setting {
            address: self.server.address(),
            bounds: self.bounds,
            book: self.book,
            readings: self.readings().clone(),
            document_only: self.manner.document_only,
            attempts: &self.attempts,
        };
        Stage::new(setting, nonce)
    }

    pub(super) fn performed(&self, case: &Case, stage: &mut Stage<'_>) -> Played {
        match &case.runs {
            Some(name) => special::run(name, self, stage),
            None if stage.segmentation == Segmentation::Coalesced => {
                play(stage, &coalesced(&case.steps).unwrap_or_default())
            }
            None => play(stage, &case.steps),
        }
    }

    fn together(
        &self,
        cases: &[&Case],
        told: &(dyn Fn(&CaseResult) + Sync),
        jobs: usize,
    ) -> Vec<CaseResult> {
        if cases.is_empty() {
            return Vec::new();
        }
        self.alone.store(jobs == 1, Ordering::Relaxed);
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..jobs.min(cases.len()) {
                scope.spawn(|| {
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = self.case(case);
                        if self.disturbed().contains(&case.id) {
                            continue;
                        }
                        told(&result);
                        results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                    }
                });
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Whose crash it was is found out one by one.
        let again: Vec<&Case> =
            cases.iter().filter(|case| self.disturbed().remove(&case.id)).copied().collect();
        if !again.is_empty() {
            results.extend(self.together(&again, told, 1));
        }
        results
    }

    fn disturbed(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.disturbed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clause(&self, case: &Case) -> &'a Clause {
        self.spec.get(&case.clause).expect("the tests check that each case's clause exists")
    }

    /// The proof that the server works, on connections of its own.
    fn control(&self, when: &str) -> Played {
        let mut stage = self.stage(self.nonce("control", when));
        play(&mut stage, &self.book.control)
    }

    /// Whether the server says nothing in a control, be it right or wrong.
    fn is_mute(&self) -> bool {
        let mut stage = self.stage(self.nonce("control", "again"));
        let _ = play(&mut stage, &self.book.control); // it was judged before
        !stage.transcript.events.iter().any(|event| matches!(event.what, What::Got(_)))
    }

    /// Seven characters that differ between attempts, and between runs with different seeds.
    pub(super) fn nonce(&self, id: &str, attempt: &str) -> String {
        let mut hash =
            0xcbf2_9ce4_8422_2325_u64 ^ self.manner.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in id.bytes().chain([0]).chain(attempt.bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash ^= hash >> 29;
        let letter = |place: u32| {
            let index = (hash >> (place * 5)) & 31;
            // 32 letters and digits, by arithmetic: `a` to `z`, then `2` to `7`.
            let index = index.to_le_bytes()[0];
            char::from(if index < 26 { b'a' + index } else { b'2' + index - 26 })
        };
        (0..7).map(letter).collect()
    }

    fn case(&self, case: &Case) -> CaseResult {
        let begun = Instant::now();
        let mut result = self.judged(case);
        result.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        result
    }

    fn judged(&self, case: &Case) -> CaseResult {
        if let Some(reason) = self.unfit(case) {
            return self.result(case, Verdict::Skip, reason);
        }
        if self.server.is_gone() {
            let why = "the server ended in a case before and did not start again".to_owned();
            return self.result(case, Verdict::Inconclusive, why);
        }
        let whole = self.attempt(case, Segmentation::Whole, 0);
        let trouble = match &whole.played {
            Ok(()) => return self.segmented(case, &whole.findings),
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::Unknown(why) => self.result(case, Verdict::Inconclusive, why.clone()),
            Trouble::Breach(breach) => self.failed(case, &whole, breach, Segmentation::Whole),
        }
    }

    fn unfit(&self, case: &Case) -> Option<String> {
        if case.started && self.server.command().is_none() {
            return Some("only for a server that is started here: -- ./server {port}".to_owned());
        }
        let needs = case.needs.as_ref()?;
        if !self.readings().holds(needs, self.book) {
            let clause = &needs.clause;
            let readings = self.readings();
            let found = readings.found(clause).unwrap_or("unknown");
            return Some(format!("the server's reading of {clause} is {found:?}"));
        }
        None
    }

    /// The same bytes, cut in every other way.
    fn segmented(&self, case: &Case, findings: &Findings) -> CaseResult {
        for (number, way) in (1..).zip(self.ways(case)) {
            let attempt = self.attempt(case, way, number);
            match &attempt.played {
                Ok(()) => {}
                Err(Trouble::Unknown(why)) => {
                    return self.result(case, Verdict::Inconclusive, format!("{way}: {why}"));
                }
                Err(Trouble::Breach(breach)) => return self.failed(case, &attempt, breach, way),
            }
        }
        let mut result = self.result(case, Verdict::Pass, String::new());
        result.reading.clone_from(&findings.reading);
        result.proofs.clone_from(&findings.proofs);
        result.facts = (findings.facts > 0).then_some(findings.facts);
        result
    }

    fn ways(&self, case: &Case) -> Vec<Segmentation> {
        if case.whole || case.runs.is_some() {
            return Vec::new();
        }
        let mut ways = vec![Segmentation::Bytes];
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

    fn attempt(&self, case: &Case, way: Segmentation, number: u32) -> Attempt {
        let nonce = self.nonce(&case.id, &number.to_string());
        let generation = self.server.generation();
        let mut stage = self.stage(nonce);
        stage.segmentation = way;
        let mut played = self.performed(case, &mut stage);
        if played.is_ok() {
            played = self.confirmed(case, &stage, number);
        }
        let crash = self.server.crashed(if played.is_ok() { Duration::ZERO } else { DYING });
        let other = self.server.generation() != generation;
        if other && !self.alone.load(Ordering::Relaxed) {
            self.disturbed().insert(case.id.clone());
            played = Err(Trouble::Unknown("the server ended while several cases ran".to_owned()));
        } else if let Some(how) = crash {
            stage.transcript.note("server", how.clone());
            let allowed = vec!["no input ends the server".to_owned()];
            played = Err(Trouble::breach("server", Outcome::Crash(how), allowed));
        }
        stage.transcript.interleave(self.server.said_since(stage.transcript.begun));
        Attempt { played, transcript: stage.transcript, findings: stage.findings }
    }

    /// A pass counts only with the proof that the server works, and if it keeps its readings.
    fn confirmed(&self, case: &Case, stage: &Stage<'_>, number: u32) -> Played {
        if let Err(trouble) = self.control(&format!("{} {number}", case.id)) {
            let why = match trouble {
                Trouble::Unknown(why) => why,
                Trouble::Breach(breach) => breach.outcome.told(&breach.who),
            };
            let why =
                format!("nothing was wrong, but the server did not prove that it works: {why}");
            return Err(Trouble::Unknown(why));
        }
        let Some(reading) = &stage.findings.reading else { return Ok(()) };
        let (clause, reading) = in_respect(&case.clause, reading);
        let noted = self.readings().note(&clause, reading, &case.id);
        let Err((first, place)) = noted else { return Ok(()) };
        let what = format!(
            "the server does not keep to one reading: {first:?} in {place}, {reading:?} here"
        );
        Err(Trouble::rule(what, "one of the allowed readings, the same in the whole run"))
    }

    fn failed(
        &self,
        case: &Case,
        attempt: &Attempt,
        breach: &Breach,
        way: Segmentation,
    ) -> CaseResult {
        let before = self.failures.fetch_add(1, Ordering::Relaxed);
        let again = match self.works {
            // One failure of a minute is enough of a wait.
            true if case.minutes => 0,
            true if before < FEW => REPETITIONS,
            true => REPETITIONS_OF_MANY,
            false => 0,
        };
        let wrong = (0..again)
            .filter(|number| {
                let again = self.attempt(case, way, 100 + number);
                matches!(again.played, Err(Trouble::Breach(_)))
            })
            .count();
        let wrong = u32::try_from(wrong).unwrap_or(again);
        let slow = matches!(breach.outcome, Outcome::Timeout { .. } | Outcome::NotConnected(_));
        if again > 0 && wrong == 0 && slow {
            let why = format!(
                "{}, once in {} attempts; try --patience",
                breach.outcome.told(&breach.who),
                again + 1
            );
            return self.result(case, Verdict::Inconclusive, why);
        }
        let clause = self.clause(case);
        let verdict = if clause.level == Level::Must { Verdict::Fail } else { Verdict::Warn };
        let mut result = self.result(case, verdict, breach.outcome.told(&breach.who));
        result.outcome = Some(breach.outcome.name());
        let cut = (way != Segmentation::Whole).then(|| way.to_string());
        result.segmentation.clone_from(&cut);
        let mut page = Page {
            case,
            clause,
            transcript: &attempt.transcript,
            breach,
            address: self.server.address(),
            cut,
        }
        .render();
        if wrong < again {
            // The first attempt counts too if no repetition was wrong: it did happen.
            let rate = if wrong == 0 { [1, again + 1] } else { [wrong, again] };
            result.race = Some(rate);
            let _ = write!(page, "\n  A race: wrong in {} of {} attempts.\n", rate[0], rate[1]);
        }
        result.page = Some(page);
        result
    }

    fn result(&self, case: &Case, verdict: Verdict, message: String) -> CaseResult {
        let clause = self.clause(case);
        CaseResult {
            id: case.id.clone(),
            clause: clause.id.clone(),
            level: clause.level.name(),
            kind: clause.kind.name(),
            verdict,
            message,
            expected: None,
            outcome: None,
            segmentation: None,
            race: None,
            reading: None,
            proofs: Vec::new(),
            facts: None,
            millis: 0,
            page: None,
        }
    }
}
