//! The server over real sockets.
//!
//! Goal: what the specification says of bytes and connections holds for the built daemon on the
//! system's own TCP, not only for its parts. Method: each test starts a daemon of its own and talks
//! to it with the client in `process/`, waiting for lines and ends of streams, never for time.
//! Limits: one machine, loopback, Linux; timings, partial writes and races that loopback rarely
//! shows are the business of the tests over the scripted network.

mod crowds;
mod endings;
mod hostile;
mod joining;
mod lengths;
mod limits;
mod memory;
mod proxy;
mod segments;
mod sessions;
mod slow;
mod telnet;
mod text;
mod tls;
mod websocket;

mod traces {
    mod names;
    mod rooms;
}
