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

/// Number of mutants, each with one case, that are tried at the same time: they mostly wait.
const AT_ONCE: usize = 24;
/// Number of mutants on which all cases are tried at the same time, each with several cases.
const FULL_AT_ONCE: usize = 6;

/// Maximum factor on the waits for a server that does nothing: nothing that it sends later could
/// make it right.
const NULL_PATIENCE: f64 = 0.5;

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
        // The suite waits most of the time, so all parts run together.
        let (shown, others) = std::thread::scope(|scope| {
            let nulls = Null::ALL.map(|null| scope.spawn(move || self.null(null)));
            let right = scope.spawn(|| self.other_readings());
            let shown = self.mutants(full);
            let others = nulls
                .into_iter()
                .chain([right])
                .map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (shown, others.collect::<Result<Vec<_>, _>>())
        });
        let (shown, others) = (shown?, others?);
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
        for (line, as_it_must) in others {
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
        let cases = self.cases();
        let pairs: Vec<(usize, &Case)> = (0..)
            .zip(&all)
            .flat_map(|(number, mutation)| {
                let named = |case: &&&Case| case.kills.iter().any(|name| name == mutation.name);
                cases.iter().filter(named).map(move |case| (number, *case))
            })
            .collect();
        let tried = at_once(AT_ONCE, &pairs, |(number, case)| {
            self.found_at(all[*number], case).map(|found| (*number, *case, found))
        })?;
        let mut shown: Vec<Shown<'_>> = all
            .iter()
            .map(|mutation| Shown { mutation, named: Vec::new(), found: Vec::new() })
            .collect();
        for (number, case, found) in tried {
            shown[number].named.push((case, found));
        }
        if full {
            let found = at_once(FULL_AT_ONCE, &shown, |one| self.found_by_all(one))?;
            shown.iter_mut().zip(found).for_each(|(one, found)| one.found = found);
        }
        shown.sort_by_key(|one| one.mutation.name);
        Ok(shown)
    }

    /// Whether a mutant is tried: a slow one, which shows only under load or after minutes, is
    /// tried if a case names it.
    fn is_tried(&self, mutation: &Mutation) -> bool {
        let names = |case: &&Case| case.kills.iter().any(|name| name == mutation.name);
        !mutation.slow || self.cases().iter().any(names)
    }

    /// The try, from 1, at which a case finds the mutant, if it does; each try has a server and a
    /// seed of its own.
    fn found_at(&self, mutation: &Mutation, case: &Case) -> Result<Option<u64>, ConformError> {
        for number in 1..=TRIES {
            let handle = self.serve(mutation)?;
            let server = Server::attach(handle.address(), self.bounds);
            let runner = self.runner(&server, self.seed.wrapping_add(number - 1));
            if runner.finds_a_failure(case) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// All cases that find the mutant of `one`: those that had to, and those that are quick.
    fn found_by_all(&self, one: &Shown<'a>) -> Result<Vec<&'a Case>, ConformError> {
        let handle = self.serve(one.mutation)?;
        let server = Server::attach(handle.address(), self.bounds);
        let quick: Vec<&Case> = self.cases().into_iter().filter(|case| !case.slow).collect();
        let mut found = self.runner(&server, self.seed).failures(&quick);
        found.extend(one.named.iter().filter(|(_, found)| found.is_some()).map(|(case, _)| *case));
        found.sort_by_key(|case| &case.id);
        found.dedup_by_key(|case| &case.id);
        Ok(found)
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
        let bounds = Bounds { patience: self.bounds.patience.min(NULL_PATIENCE), ..self.bounds };
        let server = Server::attach(handle.address(), bounds);
        let mut runner = self.runner(&server, self.seed);
        runner.bounds = bounds;
        let results = runner.run(&self.cases(), &|_| ());
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

/// The results of `work` for each item, in their order, made by several threads.
fn at_once<I: Sync, T: Send>(
    threads: usize,
    items: &[I],
    work: impl Fn(&I) -> Result<T, ConformError> + Sync,
) -> Result<Vec<T>, ConformError> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(number) else { return };
                    let one = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, one));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, one)| one).collect()
}

fn listener() -> Result<TcpListener, ConformError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(address).map_err(|error| cannot_serve(&error))
}

fn cannot_serve(error: &std::io::Error) -> ConformError {
    ConformError::Output(format!("a server for the self-test: {error}"))
}
