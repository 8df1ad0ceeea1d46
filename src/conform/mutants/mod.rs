//! Servers that are wrong on purpose, to test tests of servers.
//!
//! A conformance suite that nobody has seen fail proves nothing. This module has a correct server
//! of every dialect that shares nothing with the product but the reference model ([`serve`]);
//! faults that can be planted in it, one at a time, each with the clause it breaks ([`mutations`]);
//! servers that do not serve at all ([`Null`]); and a correct server with every other reading of
//! the documents ([`serve_other_readings`]).
//!
//! # The place of a fault
//!
//! The server is correct everywhere; a fault is a function at one of a few seams around the model,
//! which `fault` lists: the bytes of a read, a line before the model is told of it, the end of a
//! stream, the bytes that one event makes the model send to one client, how connections are written
//! and closed, and the limits. No seam is in use in a server without faults. The tests run each
//! mutation against scripted conversations, whose outcome the model itself predicts, and require
//! that one of them differs.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: servers of their own, with threads and sockets"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a seam hands its bytes over, and every function at it has its signature"
)]

mod aliases;
mod catalogue;
mod fault;
mod lines;
mod mutation;
mod naming;
mod null;
mod readings;
mod scene;
mod server;
mod tools;

pub use catalogue::{extension_mutations, mutations};
pub use mutation::Mutation;
pub use null::{Null, NullHandle};
pub use readings::serve_other_readings;
pub use server::{Handle, serve, serve_extended, serve_with};
