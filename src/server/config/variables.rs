//! Variables of the environment that do not count.

use super::conflicts;
use super::endpoint::is_of_kubernetes;
use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Command};
use std::ffi::OsString;

/// The command without the variables that say nothing: those that are empty, those of ports that
/// Kubernetes has set, and those that something `typed` overrules, whose values may be wrong.
/// [rooms/daemon-4]
pub(super) fn without_those_that_do_not_count(command: Command, typed: &[OsString]) -> Command {
    let bare = command.clone().mut_args(without_its_variable);
    let typed = match bare.try_get_matches_from(typed) {
        Ok(typed) => Some(typed),
        // The help names every variable.
        Err(error) if error.kind() == ErrorKind::DisplayHelp => return command,
        Err(_) => None,
    };
    command.mut_args(|option| {
        if counts(&option, typed.as_ref()) { option } else { without_its_variable(option) }
    })
}

fn counts(option: &Arg, typed: Option<&ArgMatches>) -> bool {
    let Some(value) = option.get_env().and_then(std::env::var_os) else { return true };
    let id = option.get_id().as_str();
    let foreign = id == "port" && is_of_kubernetes(&value);
    let overruled = typed.is_some_and(|typed| conflicts::overrules(typed, id));
    !value.is_empty() && !foreign && !overruled
}

fn without_its_variable(option: Arg) -> Arg {
    option.env(Resettable::Reset)
}
