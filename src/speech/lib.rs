//! The client's side of the five chat dialects: commands into lines, lines into events.
//!
//! [`Dialect`] is the entry point. [`Dialect::line`] encodes a [`Command`] as the line that a
//! client sends, [`Dialect::event`] decodes a line of the server into an [`Event`], and
//! [`Dialect::server_line`] encodes an event as the line that a server sends for it.
//! [`Dialect::enter`] and [`Dialect::welcome`] are the two halves of a join. The other methods are
//! facts about a dialect: its port, whether it has rooms, whether a sender gets its own lines back.
//!
//! ```
//! use parlance_speech::{Command, Dialect, Event};
//!
//! let simple = Dialect::from_name("simple").unwrap();
//! assert_eq!(simple.line(&Command::Say(b"hi")).unwrap(), b"SEND hi");
//! assert_eq!(simple.line(&Command::Rooms), None); // the dialect has no such command
//! let said = Event::Said { room: None, from: b"bob", text: b"" };
//! assert_eq!(simple.event(b"MSG bob "), said);
//! assert_eq!(simple.server_line(&said).unwrap(), b"MSG bob \n");
//! assert_eq!(simple.event(b"MSG"), Event::Unknown);
//! ```
//!
//! The chat client, the load generator, the recorded histories of the conformance suite and the
//! tests over real sockets share this crate. The crate is pure, does no I/O, depends on `std`
//! alone, and shares no code with the server.
//!
//! Three descriptions of the dialects stay independent of this crate on purpose: the server's
//! parsers (`src/core/protocol/`), the reference model (`src/model/`) and the cases of the
//! conformance suite (`src/conform/cases/`). They judge each other. An error in code that they
//! shared would be invisible to all of them.
//!
//! A sixth dialect is one more variant of [`Dialect`] and one more file next to `rooms.rs`. Every
//! choice by dialect is an exhaustive match, so the compiler names the places that are missing.

mod channels;
mod command;
mod dialect;
mod event;
mod lobby;
mod login;
mod rooms;
mod simple;

#[cfg(test)]
mod tests;

pub use command::Command;
pub use dialect::{Dialect, Echo, Entry};
pub use event::Event;

/// `line` split at its first space; the second part is `None` without a space.
fn split(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}

/// `line` as a word that is not empty, a space, and any text.
fn pair(line: &[u8]) -> Option<(&[u8], &[u8])> {
    match split(line) {
        (word @ [_, ..], Some(text)) => Some((word, text)),
        _ => None,
    }
}

/// `keyword`, followed by a space and `text` unless that is empty.
fn with_text(keyword: &[u8], text: &[u8]) -> Vec<u8> {
    if text.is_empty() { keyword.to_vec() } else { [keyword, b" ", text].concat() }
}
