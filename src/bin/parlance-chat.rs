//! `parlance-chat`, a chat client. See `parlance-chat --help`.

use parlance::client::{self, Options};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::from_arguments(std::env::args_os()).unwrap_or_else(|error| error.exit());
    client::run(&options)
}
