//! The self-test of the suite: it must find every fault of the mutants, pass no server that does
//! nothing, and fail no server with other allowed readings.
//!
//! Each case names the mutants that it must find. The self-test plays every such pair, and requires
//! that each mutant is named and that each case names one. A full self-test plays every case on
//! every mutant, slow cases only if they name it; its table is kept beside the cases, so that a
//! report can say which mutant a server resembles.

use super::bounds::Bounds;
use super::diagnosis;
use super::dialect::Dialect;
use super::error::ConformError;
use super::result::Verdict;
use super::runner::{Manner, Runner};
use super::script::{Book, Case};
use super::server::Server;
use super::spec::{Kind, Spec};
use crate::mutants::{self, Handle, Mutation, Null};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Number of mutants that are tried at the same time.
const MUTANTS_AT_ONCE: usize = 6;

/// How often a case plays a mutant before the mutant counts as not found. Some faults are races,
/// and a busy machine makes a history smaller; each try has a seed of its own.
const TRIES: u64 = 6;

/// The inputs of a self-test.
pub(super) struct Trial<'a> {
    pub(super) dialect: &'static Dialect,
    pub(super) spec: &'a Spec,
    pub(super) book: &'a Book,
    pub(super) bounds: Bounds,
    pub(super) seed: u64,
}

/// The result as text, and whether everything went as it must.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) good: bool,
}

/// The result for one mutant.
struct Shown<'a> {
    mutation: &'static Mutation,
    /// The cases that had to find it, and the try that did, from 1.
    named: Vec<(&'a Case, Option<u64>)>,
    /// In a full self-test: all cases that found it.
    found: Vec<&'a Case>,
}

/// Whether a case is played on mutants: cases about processes and cases that take minutes are not.
pub(super) fn on_trial(case: &Case) -> bool {
    !case.started && !case.minutes
}

impl<'a> Trial<'a> {
    /// Tries the suite on all servers; on every mutant with every case if `full`.
    pub(super) fn run(&self, full: bool) -> Result<Outcome, ConformError> {
        // Servers that do nothing make the suite wait most of the time, so the two parts run
        // together.
        let (shown, nulls) = std::thread::scope(|scope| {
            let nulls = Null::ALL.map(|null| scope.spawn(move || self.null(null)));
            let shown = self.mutants(full);
            let joined = |one: std::thread::ScopedJoinHandle<'_, _>| {
                one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            (shown, nulls.map(joined))
        });
        let shown = shown?;
        let nulls = nulls.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut outcome = Outcome { text: String::new(), good: true };
        for one in &shown {
            outcome.tell(one);
        }
        if full {
            for one in &shown {
                outcome.text += &diagnosis::row(one.mutation, &one.found);
            }
        }
        self.idle_cases(&mut outcome);
        for (line, as_it_must) in [nulls, vec![self.other_readings()?]].concat() {
            outcome.text += &line;
            outcome.good &= as_it_must;
        }
        let alive =
            shown.iter().filter(|one| !one.named.iter().any(|(_, found)| found.is_some())).count();
        let (mutants, cases) = (shown.len(), self.cases().len());
        let _ = writeln!(
            outcome.text,
            "{}: {mutants} mutants, {alive} alive; {cases} cases on trial: {}",
            self.dialect.name,
            if outcome.good { "all as it must be" } else { "not as it must be" }
        );
        Ok(outcome)
    }

