//! The built daemon: its command line, real sockets, the five dialects, and pauses of every
//! program.
//!
//! Each module states its goal, method and limits. A test starts a daemon of its own on a port that
//! the system chooses, so tests run in parallel.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are clients: they do I/O, own threads, and give up at a deadline"
)]

mod acceptor;
mod certificates;
mod process;
mod speech;

mod command_line;
mod dialects;
mod interrupted;
mod readme_sessions;
mod service_manager;
mod sockets;
