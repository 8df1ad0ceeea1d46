//! `parlance`, the chat server. See `parlance --help`.

use parlance_ctl::CTL;
use parlance_printable::escape_lines;
use parlance_server::config::{check, configuration::Configuration, program::CHECK};
use parlance_server::{daemon, version};
use std::ffi::OsString;
use std::process::ExitCode;

/// The system's allocator keeps what a flood needed.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The lines of `--version` behind the name.
const BUILD: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit ",
    env!("PARLANCE_BUILT_COMMIT"),
    "\nfeatures ",
    env!("PARLANCE_BUILT_FEATURES"),
);

fn main() -> ExitCode {
    version::built_as(BUILD);
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if words.get(1).is_some_and(|word| word == CTL) {
        words.remove(1);
        return parlance_ctl::run(words);
    }
    if words.get(1).is_some_and(|word| word == CHECK) {
        words.remove(1);
        let text = check::text(words).unwrap_or_else(|error| error.exit());
        // A closed standard output is no fault of the configuration.
        let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
        return ExitCode::SUCCESS;
    }
    #[cfg(feature = "store")]
    if let Some(run) = store_command(words.get(1)) {
        words.remove(1);
        return match run(words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {}", escape_lines(&error));
                ExitCode::from(2)
            }
        };
    }
    // clap prints what is wrong with the arguments, naming the value, and exits with status 2.
    // [rooms/daemon-2] [rooms/daemon-4]
    let read = Configuration::from_arguments(words.clone());
    let configuration = read.unwrap_or_else(|error| error.exit());
    daemon::run(&configuration, words).unwrap_or_else(|error| {
        eprintln!("error: {}", escape_lines(&error));
        ExitCode::from(2)
    })
}

/// Does what the arguments ask for, or says why not.
#[cfg(feature = "store")]
type Subcommand = fn(Vec<OsString>) -> Result<(), String>;

/// What a word does that concerns a data directory, if it is one.
#[cfg(feature = "store")]
fn store_command(word: Option<&OsString>) -> Option<Subcommand> {
    use parlance_server::{accounts::user, keeping::data};
    match word?.to_str()? {
        data::DATA => Some(data::run),
        user::USER => Some(user::run),
        _ => None,
    }
}
