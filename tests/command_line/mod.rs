//! The daemon as whoever runs it sees it: arguments, environment, output, signals, descriptors.
//!
//! Goal: what the program promises on its command line holds for the built program. Method: it is
//! started as a process and judged by its output, its status, `/proc` and clients of our own.
//! Limits: the default ports are never bound here, they may be in use; that they are the defaults
//! is read from the parsed options, and from the error for an address that is not this machine's.

mod accounts;
mod admin;
mod arguments;
mod certificates;
mod clashes;
mod configuration;
mod descriptors;
mod dialects;
mod draining;
mod environment;
mod failures;
mod keeping;
mod limits;
mod listening;
mod log;
mod memory;
mod metrics;
mod places;
mod ports;
mod reloading;
mod saying;
mod signals;
mod stopping;
