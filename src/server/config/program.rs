//! The program as clap knows it, and its subcommands.

use super::options::Options;
use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, CommandFactory};

/// The word that asks for a check of the configuration.
pub const CHECK: &str = "check";

/// The program with its subcommands, which are in its help. That to an operator's commands has
/// options of its own, which are read elsewhere.
pub fn program() -> Command {
    let ctl = Command::new("ctl").about("Ask and command a running server, by its --admin socket");
    let program = Options::command().subcommand(check_command()).subcommand(ctl);
    #[cfg(feature = "store")]
    let program = program
        .subcommand(crate::keeping::data::data_command())
        .subcommand(crate::accounts::user::user_command());
    program.args_conflicts_with_subcommands(true).disable_help_subcommand(true)
}

/// The subcommand: everything that could be typed behind `--config FILE`.
pub fn check_command() -> Command {
    let defaults = Arg::new("defaults").long("defaults").action(ArgAction::SetTrue);
    Options::command()
        .name(CHECK)
        .bin_name("parlance check")
        .about("Show the configuration that counts and where each value comes from, or its fault")
        .long_about(None::<&str>)
        .mut_arg("config", |file| file.long(Resettable::Reset).index(1))
        .mut_arg("port_argument", |port| port.index(2))
        .arg(defaults.help("Print a commented file with every key and its default"))
}
