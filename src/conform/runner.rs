//! Runs the cases: in which order, how many at a time and how often, and what follows from it.

use super::attempt::{Attempt, Findings, Played, Setting};
use super::bounds::Bounds;
use super::cause::BARE_LF;
use super::failure::{Outcome, Trouble};
use super::habits::Habits;
use super::losses::Losses;
use super::nonces::{Nonces, Origin};
use super::overlap::Overlap;
use super::play::play;
use super::readings::{Readings, in_respect};
use super::result::CaseResult;
use super::script::{Book, Case};
use super::segments::{Segmentation, coalesced};
use super::server::Server;
use super::spec::{Clause, Kind, Spec};
use super::special;
use super::stage::Stage;
use super::traceback::{self, Traceback};
use super::transcript::Transcript;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long after a failure the suite waits for a possible end of the server's process.
pub(super) const DYING: Duration = Duration::from_millis(40);

/// The options of a run that the runner needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// The seed of all random choices.
    pub(super) seed: u64,
    pub(super) quick: bool,
    /// Number of cases that run at the same time.
    pub(super) jobs: usize,
    pub(super) document_only: bool,
}

/// A run in progress.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    pub(super) spec: &'a Spec,
    pub(super) book: &'a Book,
    pub(super) server: &'a Server,
    pub(super) bounds: Bounds,
    pub(super) manner: Manner,
    /// The nonces of all attempts.
    nonces: Nonces,
    overlap: Overlap,
    /// Whether the server has got past the gate.
    pub(super) gated: bool,
    /// What the gate has found out.
    pub(super) habits: Habits,
    /// What the first lines of a report say about the run.
    pub(super) notes: Vec<String>,
    /// The cases after which the server had ended, or answered nobody.
    pub(super) losses: Losses,
    /// The results so far that are wrong.
    pub(super) wrong: Mutex<Vec<CaseResult>>,
    /// Whether cases run one after another now.
    alone: AtomicBool,
    /// Cases that ran during a crash, which another case may have caused.
    disturbed: Mutex<BTreeSet<String>>,
    readings: Mutex<Readings>,
}

