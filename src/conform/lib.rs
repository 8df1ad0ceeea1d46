//! The conformance suite: tells the author of another server which clauses the server breaks, and
//! how.
//!
//! Cases are data (`cases/`), addressed by clause; the sentences of the clauses come from `spec/`,
//! which is compiled in. A runner plays each case on its own connections, and again with the bytes
//! cut into other segments, which must not change the result. A pass counts only together with a
//! proof that the server works. The suite shares no code with the server.
//!
//! A dialect is a row in `dialect` and a folder of case files.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: judges other servers over real sockets in real time"
)]

mod alive;
mod attempt;
mod baseline;
mod bounds;
mod by_hand;
mod cause;
mod choice;
mod command;
mod declarations;
mod diagnosis;
mod dialect;
mod error;
mod escapes;
mod explanation;
mod failure;
mod gate;
mod glob;
mod habits;
mod history;
mod journal;
mod last_run;
mod layered;
mod lines;
mod login;
mod losses;
mod matrix;
mod members;
pub mod mutants;
mod nonces;
mod options;
mod output;
mod overlap;
mod page;
mod pattern;
mod play;
mod prelude;
mod progress;
mod random;
mod reader;
mod readings;
mod report;
mod result;
mod runner;
mod scene;
mod script;
mod segments;
mod selection;
mod selftest;
mod server;
mod settle;
mod spec;
mod special;
mod stage;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod traceback;
mod transcript;
mod transport;
#[cfg(test)]
mod trial;
mod unnamed;
mod verdict;
mod voice;
mod watch;
mod wire;

pub use error::ConformError;
pub use options::{MatrixOptions, Options, SelfTest, Task};

use baseline::Baseline;
use bounds::Bounds;
use dialect::{COMMON, Dialect};
use journal::Journal;
use matrix::Matrix;
use output::print;
use result::{ClauseText, Report, SCHEMA};
use runner::{Manner, Runner};
use rustix::process::{Resource, getrlimit, setrlimit};
use script::{Book, Case};
use selection::{Selection, selected};
use server::Server;
use spec::Spec;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};
use transport::Transport;
use watch::Watch;
use wire::Wire;

/// Factor on the deadline of the run for a full self-test.
const FULL: u64 = 12;

/// Runs the whole program for these arguments: plays the cases, prints the result and returns the
/// exit status.
///
/// The exit status is 0 if the server conforms, 1 if it does not, 2 if the run could not be
/// started, and 3 if the suite could not find out.
///
/// ```
/// use parlance_conform::{Options, run};
/// use std::process::ExitCode;
///
/// let arguments = ["parlance-conform", "--dialect", "rooms", "--explain", "rooms/join-4"];
/// let options = Options::from_arguments(arguments.map(Into::into)).unwrap();
/// assert_eq!(run(&options), ExitCode::SUCCESS);
/// ```
pub fn run(options: &Options) -> ExitCode {
    loop {
        let watch = options.watch.then(|| Watch::begin(&options.command, options.written()));
        let judged = judge(options);
        if let Err(error) = &judged {
            // The error may quote the server.
            let lines: Vec<String> = error.to_string().lines().map(text::harmless).collect();
            eprintln!("parlance-conform: {}", lines.join("\n"));
        }
        // A server that does not start is one that is being written.
        let goes_on = matches!(judged, Ok(_) | Err(ConformError::Server(_)));
        let Some(watch) = watch.filter(|_| goes_on) else {
            return ExitCode::from(judged.unwrap_or(2));
        };
        let waiting = watch.end();
        eprintln!("parlance-conform: waits for a file to change; Ctrl-C ends it");
        eprintln!("parlance-conform: {} has changed", waiting.changed().display());
    }
}

fn judge(options: &Options) -> Result<u8, ConformError> {
    if let Some(Task::Matrix(options)) = &options.task {
        return tabled(options);
    }
    if let Some(id) = &options.explain {
        print(&explanation::explained(options.dialect.as_deref(), id)?)?;
        return Ok(0);
    }
    let name = options.dialect.as_deref().unwrap_or_default();
    let dialect = if options.extensions {
        let none = || ConformError::Usage(format!("{name} has no extensions; channels has"));
        dialect::extended(name).ok_or_else(none)?
    } else {
        let unknown = || ConformError::Usage(format!("no dialect {name}"));
        dialect::dialect(name).ok_or_else(unknown)?
    };
    let spec = Spec::of(&[COMMON, dialect.spec]);
    let book = reader::book(dialect)?;
    if let Some(how) = options.self_test {
        return self_tested(options, how, dialect, &spec, &book);
    }
    let selection = selected(options, &spec, &book)?;
    if options.list {
        print(&listed(&spec, &selection.cases))?;
        return Ok(0);
    }
    let transport = Transport::of(options).map_err(ConformError::Usage)?;
    if let Some(address) = options.target
        && let Err(error) = Wire::connect(address, &transport, Duration::from_secs(5), false)
    {
        // One sentence is more useful than a failure of every case.
        eprintln!("parlance-conform: nothing to judge: no server answers at {address}: {error}");
        return Ok(3);
    }
    let baseline = options.baseline.as_deref().map(|path| Baseline::read(path, &book));
    let baseline = baseline.transpose()?;
    played((options, transport), dialect, (&spec, &book), selection, baseline)
}

