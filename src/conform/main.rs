//! `parlance-conform`, the conformance suite. See `parlance-conform --help`.

use parlance_conform::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::from_arguments(std::env::args_os()).unwrap_or_else(|error| error.exit());
    parlance_conform::run(&options)
}
