//! `parlance-load`, a load generator that measures the chat server and comparable servers.
//!
//! In a **closed loop** each sender keeps a window of lines in flight; the receipts of a member
//! that does not send move the window. In an **open loop** each line has an intended send time,
//! whatever the server does, and latencies count from that time, so that a stall is not hidden by
//! the wait that it causes. The bytes of every member are compared with the one stream that its
//! room must deliver, so a run that loses, repeats, reorders or changes a line fails instead of
//! looking fast.
//!
//! The generator runs in one thread with minimal work per delivery (one read and one comparison per
//! batch, no parsing), because a generator slower than the server would measure itself.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: this measures real time over real sockets"
)]

mod arguments;
mod baseline;
mod bench;
mod busy;
mod connection;
mod descriptors;
mod difference;
mod error;
mod expected_lines;
mod idle;
mod instruments;
mod join;
mod latency;
mod layered;
mod line;
mod measure;
mod member;
mod notices;
mod number;
mod options;
mod poller;
mod process;
mod program;
mod progress;
mod publisher;
mod report;
mod room;
mod run_context;
mod schedule;
mod sender;
mod server;
mod snapshot;
mod storm;
mod stream;
mod target;
mod wire;

#[cfg(test)]
#[path = "../../tests/load/fake.rs"]
#[allow(dead_code, reason = "tests of the built program need more of it")]
mod fake;
#[cfg(test)]
#[path = "../../tests/load/fault.rs"]
#[allow(dead_code, reason = "as above")]
mod fault;
#[cfg(test)]
#[path = "../../tests/load/truth.rs"]
mod truth;

pub use arguments::Arguments;
pub use error::LoadError;
pub use measure::measure;
pub use options::Options;
pub use program::run;
pub use report::{Report, Value};
pub use wire::Protocol;
