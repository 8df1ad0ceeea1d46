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
    mod foreign;
    mod front;
    mod mutants;
    mod normal;
    mod outputs;
    mod pages;
    mod poor;
    mod servers;
    mod strangers;
    mod suite;
    mod transports;
    mod tutorial;
}
