//! WebSocket against the obvious version.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz_bodies::websocket(input));
