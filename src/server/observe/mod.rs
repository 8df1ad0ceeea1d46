//! What an operator sees of the server: the log, metrics, and whether it is well.
//!
//! Sessions and registry do no I/O and do not log. Their figures are values and counters
//! ([`Snapshot`](parlance_core::registry::Snapshot)), which are read here. Each thing that happens
//! to a client is one event of the log (`events`), and each kind of event has a bounded rate
//! (`quota`). Metrics are served by a thread of their own (`http`), whatever the executor is doing.

pub(crate) mod account;
pub(crate) mod bound;
pub(crate) mod events;
mod exposition;
pub(crate) mod facts;
pub(crate) mod figures;
mod histogram;
mod http;
pub(crate) mod log_writer;
mod metrics;
pub(crate) mod observer;
mod process;
mod pulse;
mod quota;
mod readiness;
mod reserve;
pub(crate) mod roster;
mod stats;
mod visit;
mod wall_clock;

pub use self::facts::ListenerFigures;
pub use self::http::MetricsServer;
pub use self::metrics::{Sources, exposition};
pub use self::observer::Observer;
pub use self::readiness::{Phase, Readiness};
pub(crate) use self::wall_clock::watch as watch_the_clock;
