//! The report of a run while it goes on: files are written again and again, each failure is told
//! at once, and a run that is interrupted keeps what it has.

use super::ConformError;
use super::baseline::Baseline;
use super::options::Options;
use super::output;
use super::progress::Progress;
use super::report;
use super::result::{CaseResult, LeftOut, Report};
use super::{diagnosis, text};
use parlance_child_process as child_process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Minimum time between two versions of a file: pages are not made anew for each of a hundred
/// results in a second.
const PAUSE: Duration = Duration::from_millis(300);

/// The results so far, and where they go.
pub(super) struct Journal {
    options: Options,
    baseline: Option<Baseline>,
    /// The report without results, with the clauses of all cases.
    head: Report,
    /// The cases of the run in the order of the report, each with its clause.
    order: Vec<(String, String)>,
    /// The failures of each mutant of the dialect.
    fails: &'static str,
    begun: Instant,
    progress: Progress,
    state: Mutex<State>,
    changed: Condvar,
    /// Held while files are written, so that no older version replaces a newer one.
    files: Mutex<()>,
}

#[derive(Default)]
struct State {
    results: Vec<CaseResult>,
    /// Whether a result came after the files were written.
    news: bool,
    /// Whether the run has ended or was interrupted.
    over: bool,
}

/// A run whose results are kept; it ends with [`Kept::finish`].
pub(super) struct Kept {
    journal: Arc<Journal>,
    writer: JoinHandle<()>,
}

impl Journal {
    /// Begins a journal; the files have a first version now.
    ///
    /// # Errors
    ///
    /// Fails if a report cannot be written: before a run of minutes, not after it.
    pub(super) fn begin(
        options: &Options,
        baseline: Option<Baseline>,
        (head, order): (Report, Vec<(String, String)>),
        fails: &'static str,
    ) -> Result<Kept, ConformError> {
        let journal = Arc::new(Journal {
            options: options.clone(),
            baseline,
            head,
            progress: Progress::new(order.len()),
            order,
            fails,
            begun: Instant::now(),
            state: Mutex::default(),
            changed: Condvar::new(),
            files: Mutex::default(),
        });
        output::write_all(options, &journal.unfinished(&[]))?;
        output::check_baseline(options)?;
        let (writer, interrupted) = (Arc::clone(&journal), Arc::clone(&journal));
        let writer = std::thread::spawn(move || writer.keep());
        child_process::at_interruption(move || interrupted.interrupted());
        Ok(Kept { journal, writer })
    }

    /// Takes a result. Any thread may call it.
    fn told(&self, result: &CaseResult) {
        let mut result = result.clone();
        make_harmless(&mut result);
        let mut state = self.state();
        if state.over {
            return;
        }
        self.progress.tell(&result, !self.options.next);
        state.results.push(result);
        state.news = true;
        self.changed.notify_all();
    }

    /// Writes the files after news, until the run is over.
    fn keep(&self) {
        loop {
            let waits = |state: &mut State| !state.news && !state.over;
            let state = self.changed.wait_while(self.state(), waits);
            drop(state.unwrap_or_else(PoisonError::into_inner));
            let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            let mut state = self.state();
            if state.over {
                return;
            }
            state.news = false;
            let report = self.unfinished(&state.results);
            drop(state);
            // If this fails, the last version fails too, and says so.
            let _ = output::write_all(&self.options, &report);
            drop(files);
            let pause = self.changed.wait_timeout_while(self.state(), PAUSE, |state| !state.over);
            drop(pause);
        }
    }

    /// Writes and prints what there is; the program ends right after it.
    fn interrupted(&self) {
        let _files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        if state.over {
            return;
        }
        state.over = true;
        self.progress.clear();
        let report = self.unfinished(&state.results);
        if let Err(error) = output::tell(&self.options, &report) {
            eprintln!("parlance-conform: {error}");
        }
    }

    /// The report of a run that has not ended.
    fn unfinished(&self, results: &[CaseResult]) -> Report {
        let mut report = self.report(results.to_vec());
        report.unfinished = true;
        // What did not run may be wrong.
        report.conforms = report.conforms.filter(|conforms| !conforms);
        let ran = |id: &str| results.iter().any(|result| result.id == id);
        let left = self.order.iter().filter(|(id, _)| !ran(id)).count();
        let words = format!("{left} of {} cases, interrupted", self.order.len());
        report.not_run.insert(0, LeftOut { cases: left, words, option: None });
        report.exit_status = report.status();
        report
    }

    fn report(&self, mut results: Vec<CaseResult>) -> Report {
        // Those that are not selected come from the gate, and first.
        let place = |one: &CaseResult| self.order.iter().position(|(id, _)| *id == one.id);
        results.sort_by_key(place);
        let mut report = self.head.clone();
        let selected = |id: &str| self.order.iter().any(|(_, clause)| *clause == id);
        let told = |id: &str| results.iter().any(|result| result.clause == id);
        report.clauses.retain(|clause| selected(&clause.id) || told(&clause.id));
        report.baseline = self.baseline.as_ref().map(|baseline| baseline.check(&mut results));
        report.conforms = Report::judged(&results);
        report.millis = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        report.like = diagnosis::like(report.dialect, self.fails, &results);
        report.results = results;
        report.causes = report::ids(&report);
        report.exit_status = report.status();
        report
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The message may quote the server.
fn make_harmless(result: &mut CaseResult) {
    result.message = text::harmless(&result.message);
}

impl Kept {
    /// Takes a result. Any thread may call it.
    pub(super) fn told(&self, result: &CaseResult) {
        self.journal.told(result);
    }

    /// Ends the run with its final results: writes and prints everything, and returns the exit
    /// status.
    ///
    /// # Errors
    ///
    /// Fails if a report cannot be written.
    pub(super) fn finish(
        self,
        mut results: Vec<CaseResult>,
        notes: &[String],
    ) -> Result<u8, ConformError> {
        let journal = &self.journal;
        let files = journal.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = journal.state();
        if state.over {
            // The signal that interrupted the run ends the program.
            loop {
                std::thread::park();
            }
        }
        state.over = true;
        drop(state);
        journal.changed.notify_all();
        journal.progress.clear();
        results.iter_mut().for_each(make_harmless);
        let notes = notes.iter().map(|note| text::harmless(note)).collect();
        let report = Report { notes, ..journal.report(results) };
        output::tell(&journal.options, &report)?;
        drop(files);
        // It only writes files, and ends now.
        let _ = self.writer.join();
        child_process::forget_interruption();
        Ok(report.exit_status)
    }
}
