//! The deterministic core of the chat server Parlance: protocols and registry, without I/O.
//!
//! | module | content |
//! |---|---|
//! | [`limits`] | every bound as a named constant |
//! | [`time`] | time as a value |
//! | [`protocol`] | per connection: framing, names, the session state machine, the dialects |
//! | [`registry`] | shared: rooms, membership, fan-out, outboxes |
//!
//! # The contract
//!
//! Core and shell exchange values. A [`Session`](protocol::Session) turns bytes into
//! [`Request`](protocol::Request)s; the shell submits them to the [`Registry`](registry::Registry),
//! gives each [`Answer`](protocol::Answer) back, and writes what the registry queued for the
//! client. Neither half of the core calls the other, reads a clock, draws a random number or does
//! I/O. The core depends on memchr alone.
//!
//! # Embedding
//!
//! A shell needs a stream of bytes and a clock. This one serves a client on any `Read` and `Write`
//! (a `TcpStream`, a pipe, memory); `src/core/examples/embed.rs` is the same as a program.
//!
//! ```
//! use parlance_core::limits::Limits;
//! use parlance_core::protocol::{Session, rooms::Rooms};
//! use parlance_core::registry::{CallContext, Entry, Registry, Taken};
//! use parlance_core::time::Time;
//! use std::io::{self, Read, Write};
//! use std::task::Waker;
//!
//! /// Serves one client of `registry` until it leaves.
//! pub(crate) fn serve(
//!     registry: &Registry,
//!     mut from: impl Read,
//!     mut to: impl Write,
//!     now: impl Fn() -> Time,
//! ) -> io::Result<()> {
//!     let (mut buffer, mut input) = ([0; 4096], 0..0);
//!     let mut session = Session::new(&Rooms, &Limits::default(), now());
//!     let (mut client, mut batch) = (registry.connect(), Vec::new());
//!     while session.ending().is_none() {
//!         let mut call = CallContext::new(now(), Waker::noop());
//!         if session.state().is_held() {
//!             session.retry(call.now);
//!         } else if input.is_empty() {
//!             input = 0..from.read(&mut buffer)?;
//!             if input.is_empty() {
//!                 session.end_of_stream();
//!             }
//!         } else {
//!             input.start += session.feed(&buffer[input.clone()], call.now);
//!         }
//!         while let Some(request) = session.take_request() {
//!             session.answer(client.submit(request, &mut call));
//!         }
//!         client.pass_turn(&mut call);
//!         while client.outlet().take(&mut batch, Waker::noop()) == Taken::Batch {
//!             let lines: Vec<u8> = batch.iter().flat_map(Entry::bytes).copied().collect();
//!             let written = to.write_all(&lines);
//!             client.outlet().settle(&mut batch, lines.len(), false, &mut call);
//!             written?;
//!         }
//!     }
//!     Ok(())
//! }
//!
//! let registry = Registry::new(&Rooms, Limits::default());
//! let mut output = Vec::new();
//! serve(&registry, &b"JOIN den joe\nhi\n"[..], &mut output, || Time::ZERO).unwrap();
//! assert_eq!(output, b"joe has joined\njoe: hi\n");
//! ```
//!
//! # Clauses
//!
//! The protocols are specified in `spec/` as numbered clauses, which code and tests cite in
//! brackets: [common/framing-1]. No input crashes the server or makes it leak: `unsafe` is
//! forbidden, and every end of a connection, a panic included, removes its client from the
//! registry. [rooms/daemon-5] [common/misuse-1]

pub mod limits;
pub mod protocol;
pub mod rate;
pub mod registry;
mod sync;
pub mod time;
