//! The suite itself on trial: it must find every fault of servers that are wrong on purpose, pass none that
//! does nothing, and fail none that reads the documents otherwise.

use super::dialect::Dialect;
use super::error::ConformError;
use super::result::Verdict;
use super::runner::{Manner, Runner};
use super::script::{Book, Case};
use super::server::Server;
use super::spec::Spec;
use super::stage::Bounds;
use crate::mutants::{self, Handle, Mutation, Null};
use crate::reference;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Mutants that are tried at the same time.
const MUTANTS_AT_ONCE: usize = 6;

/// How often a mutant is tried before it counts as alive.
const CHANCES: u32 = 3;

/// What a trial needs to know, whoever is tried.
pub(super) struct Trial<'a> {
    pub(super) dialect: &'static Dialect,
    pub(super) spec: &'a Spec,
    pub(super) book: &'a Book,
    pub(super) bounds: Bounds,
    pub(super) seed: u64,
}

/// What came of it, as text, and whether all went as it must.
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) good: bool,
}

impl Trial<'_> {
    /// Tries the suite on everyone.
    pub(super) fn run(&self) -> Result<Outcome, ConformError> {
        let (mut text, mut good) = (String::new(), true);
        for (line, as_it_must) in
            [self.mutants()?, self.nulls()?, vec![self.other_readings()?]].concat()
        {
            text += &line;
            good &= as_it_must;
        }
        Ok(Outcome { text, good })
    }

    fn reference(&self) -> reference::Dialect {
        use reference::Dialect as D;
        match self.dialect.name {
            "lobby" => D::Lobby,
            "simple" => D::Simple,
            "login" => D::Login,
            "channels" => D::Channels,
            _ => D::Rooms,
        }
    }

    /// A line for each mutant: which case finds it.
    fn mutants(&self) -> Result<Vec<(String, bool)>, ConformError> {
        let here = self.reference();
        let all: Vec<&Mutation> = mutants::mutations()
            .filter(|mutation| mutation.dialects.contains(&here) && !mutation.slow)
            .collect();
        let next = AtomicUsize::new(0);
        let lines = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..MUTANTS_AT_ONCE {
                scope.spawn(|| {
                    while let Some(mutation) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let line = self.mutant(mutation);
                        lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    }
                });
            }
        });
        let mut lines: Vec<(String, bool)> = lines
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_iter()
            .collect::<Result<_, _>>()?;
        lines.sort();
        Ok(lines)
    }

    fn mutant(&self, mutation: &Mutation) -> Result<(String, bool), ConformError> {
        let mut found = None;
        // Some faults are races: a fresh server has another chance to show one.
        for _ in 0..CHANCES {
            let handle = mutants::serve(self.reference(), Some(mutation), listener()?)
                .map_err(|error| cannot_serve(&error))?;
            found = self.first_breach(&handle, mutation.breaks);
            if found.is_some() {
                break;
            }
        }
        let by = found.map_or("ALIVE", |case| &case.id);
        let line = format!("mutant {:<48} {:<20} {by}\n", mutation.name, mutation.breaks);
        Ok((line, found.is_some()))
    }

    /// The first case that finds something wrong; those of the clause come first.
    fn first_breach(&self, handle: &Handle, clause: &str) -> Option<&Case> {
        let server = Server::attach(handle.address(), self.bounds);
        let runner = self.runner(&server);
        let (own, others): (Vec<&Case>, Vec<&Case>) =
            self.cases().into_iter().partition(|case| case.clause == clause);
        own.into_iter().chain(others).find(|case| runner.finds_a_breach(case))
    }

    /// A line for each server that does nothing: no MUST case may pass.
    fn nulls(&self) -> Result<Vec<(String, bool)>, ConformError> {
        Null::ALL.into_iter().map(|null| self.null(null)).collect()
    }

    fn null(&self, null: Null) -> Result<(String, bool), ConformError> {
        let handle = null.serve(listener()?).map_err(|error| cannot_serve(&error))?;
        let server = Server::attach(handle.address(), self.bounds);
        let results = self.runner(&server).run(&self.cases(), &|_| ());
        let passed: Vec<&str> = results
            .iter()
            .filter(|result| result.verdict == Verdict::Pass && result.level == "MUST")
            .map(|result| &*result.id)
            .collect();
        let what =
            if passed.is_empty() { "no MUST case passes".to_owned() } else { passed.join(" ") };
        Ok((format!("null   {:<48} {what}\n", null.name()), passed.is_empty()))
    }

    /// A server with every other allowed reading has nothing wrong with it.
    fn other_readings(&self) -> Result<(String, bool), ConformError> {
        let handle = mutants::serve_other_readings(self.reference(), listener()?)
            .map_err(|error| cannot_serve(&error))?;
        let server = Server::attach(handle.address(), self.bounds);
        let results = self.runner(&server).run(&self.cases(), &|_| ());
        let mut line = format!("other  {:<48} ", "readings");
        let mut good = true;
        let wrong = |verdict| !matches!(verdict, Verdict::Pass | Verdict::Skip);
        for result in results.iter().filter(|result| wrong(result.verdict)) {
            good = false;
            let _ = write!(line, "{} ({}) ", result.id, result.message);
        }
        line += if good { "nothing is wrong\n" } else { "\n" };
        Ok((line, good))
    }

    fn runner<'s>(&'s self, server: &'s Server) -> Runner<'s> {
        let manner = Manner { seed: self.seed, quick: true, jobs: 8, document_only: false };
        Runner::new((self.spec, self.book), server, self.bounds, manner)
    }

    /// Those that can judge a server that runs already, and quickly.
    fn cases(&self) -> Vec<&Case> {
        self.book.cases.iter().filter(|case| !case.slow && !case.minutes && !case.started).collect()
    }
}

fn listener() -> Result<TcpListener, ConformError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    TcpListener::bind(address).map_err(|error| cannot_serve(&error))
}

fn cannot_serve(error: &std::io::Error) -> ConformError {
    ConformError::Output(format!("a server for the self-test: {error}"))
}
