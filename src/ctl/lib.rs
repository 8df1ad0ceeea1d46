//! `parlance ctl`: asks and commands a running server by its admin socket.
//!
//! A command is a line to the server, and the answer is a row of JSON a line, which is shown as a
//! table for people, or as JSON for programs. What the commands do is in the server.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a socket and a terminal are what this crate is for"
)]

mod amounts;
mod conversation;
mod options;
mod output;
mod table;
mod top;

pub use options::{CTL, Options};

use conversation::{Conversation, Row};
use options::Action;
use output::print;
use serde_json::Value;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs `parlance ctl` with these arguments, of which the first is the program's name. Exits with 1
/// if the server refuses or cannot be reached, with 2 if the arguments are wrong.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let options = Options::from_arguments(arguments).unwrap_or_else(|error| error.exit());
    match perform(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", parlance_printable::escape(&error));
            ExitCode::FAILURE
        }
    }
}

fn perform(options: &Options) -> Result<(), String> {
    let mut server = Conversation::begin(&options.socket)?;
    if let Action::Top(top) = &options.action {
        return top::watch(&mut server, top, options.json);
    }
    let rows = server.ask(&options.action.line())?;
    let text = if options.json {
        as_json(&options.action, rows)
    } else {
        table::render(&options.action, &rows)
    };
    print(&text)
}

/// A list, or the one row of a command that has one.
fn as_json(action: &Action, rows: Vec<Row>) -> String {
    let mut rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
    let value =
        if action.has_one_row() && rows.len() == 1 { rows.remove(0) } else { Value::Array(rows) };
    parlance_printable::escape_json(&format!("{value:#}\n"))
}
