//! `parlance user`: the operator's accounts, whether or not a server has the data directory.

use super::password;
use clap::{Arg, Command, value_parser};
use parlance_core::limits::CHANNELS_NAME_BYTES_MAX;
use parlance_core::protocol::{Name, Secret};
use parlance_store::sqlite::{DataDirectory, Database, Durability};
use parlance_store::{Account, Accounts, Failure, Kind, Millis};
use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// The word that asks for it.
pub const USER: &str = "user";

/// The longest line that is read as a password: a longer one is none.
const LINE_BYTES_MAX: u64 = 4096;

/// The subcommand with its own.
pub fn user_command() -> Command {
    let directory = Arg::new("data")
        .long("data")
        .env("PARLANCE_DATA")
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .required(true)
        .help("The data directory of the server, which may be running; made if it is not there");
    let name = Arg::new("name")
        .value_name("NAME")
        .value_parser(parse_name)
        .required(true)
        .help("The name of the account");
    let with_name =
        |word: &'static str, about: &'static str| Command::new(word).about(about).arg(name.clone());
    let commands = [
        with_name("add", "Add an account; its password is asked for, or read from standard input"),
        with_name("passwd", "Set the password of an account, which is read in the same way"),
        with_name("del", "Remove an account: its name is for everybody again"),
        Command::new("list").about("Print the names of all accounts"),
    ];
    Command::new(USER)
        .bin_name("parlance user")
        .about("Add, change, remove or list accounts, for --accounts")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands(commands.map(|command| command.arg(directory.clone())))
}

fn parse_name(text: &str) -> Result<Name, String> {
    Name::new(text.as_bytes(), CHANNELS_NAME_BYTES_MAX).ok_or_else(|| {
        format!("a name has 1 to {CHANNELS_NAME_BYTES_MAX} graphic characters of ASCII")
    })
}

/// Does what the `arguments` behind the program's name ask for.
///
/// # Errors
/// A message for the user, which names the account or the file at fault. A mistake in the arguments
/// ends the process as clap does.
pub fn run(arguments: Vec<OsString>) -> Result<(), String> {
    let matches = user_command().get_matches_from(arguments);
    let (word, asked) = matches.subcommand().expect("clap has required one");
    let path = asked.get_one::<PathBuf>("data").expect("clap has required it");
    let message = |failure: Failure| failure.message;
    let (_directory, mut database) = open(path).map_err(message)?;
    if word == "list" {
        list(&database.accounts().map_err(message)?);
        return Ok(());
    }
    let name = asked.get_one::<Name>("name").expect("clap has required it").as_str();
    let missing = || format!("there is no account {name:?} in {}", path.display());
    let done = match word {
        "add" => {
            // A second account of a name would only be found after the password was typed.
            if database.account(name).map_err(message)?.is_some() {
                return Err(format!(
                    "there is an account {name:?} already: `parlance user passwd` sets its password"
                ));
            }
            let (password, now) = (hashed(name)?, now());
            let name = name.to_owned();
            database.add_account(&Account { name, password, made_at: now, changed_at: now })
        }
        "passwd" => {
            database.account(name).map_err(message)?.ok_or_else(missing)?;
            database.set_password(name, None, &hashed(name)?, now())
        }
        _ => database.remove_account(name),
    };
    if done.map_err(message)? { Ok(()) } else { Err(missing()) }
}

/// The database in `path`: this process's own if no server has it.
fn open(path: &Path) -> Result<(Option<DataDirectory>, Database), Failure> {
    match DataDirectory::claim(path) {
        Ok(directory) => {
            let database = Database::open(&directory, Durability::Full)?;
            Ok((Some(directory), database))
        }
        Err(failure) if failure.kind == Kind::InUse => Ok((None, Database::beside(path)?)),
        Err(failure) => Err(failure),
    }
}

fn list(accounts: &[Account]) {
    let names: Vec<&str> = accounts.iter().flat_map(|one| [one.name.as_str(), "\n"]).collect();
    // A closed standard output is no fault of the database.
    let _ = io::stdout().write_all(names.concat().as_bytes());
}

/// The hash of a password that is typed at the terminal, or is the first line of standard input.
fn hashed(name: &str) -> Result<String, String> {
    let typed = if io::stdin().is_terminal() { asked_for(name)? } else { first_line()? };
    let secret = Secret::new(typed.as_bytes()).ok_or("a password has 8 to 128 bytes, no spaces")?;
    password::hash(secret.as_bytes())
}

/// Asks twice, without showing what is typed.
fn asked_for(name: &str) -> Result<Zeroizing<String>, String> {
    let ask = |prompt: &str| {
        let typed = rpassword::prompt_password(prompt);
        typed.map(Zeroizing::new).map_err(|error| format!("cannot read a password: {error}"))
    };
    let typed = ask(&format!("Password of {name}: "))?;
    if ask("The same again: ")? != typed {
        return Err("the two passwords differ, and nothing was changed".to_owned());
    }
    Ok(typed)
}

fn first_line() -> Result<Zeroizing<String>, String> {
    let mut line = Zeroizing::new(String::with_capacity(1024));
    let read = io::stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line);
    read.map_err(|error| format!("cannot read the password from standard input: {error}"))?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}
