//! The client as whoever runs it sees it, and as a server sees it.
//!
//! Goal: `parlance-chat` sends the right bytes in each dialect, shows what arrives safely and without tearing what
//! is being typed, waits for what it is owed, and its status tells how it went. Method: the built program is
//! started, with pipes or in a pseudo-terminal of our own whose screen is emulated, against a server that the
//! test plays byte for byte, and against the daemon. Limits: the emulated terminal is not the controlling one, so keys
//! that the kernel turns into signals are not tested; how long the client waits in vain is tested on values.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "these tests are servers and users: they do I/O, own threads, and give up at a deadline"
)]

mod chat {
    mod arguments;
    mod client;
    mod daemon;
    mod dialects;
    mod hostile;
    mod lost;
    mod screen;
    mod script;
    mod server;
    mod terminal;
    mod together;
}
mod process;
