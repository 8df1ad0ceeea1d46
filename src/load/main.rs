//! Measures chat servers on this machine under load. See `parlance-load --help`.

use std::process::ExitCode;

use parlance_load::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args_os()).unwrap_or_else(|error| error.exit());
    parlance_load::run(&arguments)
}
