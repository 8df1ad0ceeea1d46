//! Options that say where to listen in ways that cannot both be meant.
//!
//! Typed together they are an error, and so they are in the environment; between the two, what is
//! typed wins. (clap's own conflicts know no such difference.)

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
];

/// The ids of the options that the environment sets and something typed overrules.
pub(super) fn overruled(
    command: &mut Command,
    matches: &ArgMatches,
) -> Result<Vec<&'static str>, clap::Error> {
    let mut overruled = Vec::new();
    let is = |id, source| given(matches, id) == Some(source);
    for (one, other, _) in pairs() {
        for (weak, strong) in [(one, other), (other, one)] {
            if is(weak, ValueSource::EnvVariable) && is(strong, ValueSource::CommandLine) {
                overruled.push(weak);
            }
        }
    }
    let counts = |id| given(matches, id).is_some() && !overruled.contains(&id);
    // What was typed comes first, and an overruled option clashes with nothing.
    if let Some((one, other, advice)) =
        pairs().find(|(one, other, _)| counts(*one) && counts(*other))
    {
        let (one, other) = (shown(command, matches, one), shown(command, matches, other));
        let message = format!("'{one}' and '{other}' cannot be used together: {advice}");
        return Err(command.error(ErrorKind::ArgumentConflict, message));
    }
    Ok(overruled)
}

fn pairs() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CLASHES
        .iter()
        .flat_map(|(one, others, advice)| others.iter().map(move |other| (*one, *other, *advice)))
}

/// The source of an option, if it is set; a flag that the environment switches off is not set.
fn given(matches: &ArgMatches, id: &str) -> Option<ValueSource> {
    let off = id == "all" && !matches.get_flag(id);
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
