//! The same inputs give the same bytes, and where they are cut means nothing.
//!
//! Goal: no clock, no chance and no order of hashing has a say in what anybody is sent.
//!
//! Method: scenarios from a fixed seed run twice on sessions and registry, and every client's bytes
//! are compared; then one conversation is cut at every byte, and everybody must hear the same.
//!
//! Limits: one thread. What threads may change is which of two events comes first, and nothing
//! else; loom and the stress tests see to that.

use crate::support::check::Check;
use crate::support::operation::{DIALECTS, Scenario};
use crate::support::system::System;
use parlance_core::limits::Limits;
use parlance_core::protocol::rooms::Rooms;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Everything that every client is sent in `scenario`.
fn delivered(scenario: &Scenario) -> Vec<Vec<u8>> {
    let mut check = Check::new(scenario);
    for operation in &scenario.operations {
        check.perform(operation);
    }
    let ids = 0..check.system.clients();
    ids.map(|id| check.system.delivered(id).to_vec()).collect()
}

#[test]
fn the_same_operations_deliver_the_same_bytes() {
    let mut runner = TestRunner::deterministic();
    let mut bytes = 0;
    for dialect in DIALECTS.into_iter().cycle().take(80) {
        let scenarios = crate::strategy::scenarios(dialect, 40);
        let scenario = scenarios.new_tree(&mut runner).expect("none is rejected");
        let scenario = scenario.current();
        let first = delivered(&scenario);
        bytes += first.iter().map(Vec::len).sum::<usize>();
        assert!(first == delivered(&scenario), "{scenario:?}");
    }
    assert!(bytes > 500_000, "only {bytes} bytes were compared");
}

/// What a listener and the speaker hear when the speaker's bytes come in these reads.
fn heard(reads: &[&[u8]]) -> [Vec<u8>; 2] {
    let mut system = System::new(&Rooms, Limits::default());
    let (listener, speaker) = (system.connect(), system.connect());
    system.open_window(listener, usize::MAX);
    system.open_window(speaker, usize::MAX);
    system.receive(listener, b"JOIN den ann\n");
    for read in reads {
        system.receive(speaker, read);
    }
    system.end_of_stream(speaker);
    [system.delivered(listener).to_vec(), system.delivered(speaker).to_vec()]
}

/// [common/framing-6] [common/eos-1] [common/eos-3]
#[test]
fn all_members_hear_the_same_lines_wherever_the_bytes_are_cut() {
    let input = b"jOIN den bob\r\nhello\n\n\r\nJOIN den cy\n\xff\0\r\r\nthe end\nof the";
    let whole = heard(&[input]);
    assert!(whole[0].ends_with(b"bob: the end\nbob has left\n"));
    for first in 0..=input.len() {
        for second in first..=input.len() {
            let cuts = [&input[..first], &input[first..second], &input[second..]];
            assert_eq!(heard(&cuts), whole, "cut at {first} and {second}");
        }
    }
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(heard(&bytes), whole, "byte by byte");
}

/// [rooms/error-3] [common/close-1] [common/framing-6]
#[test]
fn all_members_hear_the_same_of_a_line_too_long_wherever_it_is_cut() {
    let input = [b"JOIN den bob\nhello\n", vec![b'x'; 20_000].as_slice(), b"\nafter\n"].concat();
    let whole = heard(&[&input]);
    assert!(whole[0].ends_with(b"bob: hello\nbob has left\n"));
    assert!(whole[1].ends_with(b"bob: hello\nERROR\n"));
    for at in (0..=input.len()).filter(|at| at % 97 == 0 || input.len() - at < 20 || *at < 40) {
        let (head, tail) = input.split_at(at);
        assert_eq!(heard(&[head, tail]), whole, "cut at {at}");
    }
}
