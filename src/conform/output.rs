//! Where reports go: files and standard output.

use super::ConformError;
use super::baseline;
use super::options::{Options, is_standard_output};
use super::report;
use super::result::Report;
use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// Writes all requested files.
pub(super) fn write_all(options: &Options, report: &Report) -> Result<(), ConformError> {
    type Write = fn(&Report) -> String;
    let json = options.json.as_ref().filter(|path| !is_standard_output(path));
    let files: [(_, Write); 3] = [
        (json, report::json),
        (options.junit.as_ref(), report::junit),
        (options.html.as_ref(), report::html),
    ];
    for (path, written) in files {
        // A pipe takes one report, the last one.
        if let Some(path) = path.filter(|path| !report.unfinished || is_replaced(path)) {
            write(path, &written(report))?;
        }
    }
    Ok(())
}

/// Writes all requested files, and prints.
pub(super) fn tell(options: &Options, report: &Report) -> Result<(), ConformError> {
    write_all(options, report)?;
    if let Some(path) = options.write_baseline.as_ref().filter(|_| !report.unfinished) {
        write(path, &baseline::written(report))?;
    }
    if options.json.as_deref().is_some_and(is_standard_output) {
        eprint!("{}", report::text(report, report::Style { next: options.next, colour: false }));
        return print(&report::json(report));
    }
    let style = report::Style { next: options.next, colour: colour() };
    print(&if options.tap { report::tap(report) } else { report::text(report, style) })
}

/// Fails if the baseline could not be written later.
pub(super) fn check_baseline(options: &Options) -> Result<(), ConformError> {
    let Some(path) = &options.write_baseline else { return Ok(()) };
    let opened = File::options().create(true).append(true).open(path);
    let length = opened.and_then(|file| file.metadata()).map_err(|error| failed(path, &error))?;
    // An empty baseline expects no failure, and says what it is.
    if length.is_file() && length.len() == 0 { write(path, baseline::HEAD) } else { Ok(()) }
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

/// Whether a file can be replaced by a new version: a pipe cannot.
fn is_replaced(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |known| known.is_file())
}

/// Writes a file. Nobody who reads it meanwhile sees half of it, if its folder may be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), ConformError> {
    let known = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut new = known.clone().into_os_string();
    new.push(".new");
    let new = Path::new(&new);
    if is_replaced(path) && std::fs::write(new, text).is_ok() {
        if std::fs::rename(new, known).is_ok() {
            return Ok(());
        }
        // The file itself is tried next, and its error counts.
        let _ = std::fs::remove_file(new);
    }
    std::fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> ConformError {
    ConformError::Output(format!("{}: {error}", path.display()))
}
