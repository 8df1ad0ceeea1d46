//! The chat client as its user and its server see it.
//!
//! Goal: `parlance-chat` sends the right bytes in each dialect, shows received lines safely and
//! without tearing the line that is being typed, waits for pending answers, and reports success in
//! its exit status. Method: the built program runs on pipes or in a pseudo-terminal with an
//! emulated screen, against a server that the test plays byte for byte, and against the daemon.
//! Limits: the emulated terminal is not the controlling one, so keys that the kernel turns into
//! signals are not tested.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are servers and users: they do I/O, own threads, and have deadlines"
)]

mod chat {
    mod arguments;
    mod client;
    mod daemon;
    mod dialects;
    mod hostile;
    mod jobs;
    mod lost;
    mod screen;
    mod script;
    mod server;
    mod telnet;
    mod terminal;
    mod tls;
    mod together;
}
mod process;
