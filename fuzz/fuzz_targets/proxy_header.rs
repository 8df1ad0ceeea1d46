//! Headers of the PROXY protocol against a second reader of simpler rules.
#![no_main]

#[path = "../../tests/support/proxy_header.rs"]
mod proxy_header;

libfuzzer_sys::fuzz_target!(|input: &[u8]| proxy_header::proxy_header(input));
