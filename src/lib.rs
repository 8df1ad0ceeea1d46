//! A reference chat server for small line protocols, built so that it can be trusted.
//!
//! # The map of the house
//!
//! | module | what it is |
//! |---|---|
//! | [`limits`] | every bound as a named constant |
//! | [`time`] | time as a value |
//! | [`protocol`] | pure, per connection: framing, names, the session state machine, one file per dialect |
//! | [`registry`] | shared: rooms, membership, fan-out, outboxes; no I/O, no clock |
//! | [`reference`](mod@reference) | the naive model of the whole server, against which the two above are tested |
//! | `shell` | smol: listeners, connections, timers, shutdown; the only part that does I/O |
//! | `load` | what `parlance-load` is made of |
//! | `client` | what `parlance-chat` is made of |
//! | `conform` | what `parlance-conform` is made of; it shares no code with the server |
//! | `mutants` | servers that are wrong on purpose, and one that reads the documents otherwise |
//!
//! # The contract
//!
//! Core and shell exchange values: a [`Session`](protocol::Session) turns bytes into
//! [`Request`](protocol::Request)s, the shell submits them to the [`Registry`](registry::Registry) and gives
//! the [`Answer`](protocol::Answer)s back, and writes what the registry owes the client. Neither half of the
//! core calls the other, reads a clock or draws a random number. With the default feature `shell`
//! switched off only the core is built, and it depends on memchr alone.
//!
//! The protocols are specified in `spec/` as numbered clauses, which code and tests cite like this:
//! [common/framing-1]. No input crashes the server or makes it leak: `unsafe` is forbidden, and whatever
//! ends a connection, a panic included, takes its client out of the registry. [rooms/daemon-5]
//! [common/misuse-1]

#[cfg(feature = "shell")]
pub mod client;
#[cfg(feature = "shell")]
pub mod conform;
pub mod limits;
#[cfg(feature = "shell")]
pub mod load;
#[cfg(feature = "shell")]
pub mod mutants;
pub mod protocol;
pub mod reference;
pub mod registry;
#[cfg(feature = "shell")]
pub mod shell;
#[cfg(feature = "shell")]
mod started;
mod sync;
pub mod time;
