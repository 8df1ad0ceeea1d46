//! Five dialects over real sockets.
//!
//! Goal: what the documents and `spec/` say of lobby, simple, login and channels, and of all five
//! together, holds for the built daemon on the system's own TCP, byte for byte; the documents' own
//! examples among it, to the letter. Method: each test starts a daemon of its own and plays whole
//! conversations with it ([`talk`](dialects/talk.rs)); what all dialects have in common is played
//! in each of them from one table (`speech/`). Limits: one machine, loopback, Linux; time, held
//! senders and bounds are the business of the tests over the scripted network.

mod browsers;
mod channels;
mod common;
mod crowds;
mod endings;
mod history;
mod lines;
mod lobby;
mod login;
mod mixed;
mod moves;
mod names;
mod simple;
mod talk;
