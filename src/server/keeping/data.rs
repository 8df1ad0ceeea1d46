//! `parlance data`: what an operator asks of a data directory, whether or not a server has it.

use clap::{Arg, Command, value_parser};
use parlance_store::sqlite::Database;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The word that asks for it.
pub const DATA: &str = "data";

/// The subcommand with its own.
pub fn data_command() -> Command {
    let directory = Arg::new("data")
        .long("data")
        .env("PARLANCE_DATA")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .required(true)
        .help("The data directory of the server, which may be running");
    let with_directory = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(directory.clone())
    };
    let file = Arg::new("file")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .required(true)
        .help("The copy, which must not be there yet");
    Command::new(DATA)
        .bin_name("parlance data")
        .about("Look at what a server keeps, or copy it")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(with_directory("check", "Read everything and say whether it is whole"))
        .subcommand(with_directory("backup", "Copy the database as it is at this moment").arg(file))
        .subcommand(with_directory("export", "Print every line as an object of JSON"))
}

/// Does what the `arguments` behind the program's name ask for.
///
/// # Errors
/// A message for the user, which names the file at fault. A mistake in the arguments ends the
/// process as clap does.
pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    let matches = data_command().get_matches_from(arguments);
    let (name, asked) = matches.subcommand().expect("clap has required one");
    let path = |id| asked.get_one::<PathBuf>(id).expect("clap has required it").as_path();
    perform(name, path("data"), || path("file")).map_err(|failure| failure.message)
}

fn perform<'a>(
    name: &str,
    directory: &Path,
    file: impl FnOnce() -> &'a Path,
) -> Result<(), parlance_store::Failure> {
    let database = Database::beside(directory)?;
    match name {
        "check" => {
            let report = database.report()?;
            // A closed standard output is no fault of the database.
            let _ = writeln!(io::stdout(), "{} is {report}", directory.display());
            Ok(())
        }
        "backup" => database.backup(file()),
        _ => database.export(&mut io::BufWriter::new(io::stdout().lock())),
    }
}
