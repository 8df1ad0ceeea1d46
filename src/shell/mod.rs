//! smol: listeners, connections, timers, shutdown. The only part that does I/O.
//!
//! It carries values between [`Session`](crate::protocol::Session), [`Registry`](crate::registry::Registry) and
//! the network, and is short enough to check by eye. The accept loop and the connection are generic
//! over [`net`]'s traits: tests run them on a scripted network under virtual time.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "clocks, threads and sockets are what the shell is for"
)]

mod clash;
mod connection;
pub mod daemon;
pub mod endpoint;
pub mod net;
pub mod options;
mod scratch;
mod serve;
pub mod tcp;
mod threads;
mod world;
mod writer;

pub use serve::serve;
pub use world::World;
