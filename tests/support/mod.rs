//! What the tests under `tests/` and the fuzz targets under `fuzz/` share.
//!
//! | file | what it is |
//! |---|---|
//! | `operation` | what can happen to a server, as values that any generator can make |
//! | `words` | what clients say, dialect by dialect |
//! | `system` | the system under test: sessions, registry and simulated sockets, without a shell |
//! | `scripted_accounts` | accounts in memory, judged when it is told to |
//! | `scripted_store` | a store in memory, which performs what it is asked for when it is told to |
//! | `check` | the server and the reference model under the same operations, compared after each |
//! | `cases` | the situations that a run of the check must have met |
//! | `pairs` | the rules that must have been at work at once |
//! | `observe` | which of those situations an operation has led to |
//! | `conversation` | the requests that a stream must make, and a session making them |
//! | `cuts` | a stream of bytes cut into reads |
//! | `oracle` | the obvious versions of framing and of the rooms grammar |
//! | `grammar` | the obvious versions of the other grammars |
//! | `telnet` | the obvious version of telnet, at both ends |
//! | `websocket` | the obvious version of WebSocket, at both ends |
//! | `fuzz_bodies` | the body of each fuzz target |
//!
//! The generator for proptest is beside them in `strategy.rs`, which `fuzz/` does not see.

#![allow(dead_code, reason = "each test and each fuzz target uses a part of this")]

pub(crate) mod cases;
pub(crate) mod check;
pub(crate) mod conversation;
pub(crate) mod cuts;
pub(crate) mod fuzz_bodies;
pub(crate) mod grammar;
pub(crate) mod observe;
pub(crate) mod operation;
pub(crate) mod oracle;
pub(crate) mod pairs;
pub(crate) mod scripted_accounts;
pub(crate) mod scripted_store;
pub(crate) mod system;
pub(crate) mod telnet;
pub(crate) mod websocket;
pub(crate) mod words;
