//! Simple.

use super::*;

fn simple() -> Model {
    Model::new(Config::default(), Dialect::Simple)
}

fn said(lines: &[u8]) -> String {
    answers(Dialect::Simple, lines)
}

// [simple/join-1] [simple/join-6] [simple/send-1] [simple/send-2] [simple/leave-1] [simple/leave-2]
// [simple/leave-3] [simple/line-1] [common/close-1]
#[test]
fn a_session() {
    let mut model = simple();
    let a = client(&mut model, "JOIN joe\n");
    let b = client(&mut model, "join bob\n");
    let c = client(&mut model, "");
    says(&mut model, b, "SEND hi joe\nSend  two\n");
    says(&mut model, a, "LEAVE now\nSEND after\n");
    assert_eq!(heard(&model, a), "OK\nJOINED bob\nMSG bob hi joe\nMSG bob  two\nOK\n");
    assert_eq!((heard(&model, b).as_str(), model.outbox_state(a)), ("OK\nLEFT joe\n", &LINGERING));
    says(&mut model, b, "SEND alone\n");
    says(&mut model, c, "JOIN joe\n");
    model.reset(c, 0);
    drain(&mut model, 0);
    assert_eq!(heard(&model, b), "OK\nLEFT joe\nJOINED joe\nLEFT joe\n");
    assert_eq!(heard(&model, c), "OK\n");
    assert!(heard(&model, a).ends_with("two\nOK\n"));
}

// [simple/join-2] [simple/join-3] [simple/join-5] [simple/send-3] [simple/error-1] [simple/error-2]
// [simple/error-4] [simple/error-6] [common/line-1]
#[test]
fn errors_are_answered() {
    let longest = format!("JOIN {}\n", "x".repeat(32));
    assert_eq!(said(longest.as_bytes()), "OK\n");
    for name in ["", " ", "a b", "a ", " a", "\x01", &"x".repeat(33)] {
        let line = format!("JOIN {name}\n");
        assert_eq!(said(line.as_bytes()), "ERROR invalid-username\n", "{name:?}");
    }
    assert_eq!(said(b"JOIN\n"), "ERROR invalid-username\n");
    for line in ["SEND hi\n", "SEND\n", "LEAVE\n", "leave x\n"] {
        assert_eq!(said(line.as_bytes()), "ERROR not-joined\n");
    }
    for line in ["\n", "hello\n", " JOIN a\n", "JOINS a\n", "PING\n"] {
        let lines = format!("{line}JOIN u\n{line}");
        let expected = "ERROR unknown-command\nOK\nERROR unknown-command\n";
        assert_eq!(said(lines.as_bytes()), expected);
    }
    assert_eq!(
        said(b"JOIN u\nJOIN v\nJOIN\nSEND\nSEND \n"),
        "OK\nERROR already-joined\nERROR already-joined\nERROR empty-message\nERROR empty-message\n"
    );
}

// [simple/join-4] [common/unique-1] [common/unique-2] [common/name-2]
#[test]
fn names_are_unique_while_they_are_in_use() {
    let mut model = simple();
    let a = client(&mut model, "JOIN joe\n");
    let b = client(&mut model, "JOIN joe\nJOIN Joe\n");
    assert_eq!(heard(&model, b), "ERROR username-taken\nOK\n");
    assert_eq!(heard(&model, a), "OK\nJOINED Joe\n");
    for how in 0..4 {
        let mut model = model.clone();
        match how {
            0 => model.end_of_stream(a, 0),
            1 => model.reset(a, 0),
            2 => assert!(model.receive(a, b"LEAVE\n", 0)),
            _ => assert!(model.receive(a, &vec![b'x'; 20_000], 0)),
        }
        let c = client(&mut model, "JOIN joe\n");
        assert_eq!(heard(&model, c), "OK\n");
        assert_eq!(heard(&model, b), "ERROR username-taken\nOK\nLEFT joe\nJOINED joe\n");
    }
}

// [simple/error-3] [simple/room-1]
#[test]
fn a_long_line_is_a_departure() {
    let mut model = simple();
    let a = client(&mut model, "JOIN a\n");
    let b = client(&mut model, "JOIN b\n");
    model.receive(a, &vec![b'x'; 20_000], 0);
    says(&mut model, b, "SEND still here\n");
    assert_eq!(heard(&model, a), "OK\nJOINED b\nERROR line-too-long\n");
    assert_eq!(heard(&model, b), "OK\nLEFT a\n");
    assert_eq!(said(&vec![b'x'; 20_000]), "ERROR line-too-long\n");
}

// [common/outbox-1]
#[test]
fn another_line_ends_a_run() {
    let mut model = simple();
    let a = client(&mut model, "JOIN a\n");
    let b = client(&mut model, "JOIN b\n");
    model.receive(b, b"SEND 1\nSEND 2\nSEND\nSEND 3\n", 0);
    assert_eq!(model.charge(a), 2 * 8 + 64 + 8 + 64);
    assert_eq!(model.charge(b), "ERROR empty-message\n".len() + 64);
}

// [common/flow-1] [simple/send-2]
#[test]
fn a_sender_that_does_not_read_is_held_too() {
    let config = Config { high_water_bytes: 150, ..Config::default() };
    let mut model = Model::new(config, Dialect::Simple);
    let a = client(&mut model, "JOIN a\n");
    let b = client(&mut model, "JOIN b\n");
    for _ in 0..3 {
        model.receive(b, b"SEND 1\n", 0);
    }
    model.receive(a, b"SEND 2\n", 0);
    assert_eq!((model.is_held(a), model.waits_for(a, 0)), (true, vec![a]));
    assert!(!model.is_held(b) && model.waits_for(b, 0) == [a]);
}

// [common/limit-1]
#[test]
fn a_refused_line_does_not_stop_the_clock() {
    let mut model = simple();
    let a = model.connect(0);
    model.receive(a, b"SEND x\n", 29 * SEC);
    model.tick(a, 30 * SEC);
    assert_eq!((model.outbox_state(a), heard(&model, a).as_str()), (&SILENT, ""));
}

// [common/eos-4]
#[test]
fn a_client_that_has_not_joined_is_flushed_too() {
    let mut model = simple();
    let a = model.connect(0);
    model.receive(a, b"SEND x\n", 0);
    model.end_of_stream(a, 0);
    assert_eq!(*model.outbox_state(a), FLUSHING);
    drain(&mut model, 0);
    assert_eq!((heard(&model, a).as_str(), model.outbox_state(a)), ("ERROR not-joined\n", &CLOSED));
}
