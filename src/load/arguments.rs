//! The arguments of the program: one measurement, or another task.

use clap::value_parser as within;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;

use super::bench::BenchOptions;
use super::options::Options;

/// The arguments of `parlance-load`.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-load", version, about)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
/// Load for a chat server on this machine; every delivery is checked.
pub struct Arguments {
    #[command(subcommand)]
    pub(super) task: Option<Task>,

    #[command(flatten)]
    pub(super) load: Options,
}

impl Arguments {
    /// The arguments as they are typed, the program's name first.
    ///
    /// # Errors
    /// A message that names the value at fault; also the text of `--help` and `--version`.
    pub fn read(typed: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
        parlance_printable::arguments(Arguments::command(), typed, |command, typed| {
            Arguments::from_arg_matches(&command.try_get_matches_from_mut(typed)?)
        })
    }
}

/// What else the program can do.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Task {
    /// Measure this server, the baseline and the peers that are installed, and compare them
    Bench(Box<BenchOptions>),
    /// Serve the rooms dialect with the least that fans lines out, as a yardstick
    Baseline {
        /// Port on 127.0.0.1
        #[arg(value_name = "PORT", value_parser = within!(u16).range(1..))]
        port: u16,
    },
}
