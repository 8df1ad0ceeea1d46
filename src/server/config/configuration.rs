//! The configuration as it counts: what is typed, then variables, then the file, then defaults.
//! [common/config-1]

use super::file::{self, Contents};
use super::keys::{Key, keys};
use super::options::Options;
use super::program::program;
use super::{conflicts, variables};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Error, FromArgMatches};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// The options, and where each comes from.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What the daemon is told.
    pub options: Options,
    /// The same as a file would have it, in the order of the default file.
    pub settings: Vec<Setting>,
}

/// One option with its values.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The option.
    pub key: Key,
    /// As they were written; none if nothing is set and there is no default.
    pub values: Vec<String>,
    /// Where they come from.
    pub source: Source,
}

/// Where the value of an option comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line: a flag, or the argument.
    Typed(String),
    /// A variable of this name.
    Variable(String),
    /// A place in the file, `FILE:LINE`.
    File(String),
    /// Nobody has said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Typed(name) if name.starts_with('-') => write!(f, "flag {name}"),
            Source::Typed(name) => write!(f, "argument {name}"),
            Source::Variable(name) => write!(f, "environment variable {name}"),
            Source::File(place) => f.write_str(place),
            Source::Default => f.write_str("default"),
        }
    }
}

impl Configuration {
    /// The configuration that `arguments` (the program's name first), the environment and the file
    /// of `--config` give.
    ///
    /// # Errors
    /// A message for the user, which names the value at fault and, in a file, its line; also the
    /// text of `--help` and `--version`. [common/config-2]
    pub fn from_arguments<I>(arguments: I) -> Result<Configuration, Error>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        Configuration::by(program(), arguments)
    }

    /// As above, where `command` has all options.
    pub(super) fn by<I>(command: Command, arguments: I) -> Result<Configuration, Error>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        let typed = arguments.into_iter().map(Into::into);
        parlance_printable::arguments(command, typed, |command, typed| {
            let (matches, contents) = read(command, &typed)?;
            let options = Options::from_arg_matches(&matches)?;
            let settings = settings(&matches, &contents);
            Ok(Configuration { options, settings })
        })
    }

    /// The path of the file, if there is one.
    pub fn file(&self) -> Option<&PathBuf> {
        self.options.config.as_ref()
    }

    /// An `error` about options, with the place of the first option of the file that it names.
    pub fn located(&self, error: String) -> String {
        let mut places = self.settings.iter().filter_map(|setting| match &setting.source {
            Source::File(place) if setting.is_named_in(&error) => Some(place),
            _ => None,
        });
        match places.next() {
            Some(place) => format!("{place}: {error}"),
            None => error,
        }
    }
}

impl Setting {
    /// Whether a message names the option, or one of its values that is not short.
    fn is_named_in(&self, message: &str) -> bool {
        let goes_on = |next: char| next.is_ascii_alphanumeric() || next == '-';
        let option = format!("--{}", self.key.name);
        let mut ends = message.match_indices(&option).map(|(at, _)| at + option.len());
        ends.any(|end| !message[end..].starts_with(goes_on))
            || self.values.iter().any(|value| value.len() > 8 && message.contains(value))
    }
}

impl Options {
    /// The options that `arguments` (the program's name first), the environment and the file of
    /// `--config` give. What is typed beats what the environment says, which beats what the file
    /// says: PORT, for one, replaces `PARLANCE_LISTEN`. [common/config-1]
    ///
    /// # Errors
    /// A message for the user, which names the value at fault; also the text of `--help` and
    /// `--version`. [rooms/daemon-4]
    ///
    /// ```
    /// use parlance_server::config::options::Options;
    ///
    /// let error = Options::from_arguments(["parlance", "1234", "--listen", "rooms://[::1]:1"]);
    /// assert!(error.unwrap_err().to_string().contains("'--listen' and 'PORT'"));
    /// ```
    pub fn from_arguments<I>(arguments: I) -> Result<Options, clap::Error>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        Configuration::from_arguments(arguments).map(|configuration| configuration.options)
    }
}

/// What counts of all that is said, and what the file says of it.
fn read(command: &mut Command, typed: &[OsString]) -> Result<(ArgMatches, Contents), Error> {
    *command = variables::without_those_that_do_not_count(command.clone(), typed);
    let set = command.clone().try_get_matches_from(typed)?;
    conflicts::check(command, &set)?;
    let Some(path) = set.get_one::<PathBuf>("config") else {
        return Ok((set, Contents::default()));
    };
    let wrong = |error: String| Error::raw(ErrorKind::ValueValidation, error + "\n");
    let mut contents = file::read(path).map_err(wrong)?;
    contents.entries.retain(|entry| !is_replaced(&set, entry.key.id()));
    conflicts::check_file(&contents.entries).map_err(wrong)?;
    *command = contents.entries.iter().fold(command.clone(), |command, entry| {
        command.mut_arg(entry.key.id(), |option| entry.below(option))
    });
    let matches = command.try_get_matches_from_mut(typed)?;
    Ok((matches, contents))
}

/// Whether something typed, or a variable, says what the option of this id would say.
fn is_replaced(set: &ArgMatches, id: &str) -> bool {
    let is_set = set.value_source(id).is_some_and(|source| source != ValueSource::DefaultValue);
    is_set || conflicts::excludes(set, id)
}

fn settings(matches: &ArgMatches, contents: &Contents) -> Vec<Setting> {
    keys().into_iter().map(|key| setting(matches, contents, key)).collect()
}

fn setting(matches: &ArgMatches, contents: &Contents, key: Key) -> Setting {
    // The argument is the option's other form.
    let is_argument = key.id() == "port" && matches.value_source("port_argument").is_some();
    let id = if is_argument { "port_argument" } else { key.id() };
    let raw = matches.get_raw(id).into_iter().flatten();
    let values = raw.map(|value| value.to_string_lossy().into_owned()).collect();
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) if is_argument => Source::Typed("PORT".to_owned()),
        Some(ValueSource::CommandLine) => Source::Typed(format!("--{}", key.name)),
        Some(ValueSource::EnvVariable) => {
            let variable = key.option.get_env().unwrap_or_default();
            Source::Variable(variable.to_string_lossy().into_owned())
        }
        _ => {
            let entry = contents.entries.iter().find(|entry| entry.key.name == key.name);
            entry.map_or(Source::Default, |entry| Source::File(entry.place.clone()))
        }
    };
    Setting { key, values, source }
}

#[cfg(test)]
mod tests;
