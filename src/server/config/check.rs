//! `parlance check`: the configuration as it would count, without serving.

use super::configuration::{Configuration, Setting, Source};
use super::defaults;
use super::program::check_command;
use super::sections::{SECTIONS, in_file};
use super::served::Served;
use super::written::written;
use clap::Error;
use clap::error::ErrorKind;
use parlance_printable::escape;
use std::ffi::OsString;
use std::fmt::Write;

/// The column of the comment that says where a value comes from.
const SOURCE_COLUMN: usize = 40;

/// What `parlance check` prints, for its `arguments`, of which the first is the program's name.
///
/// # Errors
/// A message for the user, with the file and the line at fault; also the text of `--help`.
/// [common/config-2]
pub fn text<I>(arguments: I) -> Result<String, Error>
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if arguments[1..] == ["--defaults"] {
        return Ok(defaults::file());
    }
    let configuration = Configuration::by(check_command(), arguments)?;
    let wrong = |error: String| Error::raw(ErrorKind::ValueValidation, escape(&error) + "\n");
    let Served { endpoints, .. } = configuration.served().map_err(wrong)?;
    let mut text = String::new();
    for endpoint in endpoints {
        let _ = writeln!(text, "# Listens on {}", escape(&endpoint.to_string()));
    }
    if configuration.options.log.is_none()
        && let Ok(filter) = std::env::var("RUST_LOG")
    {
        let _ = writeln!(text, "# Logs by the environment variable RUST_LOG, {}", escape(&filter));
    }
    for (heading, _) in SECTIONS {
        let section = in_file(heading);
        let _ = write!(text, "\n[{section}]\n");
        for setting in configuration.settings.iter().filter(|each| each.key.section == section) {
            let _ = writeln!(text, "{}", line(setting));
        }
    }
    Ok(text)
}

/// One setting as a line of a file, and where it comes from.
fn line(setting: &Setting) -> String {
    let Setting { key, values, source } = setting;
    let name = &key.name;
    if values.is_empty() && *source == Source::Default {
        return format!("# {name} is not set");
    }
    let assignment = format!("{name} = {}", written(key, values));
    format!("{assignment:SOURCE_COLUMN$} # {}", escape(&source.to_string()))
}
