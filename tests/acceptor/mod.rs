//! Whether a recorded run is a behaviour of the formal model's module Rooms.
//!
//! `relation` is that module's next-state relation, written once more in Rust; `replay.rs` tests that
//! it agrees with TLC in every state of the committed graphs. `trace` looks for an order of steps
//! that explains what every client of a run did and received.
#![allow(dead_code, reason = "each test program uses its part of this")]

pub(crate) mod relation;
pub(crate) mod trace;
