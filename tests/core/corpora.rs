//! Every committed fuzz input passes, on every run of the tests and without a fuzzer.
//!
//! Goal: what fuzzing has found stays found, and the targets' seeds stay valid.
//!
//! Method: each file under `fuzz/corpus/` and `fuzz/regressions/` is given to the body of its
//! target, and a target with fewer files than it is known to have fails.
//!
//! Limits: this searches for nothing new; `cargo fuzz run <target>` does.

use crate::support::fuzz_bodies::TARGETS;
use std::panic::catch_unwind;

/// Replays all inputs of `target`, of which there must be `least`.
fn replay(target: &str, least: usize) {
    let (_, body) =
        TARGETS.iter().find(|(name, _)| *name == target).expect("a target of that name");
    let inputs = crate::corpus::inputs(target);
    for (name, input) in &inputs {
        assert!(catch_unwind(|| body(input)).is_ok(), "{name} fails, for the reason above");
    }
    assert!(inputs.len() >= least, "only {} inputs of {target} were found", inputs.len());
}

/// [rooms/join-1] [rooms/join-2] [rooms/join-3] [rooms/join-4] [rooms/join-5] [rooms/join-6]
/// [common/name-1]
#[test]
fn every_input_of_parse_join_is_parsed_as_the_obvious_parser_does() {
    replay("parse_join", 24);
}

#[test]
fn every_input_of_parse_lobby_is_parsed_as_the_obvious_parser_does() {
    replay("parse_lobby", 13);
}

#[test]
fn every_input_of_parse_simple_is_parsed_as_the_obvious_parser_does() {
    replay("parse_simple", 22);
}

#[test]
fn every_input_of_parse_login_is_parsed_as_the_obvious_parser_does() {
    replay("parse_login", 26);
}

#[test]
fn every_input_of_parse_channels_is_parsed_as_the_obvious_parser_does() {
    replay("parse_channels", 45);
}

/// [common/framing-1] [common/framing-2] [common/framing-4] [common/framing-5]
#[test]
fn every_input_of_framing_is_cut_where_the_obvious_splitter_cuts() {
    replay("framing", 16);
}

/// [common/framing-3] [common/framing-6] [rooms/text-1] [rooms/text-2] [rooms/text-3]
/// [rooms/error-1] [rooms/error-2] [rooms/error-3]
#[test]
fn every_input_of_session_says_what_the_obvious_session_says() {
    replay("session", 16);
}

#[test]
fn every_input_of_sessions_asks_what_the_obvious_session_asks() {
    replay("sessions", 16);
}

/// [common/ws-1] [common/ws-2] [common/ws-3] [common/ws-4] [common/ws-5] [common/ws-8]
/// [common/ws-9] [common/ws-10]
#[test]
fn every_input_of_websocket_is_decoded_as_the_obvious_version_does() {
    replay("websocket", 26);
}

/// [common/telnet-2] [common/telnet-3] [common/telnet-4] [common/telnet-5]
#[test]
fn every_input_of_telnet_is_decoded_as_the_obvious_version_does() {
    replay("telnet", 16);
}

/// The clauses that `tests/core/model.rs` lists.
#[test]
fn every_input_of_server_model_finds_server_and_model_agreed() {
    replay("server_model", 39);
}

#[test]
fn every_target_is_replayed() {
    let replayed = [
        "parse_join",
        "parse_lobby",
        "parse_simple",
        "parse_login",
        "parse_channels",
        "framing",
        "telnet",
        "websocket",
        "session",
        "sessions",
        "server_model",
    ];
    assert_eq!(TARGETS.map(|(name, _)| name), replayed);
}
