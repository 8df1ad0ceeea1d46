//! An interactive client for all five dialects: what `parlance-chat` is made of.
//!
//! A [`Conversation`] is one connection without its I/O: it takes what the server sends and what the user types, and
//! says what to send and what to show. What differs between dialects is a [`Language`], one file each. Around them
//! are a socket and a user, who is at a terminal or is a script; both halves run in one thread on smol, and nothing
//! is kept without a bound.
//!
//! Nothing that came from the server is shown but through [`sanitize`].

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: a client has a clock, a socket and a terminal"
)]

mod conversation;
mod input;
mod lines;
mod options;
mod pending;
mod piped;
mod render;
mod run;
mod sanitize;
mod terminal;
mod user;
mod words;

#[cfg(test)]
mod tests;

pub use conversation::{Conversation, End, Topic};
pub use input::{Input, Verb, parse, verbs};
pub use lines::{Cut, Lines, SERVER_LINE_MAX};
pub use options::Options;
pub use render::Shown;
pub use run::run;
pub use sanitize::sanitize;
