//! Where reports go: files and standard output.

use super::ConformError;
use super::options::Options;
use super::report;
use super::result::Report;
use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// Fails if a report could not be written later: before a run of minutes, not after it.
pub(super) fn check(options: &Options) -> Result<(), ConformError> {
    let files = [&options.json, &options.junit, &options.html];
    for path in files.into_iter().flatten() {
        let opened = File::options().create(true).append(true).open(path);
        opened.map_err(|error| failed(path, &error))?;
    }
    Ok(())
}

/// Writes all requested reports.
pub(super) fn tell(options: &Options, report: &Report) -> Result<(), ConformError> {
    type Write = fn(&Report) -> String;
    let files: [(_, Write); 3] = [
        (&options.json, report::json),
        (&options.junit, report::junit),
        (&options.html, report::html),
    ];
    for (path, written) in files {
        if let Some(path) = path {
            write(path, &written(report))?;
        }
    }
    print(&if options.tap { report::tap(report) } else { report::text(report, colour()) })
}

/// Whether standard output is coloured: a terminal, unless `NO_COLOR` is set.
fn colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !refused
}

pub(super) fn print(text: &str) -> Result<(), ConformError> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| ConformError::Output(format!("standard output: {error}")))
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), ConformError> {
    std::fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> ConformError {
    ConformError::Output(format!("{}: {error}", path.display()))
}
