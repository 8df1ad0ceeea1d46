//! The program behind its arguments.

use std::io::Write as _;
use std::process::ExitCode;

use parlance_printable::escape_lines;

use super::arguments::{Arguments, Task};
use super::measure::measure;
use super::{baseline, bench};

/// Runs the whole program: measures, prints, and returns the exit status.
///
/// The exit status is 0 if every delivery was right, 2 if the request could not be tried, else 1.
pub fn run(arguments: &Arguments) -> ExitCode {
    let done = match &arguments.task {
        None => measure(&arguments.load)
            .map(|report| if arguments.load.json { report.to_json() } else { report.to_text() }),
        Some(Task::Bench(options)) => bench::run(options),
        Some(Task::Baseline { port }) => baseline::serve(*port).map(|never| match never {}),
    };
    let text = match done {
        Ok(text) => text,
        Err(error) => {
            complain(&escape_lines(&error.to_string()));
            return ExitCode::from(error.exit_status());
        }
    };
    // `println!` would panic if the reader of the figures has gone; a message is the better answer.
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the figures could not be written: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A closed standard error leaves the exit status.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "parlance-load: {text}");
}
