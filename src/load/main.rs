//! Measures chat servers on this machine under load. See `parlance-load --help`.

use std::process::ExitCode;

use clap::Parser as _;
use parlance_load::Arguments;

fn main() -> ExitCode {
    parlance_load::run(&Arguments::parse())
}
