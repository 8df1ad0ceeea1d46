//! Whether a recorded run is a behaviour of the formal model.
//!
//! For each module of it `relation` is its next-state relation, written once more in Rust;
//! `replay.rs` tests that it agrees with TLC in every state of the committed graphs. `trace` is a
//! recorded run, and `search` looks for an order of steps that explains what every client of it did
//! and received.
#![allow(dead_code, reason = "each test program uses its part of this")]

pub(crate) mod names {
    pub(crate) mod lines;
    pub(crate) mod relation;
    pub(crate) mod trace;
}

pub(crate) mod rooms {
    pub(crate) mod relation;
    pub(crate) mod trace;
}

pub(crate) mod search;
