//! `parlance-chat`, an interactive client for all five dialects.
//!
//! A [`Conversation`] is one connection without its I/O: it takes lines of the server and of the
//! user, and gives bytes to send and lines to show. The dialects come from `parlance-speech`. A
//! socket and a user, at a terminal or as a script, surround it; both halves run in one thread on
//! smol, and every buffer is bounded.
//!
//! All received bytes pass through [`sanitize`] before they are shown.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: a client has a clock, a socket and a terminal"
)]

mod charset;
mod clock;
mod connect;
mod conversation;
mod editor;
mod history_file;
mod input;
mod json;
mod lines;
mod link;
mod options;
mod pending;
mod piped;
mod render;
mod run;
mod sanitize;
mod secure;
mod sequences;
mod stream;
mod style;
mod target;
mod terminal;
mod trust;
mod user;
mod vocabulary;
mod words;
mod world;

#[cfg(test)]
mod tests;

pub use conversation::{Conversation, End, Topic};
pub use input::{Input, Verb, parse, verbs};
pub use lines::{Cut, Lines, SERVER_LINE_MAX};
pub use options::{ColorChoice, Options};
pub use render::{Kind, Shown};
pub use run::run;
pub use sanitize::sanitize;
pub use target::Target;
pub use trust::Authorities;
