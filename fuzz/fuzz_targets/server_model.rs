//! Sessions and registry against the reference model, operation by operation.
#![no_main]

#[path = "../../tests/support/mod.rs"]
mod support;

libfuzzer_sys::fuzz_target!(|input: &[u8]| support::fuzz_bodies::server_model(input));
