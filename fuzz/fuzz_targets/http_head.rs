//! Heads of HTTP against rules that are simpler than the parser's.
#![no_main]

#[path = "../../tests/support/http_head.rs"]
mod http_head;

libfuzzer_sys::fuzz_target!(|input: &[u8]| http_head::http_head(input));