/// Prints the table of several reports.
fn tabled(options: &MatrixOptions) -> Result<u8, ConformError> {
    let matrix = Matrix::read(options)?;
    if let Some(path) = &options.html {
        output::write(path, &matrix.html())?;
    }
    print(&if options.markdown { matrix.markdown() } else { matrix.text() })?;
    Ok(0)
}

/// Tries the suite itself; 0 if it found every fault and reported no false one.
fn self_tested(
    options: &Options,
    how: SelfTest,
    dialect: &'static Dialect,
    spec: &Spec,
    book: &Book,
) -> Result<u8, ConformError> {
    let full = how == SelfTest::Full;
    let seconds = u64::from(options.deadline) * if full { FULL } else { 1 };
    let end = Instant::now() + Duration::from_secs(seconds);
    let bounds = Bounds { patience: options.patience, end };
    let seed = options.seed.unwrap_or_else(random_seed);
    let outcome = selftest::Trial { dialect, spec, book, bounds, seed }.run(full)?;
    print(&outcome.text)?;
    Ok(u8::from(!outcome.good))
}

/// Plays the selected cases, makes the reports and returns the exit status.
fn played(
    (options, transport): (&Options, Transport),
    dialect: &'static Dialect,
    (spec, book): (&Spec, &Book),
    selection: Selection<'_>,
    baseline: Option<Baseline>,
) -> Result<u8, ConformError> {
    raise_own_limit();
    let end = Instant::now() + Duration::from_secs(u64::from(options.deadline));
    let bounds = Bounds { patience: options.patience, end };
    let server = match options.target {
        Some(address) => Server::attach(address, bounds),
        None => Server::start(&options.command, bounds)?,
    };
    let server = server.over(transport);
    let seed = options.seed.unwrap_or_else(random_seed);
    let jobs = options.jobs as usize;
    let manner = Manner { seed, quick: options.quick, jobs, document_only: options.document_only };
    let Selection { cases, left_out } = selection;
    let head = Report { not_run: left_out, ..head(options, dialect, &server, seed) };
    // The gate may add results of cases that are not selected.
    let head = Report { clauses: clauses(spec, book), ..head };
    let order = cases.iter().map(|case| (case.id.clone(), case.clause.clone())).collect();
    let journal = Journal::begin(options, baseline, (head, order), dialect.fails)?;
    let mut runner = Runner::new((spec, book), &server, bounds, manner);
    let results = runner.run(&cases, &|result| journal.told(result));
    let notes = std::mem::take(&mut runner.notes);
    journal.finish(results, &notes)
}

/// The report of a run before its first result.
fn head(options: &Options, dialect: &'static Dialect, server: &Server, seed: u64) -> Report {
    let address = server.address().to_string();
    let command = (!options.command.is_empty()).then(|| options.command.join(" "));
    let name = options.name.clone().or(command).unwrap_or_else(|| address.clone());
    Report {
        schema: SCHEMA,
        tool: concat!("parlance-conform ", env!("CARGO_PKG_VERSION")),
        name: text::harmless(&name),
        dialect: dialect.name,
        address,
        transport: server.transport().name(),
        seed,
        quick: options.quick,
        document_only: options.document_only,
        extensions: options.extensions,
        conforms: None,
        exit_status: 0,
        unfinished: false,
        not_run: Vec::new(),
        millis: 0,
        notes: Vec::new(),
        baseline: None,
        clauses: Vec::new(),
        causes: Vec::new(),
        like: Vec::new(),
        results: Vec::new(),
    }
}

/// Lets the suite have as many descriptors as it may: the soft limit is often a small one. What it
/// starts has that limit too.
fn raise_own_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With fewer, some cases are inconclusive.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// The clauses of all cases, in the order of their first case.
fn clauses(spec: &Spec, book: &Book) -> Vec<ClauseText> {
    let mut clauses: Vec<ClauseText> = Vec::new();
    for case in &book.cases {
        if !clauses.iter().any(|known| known.id == case.clause) {
            clauses.extend(spec.get(&case.clause).map(ClauseText::from));
        }
    }
    clauses
}

fn random_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    // Short enough to be typed.
    (u64::from(now.subsec_nanos()) ^ now.as_secs() ^ u64::from(std::process::id())) % 1_000_000_000
}

fn listed(spec: &Spec, cases: &[&Case]) -> String {
    let line = |case: &&Case| {
        let clause = spec.get(&case.clause);
        let level = clause.map_or(("", ""), |clause| (clause.level.name(), clause.kind.name()));
        format!("{:<64} {:<6} {}\n", case.id, level.0, level.1)
    };
    cases.iter().map(line).collect()
}
