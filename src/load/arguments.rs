//! The arguments of the program: one measurement, or another task.

use clap::value_parser as within;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;

use super::bench::BenchOptions;
use super::options::Options;

/// What is typed most often, in the help.
const EXAMPLES: &str = "\
Examples:
  A hundred members of a room, one sender, 64 lines in flight; server CPU of process 4711:
    parlance-load 127.0.0.1:1234 --window 64 --pid 4711
  A server that is started for the run, and a thousand lines a second whatever it does:
    parlance-load --rate 1000 -- parlance --listen rooms://127.0.0.1:{port}
  Over TLS, as one JSON object:
    parlance-load --tls --dialect channels --json 127.0.0.1:6697
  Memory for each idle client; a thousand clients that come and go at once:
    parlance-load --idle 9000 -- parlance --listen rooms://127.0.0.1:{port}
    parlance-load --storm 1000 -- parlance --listen rooms://127.0.0.1:{port}
  Ratios to the baseline and to installed peers, kept and drawn:
    parlance-load bench --json bench.json --svg bench.svg

Exit status: 0 every delivery was right, 1 it was not or the figures could not be written,
2 the request could not be tried.";

/// The arguments of `parlance-load`.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-load", version, about)]
#[command(after_help = EXAMPLES)]
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

#[cfg(test)]
mod tests {
    use super::{Arguments, EXAMPLES};
    use std::ffi::OsString;

    #[test]
    fn every_example_of_the_help_can_be_typed() {
        let examples =
            EXAMPLES.lines().filter(|line| line.trim_start().starts_with("parlance-load"));
        let mut count = 0;
        for example in examples {
            let typed = example.split_whitespace().map(OsString::from);
            assert!(Arguments::read(typed).is_ok(), "{example}");
            count += 1;
        }
        assert_eq!(count, 6);
    }
}
