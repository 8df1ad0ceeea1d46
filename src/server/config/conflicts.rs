//! Options that say where to listen in ways that cannot both be meant.
//!
//! Typed together they are an error, and so they are in the environment or in a file. What is typed
//! wins over the environment, and that over the file. (clap's own conflicts know no such
//! difference.)

use super::file::Entry;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// An option, those it cannot be used with, and what to write instead. By their ids in
/// [`Options`](super::options::Options).
const CLASHES: &[(&str, &[&str], &str)] = &[
    ("port_argument", &["port"], "both say which port; write one of them"),
    (
        "all",
        &["port_argument", "port", "dialect"],
        "--all serves every dialect on its default port; \
         for anything else write --listen DIALECT://ADDR:PORT for each",
    ),
    (
        "listen",
        &["port_argument", "port", "dialect", "all", "host"],
        "--listen says all of where to listen; write --listen DIALECT://ADDR:PORT for each",
    ),
    (
        "tls_self_signed",
        &["tls_cert", "tls_key"],
        "one says which certificate, the other to make one; write one of them",
    ),
];

/// Whether something `typed` says what the option `id` would say, so that its variable does not
/// count.
pub(super) fn overrules(typed: &ArgMatches, id: &str) -> bool {
    let is_typed = |id| typed.value_source(id) == Some(ValueSource::CommandLine);
    pairs().any(|(one, other, _)| one == id && is_typed(other) || other == id && is_typed(one))
}

/// Whether something typed or a variable of `set` says what the option `id` of a file would say.
pub(super) fn excludes(set: &ArgMatches, id: &str) -> bool {
    let counts = |id| given(set, id).is_some();
    pairs().any(|(one, other, _)| one == id && counts(other) || other == id && counts(one))
}

/// Notices two keys of a file that cannot be used together.
///
/// # Errors
/// A message for the user, with the place of the second of them.
pub(super) fn check_file(entries: &[Entry]) -> Result<(), String> {
    let says = |entry: &Entry| {
        if entry.key.is_flag() { entry.key.is_on(&entry.values) } else { !entry.values.is_empty() }
    };
    let index = |id| entries.iter().position(|entry| entry.key.id() == id && says(entry));
    for (one, other, advice) in pairs() {
        let (Some(one), Some(other)) = (index(one), index(other)) else { continue };
        let [first, second] = [one.min(other), one.max(other)].map(|index| &entries[index]);
        return Err(format!(
            "{}: '{}' and '{}' cannot be used together: {advice}",
            second.place, first.key.name, second.key.name
        ));
    }
    Ok(())
}

/// Notices two options that cannot be used together. `matches` has no variable that is overruled.
pub(super) fn check(command: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let counts = |id| given(matches, id).is_some();
    if let Some((one, other, advice)) =
        pairs().find(|(one, other, _)| counts(*one) && counts(*other))
    {
        let (one, other) = (shown(command, matches, one), shown(command, matches, other));
        let message = format!("'{one}' and '{other}' cannot be used together: {advice}");
        return Err(command.error(ErrorKind::ArgumentConflict, message));
    }
    Ok(())
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CLASHES
        .iter()
        .flat_map(|(one, others, advice)| others.iter().map(move |other| (*one, *other, *advice)))
}

/// The source of an option, if it is set; a flag that the environment switches off is not set.
fn given(matches: &ArgMatches, id: &str) -> Option<ValueSource> {
    let off = ["all", "tls_self_signed"].contains(&id) && !matches.get_flag(id);
    matches.value_source(id).filter(|source| !off && *source != ValueSource::DefaultValue)
}

/// An option's name where it was set: the variable, the flag, or the argument without a flag.
fn shown(command: &Command, matches: &ArgMatches, id: &str) -> String {
    let option = command.get_arguments().find(|option| option.get_id() == id);
    let option = option.expect("the ids are those of the options, which a test compares");
    match (given(matches, id), option.get_env(), option.get_long()) {
        (Some(ValueSource::EnvVariable), Some(variable), _) => variable.display().to_string(),
        (_, _, Some(long)) => format!("--{long}"),
        _ => option.get_value_names().map_or_else(|| id.to_owned(), |names| names[0].to_string()),
    }
}
