//! The core against the reference model, independent parsers, the formal model's state graphs, and
//! itself.
//!
//! Each module states its goal, method and limits. Nothing here does I/O beyond reading files of
//! the repository; `scripts/loom` runs the concurrency scenarios of `stress` under every schedule.
#![cfg(not(parlance_loom))]

mod acceptor;
#[path = "support/concurrency/mod.rs"]
mod concurrency;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/strategy.rs"]
mod strategy;
mod support;

mod core {
    mod bounds;
    mod browsers;
    mod close_reasons;
    mod corpora;
    mod crowds;
    mod determinism;
    mod embed;
    mod framing;
    mod grid;
    mod lists;
    mod model;
    mod names;
    pub(crate) mod replay;
    mod stress;
    mod telnet;
    mod tls_hello;
    mod websocket;
}