/// A finished attempt.
pub(super) struct FinishedAttempt {
    pub(super) played: Played,
    pub(super) transcript: Transcript,
    pub(super) findings: Findings,
    /// What the server's runtime said about a fault of its own, if it did.
    pub(super) traceback: Option<Traceback>,
    /// How many lines on the server's standard error during the attempt may be about other
    /// attempts.
    pub(super) unclear: usize,
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
            nonces: Nonces::default(),
            overlap: Overlap::default(),
            gated: false,
            habits: Habits::default(),
            notes: Vec::new(),
            losses: Losses::default(),
            wrong: Mutex::default(),
            alone: AtomicBool::new(false),
            disturbed: Mutex::default(),
            readings: Mutex::default(),
        }
    }

    /// Runs `cases`, and calls `told` with every result at once.
    pub(super) fn run(
        &mut self,
        cases: &[&Case],
        told: &(dyn Fn(&CaseResult) + Sync),
    ) -> Vec<CaseResult> {
        if let Err(obstacle) = self.gate() {
            let results = self.blocked(cases, &obstacle);
            results.iter().for_each(told);
            return results;
        }
        self.gated = true;
        self.find_out();
        let cases = &self.with_roots(cases)[..];
        let profile = |case: &Case| self.clause(case).kind == Kind::Profile;
        // A case that takes minutes mostly waits, so it runs beside all others. Cases with readings
        // that others require come first; cases that disturb others come last and alone.
        let (long, short): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.minutes);
        let (alone, overlap): (Vec<&Case>, Vec<&Case>) = short.iter().partition(|case| case.alone);
        let (first, second): (Vec<&Case>, Vec<&Case>) =
            overlap.iter().partition(|case| profile(case));
        let this = &*self;
        let mut results = std::thread::scope(|scope| {
            let long = scope.spawn(|| {
                let (first, second): (Vec<&Case>, Vec<&Case>) =
                    long.iter().partition(|case| profile(case));
                let mut results = this.together(&first, told, first.len().max(2));
                results.extend(this.together(&second, told, second.len().max(2)));
                results
            });
            let mut results = this.together(&first, told, this.manner.jobs);
            results.extend(this.together(&second, told, this.manner.jobs));
            results.extend(this.together(&alone, told, 1));
            results.extend(long.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            results
        });
        let place = |result: &CaseResult| cases.iter().position(|case| case.id == result.id);
        results.sort_by_key(place);
        self.settled(results)
    }

    /// Whether `case`, with any cut, fails at once; nothing is repeated.
    pub(super) fn finds_a_failure(&self, case: &Case) -> bool {
        let ways = [Segmentation::Whole].into_iter().chain(self.ways(case));
        for (number, way) in (0..).zip(ways) {
            match self.play(case, way, number).played {
                Ok(()) => {}
                Err(Trouble::Failure(_)) => return true,
                Err(Trouble::Unknown(_)) => return false,
            }
        }
        false
    }

    /// The cases that fail, each in one attempt.
    pub(super) fn failures<'c>(&self, cases: &[&'c Case]) -> Vec<&'c Case> {
        let (alone, overlap): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.alone);
        let found = Mutex::new(Vec::new());
        for (cases, jobs) in [(overlap, self.manner.jobs), (alone, 1)] {
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..jobs {
                    scope.spawn(|| {
                        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                            if self.finds_a_failure(case) {
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

    /// An attempt that looks past all habits of the server.
    pub(super) fn attempt(&self, nonce: String) -> Attempt<'_> {
        self.attempt_past(nonce, self.habits.clone())
    }

    pub(super) fn attempt_past(&self, nonce: String, habits: Habits) -> Attempt<'_> {
        let setting = Setting {
            server: self.server,
            address: self.server.address(),
            seed: self.manner.seed,
            bounds: self.bounds,
            book: self.book,
            readings: self.readings().clone(),
            habits,
            document_only: self.manner.document_only,
            nonces: &self.nonces,
        };
        Attempt::new(setting, nonce)
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
        // The case that caused a crash is found by running them one by one.
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

    pub(super) fn clause(&self, case: &Case) -> &'a Clause {
        self.spec.get(&case.clause).expect("the tests check that each case's clause exists")
    }

    /// The proof that the server works, on connections of its own.
    pub(super) fn control(&self, when: &str) -> Played {
        let mut attempt = self.attempt(self.nonce("control", when));
        play(&mut attempt, &self.book.control)
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

    pub(super) fn play(&self, case: &Case, way: Segmentation, number: u32) -> FinishedAttempt {
        let begun = self.overlap.begin();
        // A case that is played again alone has other names: a server may keep the first ones.
        let alone = if self.alone.load(Ordering::Relaxed) { " alone" } else { "" };
        let nonce = self.nonce(&case.id, &format!("{number}{alone}"));
        let generation = self.server.generation();
        let matters = self.book.matters_of(case);
        let mut attempt = self.attempt_past(nonce, self.habits.except(&matters));
        // For a case that others presume no step is only a way to something else.
        attempt.preparing = matters.is_empty() && case.id != BARE_LF;
        attempt.segmentation = way;
        let mut played = performed(case, &mut attempt);
        let until = Instant::now();
        // Its clients go before the proof: what their departure does is this case's doing.
        attempt.hang_up();
        let proof = self.proved(case, number, played.is_err(), generation);
        if played.is_ok() {
            played = self.confirmed(case, &attempt, proof.works);
        }
        // Waits were cut short, so a missing line proves nothing.
        if matches!(played, Err(Trouble::Failure(_))) && self.bounds.is_over() {
            played = Err(Trouble::Unknown("the time of the whole run is over".to_owned()));
        }
        let lost = proof.lost.is_some();
        let other = self.server.generation() != generation;
        if other && !self.alone.load(Ordering::Relaxed) {
            self.disturbed().insert(case.id.clone());
            played = Err(Trouble::Unknown("the server ended while several cases ran".to_owned()));
        } else if let Some(lost) = proof.lost {
            attempt.transcript.note("server", lost.told("server"));
            let allowed = vec!["no input ends the server, or shuts others out".to_owned()];
            played = Err(Trouble::failure("server", lost, allowed));
        }
        let alone = self.overlap.end(&begun);
        if !alone && !self.alone.load(Ordering::Relaxed) && self.is_stray(&played, &attempt) {
            self.disturbed().insert(case.id.clone());
        }
        let mut said = self.server.said_since(attempt.transcript.begun);
        // What its runtime says later is about clients that have gone, unless it ended by that.
        let before = said.iter().filter(|(when, _)| lost || *when <= until);
        let lines = traceback::first(before.map(|(_, line)| line.as_str()));
        // It is told whole, and not once more line by line.
        said.retain(|(_, line)| lines.as_ref().is_none_or(|lines| !lines.contains(line)));
        let traceback = lines.map(|lines| Traceback { lines, alone });
        let (own, others): (Vec<_>, Vec<_>) =
            said.into_iter().partition(|(_, line)| alone || line.contains(&attempt.names.nonce));
        attempt.transcript.interleave(own);
        let Attempt { transcript, findings, .. } = attempt;
        FinishedAttempt { played, transcript, findings, traceback, unclear: others.len() }
    }

    /// Whether an attempt failed by a line without any name, where all clients hear each other: it
    /// may be about another attempt, whose names a server has cut.
    fn is_stray(&self, played: &Played, attempt: &Attempt<'_>) -> bool {
        let Err(Trouble::Failure(failure)) = played else { return false };
        let (Outcome::Mismatch { got, .. } | Outcome::Surplus { got }) = &failure.outcome else {
            return false;
        };
        let origin = self.nonces.origin(got, &attempt.names.nonce);
        let refused = self.book.voice.refused.as_deref().unwrap_or_default();
        let keyword = refused.split(['{', '\\']).next().unwrap_or_default();
        let answers = failure.place.stage == Some(Stage::Refused)
            || !keyword.is_empty() && got.starts_with(keyword.as_bytes());
        self.book.voice.one_world && origin == Origin::Unknown && !answers
    }

    /// A pass counts only with the proof that the server works, and if the server keeps its
    /// readings.
    fn confirmed(&self, case: &Case, attempt: &Attempt<'_>, works: Played) -> Played {
        if let Err(trouble) = works {
            let why = match trouble {
                Trouble::Unknown(why) => why,
                Trouble::Failure(failure) => failure.outcome.told(&failure.who),
            };
            let why =
                format!("nothing was wrong, but the server did not prove that it works: {why}");
            return Err(Trouble::Unknown(why));
        }
        let Some(reading) = &attempt.findings.reading else { return Ok(()) };
        let (clause, reading) = in_respect(&case.clause, reading);
        let noted = self.readings().note(&clause, reading, &case.id);
        let Err((first, place)) = noted else { return Ok(()) };
        let what = format!(
            "the server does not keep to one reading: {first:?} in {place}, {reading:?} here"
        );
        Err(Trouble::rule(what, "one of the allowed readings, the same in the whole run"))
    }
}

/// Plays a case: its function or its steps, in one attempt.
pub(super) fn performed(case: &Case, attempt: &mut Attempt<'_>) -> Played {
    match &case.runs {
        Some(name) => special::run(name, attempt),
        None if attempt.segmentation == Segmentation::Coalesced => {
            play(attempt, &coalesced(&case.steps).unwrap_or_default())
        }
        None => play(attempt, &case.steps),
    }
}
