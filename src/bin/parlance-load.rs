//! Measures chat servers on this machine under load. See `parlance-load --help`.

use std::process::ExitCode;

use clap::Parser as _;
use parlance::load::{self, Arguments};

fn main() -> ExitCode {
    load::run(&Arguments::parse())
}
