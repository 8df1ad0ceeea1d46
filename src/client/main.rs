//! `parlance-chat`, a chat client. See `parlance-chat --help`.

use parlance_client::Options;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::from_arguments(std::env::args_os()).unwrap_or_else(|error| error.exit());
    parlance_client::run(&options)
}
