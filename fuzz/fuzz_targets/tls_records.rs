//! Hostile bytes, and conversations, against TLS.
#![no_main]

#[path = "../../tests/support/cuts.rs"]
mod cuts;
#[path = "../../tests/support/tls_records.rs"]
mod tls_records;

libfuzzer_sys::fuzz_target!(|input: &[u8]| tls_records::tls_records(input));
