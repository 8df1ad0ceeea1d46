//! Measures a rooms server on this machine under a closed-loop load.

use std::process::ExitCode;

use clap::Parser as _;
use parlance::load::{self, Options};

fn main() -> ExitCode {
    load::run(&Options::parse())
}
