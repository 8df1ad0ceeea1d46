//! The daemon as whoever runs it sees it: arguments, environment, output, signals, descriptors.
//!
//! Goal: what the program promises on its command line holds for the built program. Method: it is
//! started as a process and judged by its output, its status, `/proc` and clients of our own.
//! Limits: port 1234 itself is never bound here, it may be in use; that it is the default is read
//! from the parsed options.
#![cfg(all(feature = "shell", target_os = "linux"))]
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are clients: they do I/O, own threads, and give up at a deadline"
)]

mod process;

mod daemon {
    mod arguments;
    mod descriptors;
    mod environment;
    mod listening;
    mod saying;
    mod stopping;
}
