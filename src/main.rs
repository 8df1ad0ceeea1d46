//! `parlance`, the chat server. See `parlance --help`.

use parlance_printable::escape_lines;
use parlance_server::{config::options::Options, daemon};
use std::process::ExitCode;

/// The system's allocator keeps what a flood needed.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // clap prints what is wrong with the arguments, naming the value, and exits with status 2.
    // [rooms/daemon-2] [rooms/daemon-4]
    let options = Options::from_arguments(std::env::args_os()).unwrap_or_else(|error| error.exit());
    daemon::run(&options).unwrap_or_else(|error| {
        eprintln!("error: {}", escape_lines(&error));
        ExitCode::from(2)
    })
}
