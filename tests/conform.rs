//! The conformance suite: its verdicts, its reports, and the servers that are wrong on purpose.
//!
//! Each module states its goal, method and limits.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests start servers and clients: I/O, threads of their own, and deadlines"
)]

mod process;

mod conform {
    mod action;
    mod foreign;
    mod front;
    mod in_progress;
    mod mutants;
    mod normal;
    mod outputs;
    mod pages;
    mod poor;
    mod selftest;
    mod servers;
    mod strangers;
    mod suite;
    mod teaching;
    mod together;
    mod transports;
    mod tutorial;
}