    fn mutants(&self, full: bool) -> Result<Vec<Shown<'a>>, ConformError> {
        let all: Vec<&'static Mutation> =
            self.dialect.mutants().filter(|one| self.is_tried(one)).collect();
        let next = AtomicUsize::new(0);
        let shown = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..MUTANTS_AT_ONCE {
                scope.spawn(|| {
                    while let Some(mutation) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let one = self.mutant(mutation, full);
                        shown.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                    }
                });
            }
        });
        let shown = shown.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut shown = shown.into_iter().collect::<Result<Vec<_>, _>>()?;
        shown.sort_by_key(|one| one.mutation.name);
        Ok(shown)
    }

    /// Whether a mutant is tried: a slow one, which shows only under load or after minutes, is
    /// tried if a case names it.
    fn is_tried(&self, mutation: &Mutation) -> bool {
        let names = |case: &&Case| case.kills.iter().any(|name| name == mutation.name);
        !mutation.slow || self.cases().iter().any(names)
    }

    /// Plays the cases that name the mutant, each until it finds the fault or has no tries left.
    fn mutant(&self, mutation: &'static Mutation, full: bool) -> Result<Shown<'a>, ConformError> {
        let named = |case: &&&Case| case.kills.iter().any(|name| name == mutation.name);
        let cases = self.cases();
        let mut named: Vec<(&Case, Option<u64>)> =
            cases.iter().filter(named).map(|case| (*case, None)).collect();
        for number in 1..=TRIES {
            let handle = self.serve(mutation)?;
            let server = Server::attach(handle.address(), self.bounds);
            let runner = self.runner(&server, self.seed.wrapping_add(number - 1));
            for (case, found) in named.iter_mut().filter(|(_, found)| found.is_none()) {
                *found = runner.finds_a_failure(case).then_some(number);
            }
            if named.iter().all(|(_, found)| found.is_some()) {
                break;
            }
        }
        let mut found = Vec::new();
        if full {
            let handle = self.serve(mutation)?;
            let server = Server::attach(handle.address(), self.bounds);
            let quick = |case: &&Case| !case.slow;
            found = self
                .runner(&server, self.seed)
                .failures(&cases.iter().copied().filter(quick).collect::<Vec<_>>());
            found.extend(named.iter().filter(|(_, found)| found.is_some()).map(|(case, _)| *case));
            found.sort_by_key(|case| &case.id);
            found.dedup_by_key(|case| &case.id);
        }
        Ok(Shown { mutation, named, found })
    }

    fn serve(&self, mutation: &Mutation) -> Result<Handle, ConformError> {
        mutants::serve(self.dialect.model, Some(mutation), listener()?)
            .map_err(|error| cannot_serve(&error))
    }

    /// One line for each case that finds no mutant: no run has shown that it can fail.
    fn idle_cases(&self, outcome: &mut Outcome) {
        let here: BTreeSet<&str> = self.dialect.mutants().map(|one| one.name).collect();
        let idle = |case: &&&Case| !case.kills.iter().any(|name| here.contains(name.as_str()));
        for case in self.cases().iter().filter(idle) {
            outcome.good = false;
            let _ =
                writeln!(outcome.text, "case   {:<48} names no mutant of this dialect", case.id);
        }
    }

    /// One line for a server that does nothing: no MUST case may pass.
    fn null(&self, null: Null) -> Result<(String, bool), ConformError> {
        let handle = null.serve(listener()?).map_err(|error| cannot_serve(&error))?;
        let server = Server::attach(handle.address(), self.bounds);
        let results = self.runner(&server, self.seed).run(&self.cases(), &|_| ());
        let passed: Vec<&str> = results
            .iter()
            .filter(|result| result.verdict == Verdict::Pass && result.level == "MUST")
            .map(|result| &*result.id)
            .collect();
        let what =
            if passed.is_empty() { "no MUST case passes".to_owned() } else { passed.join(" ") };
        Ok((format!("null   {:<48} {what}\n", null.name()), passed.is_empty()))
    }

    /// A server with every other allowed reading must have no failure; with extensions, a right
    /// one that has them.
    fn other_readings(&self) -> Result<(String, bool), ConformError> {
        let handle = if self.dialect.is_extended {
            mutants::serve_extended(listener()?)
        } else {
            mutants::serve_other_readings(self.dialect.model, listener()?)
        };
        let handle = handle.map_err(|error| cannot_serve(&error))?;
        let server = Server::attach(handle.address(), self.bounds);
        let results = self.runner(&server, self.seed).run(&self.cases(), &|_| ());
        let what = if self.dialect.is_extended { "a right server" } else { "readings" };
        let mut line = format!("other  {what:<48} ");
        let mut good = true;
        let wrong = |verdict| !matches!(verdict, Verdict::Pass | Verdict::Skip);
        for result in results.iter().filter(|result| wrong(result.verdict)) {
            good = false;
            let _ = write!(line, "{} ({}) ", result.id, result.message);
        }
        line += if good { "nothing is wrong\n" } else { "\n" };
        Ok((line, good))
    }

    fn runner<'s>(&'s self, server: &'s Server, seed: u64) -> Runner<'s> {
        let manner = Manner { seed, quick: true, jobs: 8, document_only: false };
        Runner::new((self.spec, self.book), server, self.bounds, manner)
    }

    fn cases(&self) -> Vec<&'a Case> {
        // The others are on trial without the extensions.
        let extends =
            |case: &Case| self.spec.get(&case.clause).map(|it| it.kind) == Some(Kind::Extension);
        let tried = |case: &&Case| on_trial(case) && extends(case) == self.dialect.is_extended;
        self.book.cases.iter().filter(tried).collect()
    }
}

impl Outcome {
    /// One line for each case that must find the mutant.
    fn tell(&mut self, one: &Shown<'_>) {
        let Mutation { name, breaks, .. } = one.mutation;
        if one.named.is_empty() {
            self.good = false;
            let _ = writeln!(self.text, "mutant {name:<48} {breaks:<20} ALIVE: no case names it");
        }
        for (case, found) in &one.named {
            self.good &= found.is_some();
            let (how, after) = match found {
                Some(1) => ("", String::new()),
                Some(number) => ("", format!(" (at try {number} of {TRIES})")),
                None => ("ALIVE: not found by ", format!(" in {TRIES} tries")),
            };
            let id = &case.id;
            let _ = writeln!(self.text, "mutant {name:<48} {breaks:<20} {how}{id}{after}");
        }
    }
}

fn listener() -> Result<TcpListener, ConformError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(address).map_err(|error| cannot_serve(&error))
}

fn cannot_serve(error: &std::io::Error) -> ConformError {
    ConformError::Output(format!("a server for the self-test: {error}"))
}
