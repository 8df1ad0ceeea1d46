//! The deterministic core of the chat server Parlance: protocols and registry, without I/O.
//!
//! | module | content |
//! |---|---|
//! | [`limits`] | every bound as a named constant |
//! | [`time`] | time as a value |
//! | [`protocol`] | per connection: framing, names, the session state machine, one file per dialect |
//! | [`registry`] | shared: rooms, membership, fan-out, outboxes |
//!
//! # The contract
//!
//! Core and shell exchange values. A [`Session`](protocol::Session) turns bytes into
//! [`Request`](protocol::Request)s; the shell submits them to the [`Registry`](registry::Registry),
//! gives each [`Answer`](protocol::Answer) back, and writes what the registry queued for the client.
//! Neither half of the core calls the other, reads a clock, draws a random number or does I/O. The
//! core depends on memchr alone.
//!
//! The protocols are specified in `spec/` as numbered clauses, which code and tests cite in brackets:
//! [common/framing-1]. No input crashes the server or makes it leak: `unsafe` is forbidden, and
//! every end of a connection, a panic included, takes its client out of the registry. [rooms/daemon-5]
//! [common/misuse-1]

pub mod limits;
pub mod protocol;
pub mod registry;
mod sync;
pub mod time;
