//! Replies, and the client that has to read them first.

use super::*;

/// Congested, and not to ask further, over 150; `OK` costs 67 and `PONG` 69.
fn small(dialect: Dialect) -> Model {
    Model::new(
        Config { outbox_bytes_max: 400, high_water_bytes: 150, ..Config::default() },
        dialect,
    )
}

// [common/reply-2] [common/reply-3] [common/outbox-7] [common/idle-1]
#[test]
fn a_client_that_does_not_read_its_replies_gets_no_more() {
    let mut model = small(Dialect::Login);
    let a = client(&mut model, "LOGIN a\n");
    let b = client(&mut model, "LOGIN b\n");
    model.receive(a, b"PING\nPING\nPING\nPING\nMSG hi\n", SEC);
    assert!(model.is_held(a) && model.waits_for_replies(a));
    assert_eq!((model.charge(a), model.is_congested(a)), (3 * 69, false));
    assert_eq!((model.waits_for(a, SEC), model.retry_at(a, SEC)), (vec![], Some(u64::MAX)));
    assert_eq!(model.deadline(a), None, "the idle rule rests");
    model.tick(a, 1_000 * SEC);
    model.receive(b, b"MSG yo\n", SEC);
    assert!(!model.is_held(b), "nobody waits for its replies");
    assert_eq!(model.charge(a), 3 * 69 + 9 + 64);
    model.accept_bytes(a, 5, SEC);
    assert!(model.retry(a, SEC), "211 are still pending");
    model.accept_bytes(a, 5, SEC);
    assert!(!model.waits_for_replies(a));
    assert!(model.retry(a, SEC), "the fourth PONG fits, then it is too much again");
    assert_eq!(model.charge(a), 69 + 73 + 69);
    model.accept_bytes(a, 5 + 9, SEC);
    assert!(!model.retry(a, SEC));
    assert_eq!(model.deadline(a), Some(61 * SEC));
    drain(&mut model, SEC);
    assert_eq!(heard(&model, a), "OK\nPONG\nPONG\nPONG\nMSG b yo\nPONG\nMSG a hi\n");
}

// [common/reply-2] [common/limit-1]
#[test]
fn the_nameless_wait_too() {
    let mut model = small(Dialect::Simple);
    let a = model.connect(0);
    model.receive(a, b"x\nx\nJOIN a\n", 0); // an error costs 86
    assert!(model.is_held(a) && model.waits_for_replies(a));
    model.tick(a, 100 * SEC);
    assert_eq!(*model.outbox_state(a), OutboxState::Fresh);
    model.accept_bytes(a, 22, 100 * SEC);
    assert!(!model.retry(a, 100 * SEC));
    assert!(matches!(model.outbox_state(a), OutboxState::Member { .. }));
}

// [common/flow-2] [common/flow-6]
#[test]
fn only_departures_do_not_wait() {
    let held = || {
        let mut model = small(Dialect::Channels);
        let a = model.connect(0);
        model.receive(a, b"x\nx\n", 0);
        assert!(model.waits_for_replies(a) && !model.is_held(a));
        (model, a)
    };
    let (mut model, a) = held();
    model.receive(a, b"QUIT\n", 0);
    assert_eq!(*model.outbox_state(a), LINGERING);
    let (mut model, a) = held();
    model.receive(a, &vec![b'x'; 20_000], 0);
    assert_eq!(*model.outbox_state(a), LINGERING);
    let (mut model, a) = held();
    model.end_of_stream(a, 0);
    assert_eq!(*model.outbox_state(a), FLUSHING);
    let (mut model, a) = held();
    model.receive(a, b"USERNAME u\n", 0);
    assert!(model.is_held(a) && !model.receive(a, b"QUIT\n", 0));
    model.end_of_stream(a, 0);
    assert_eq!(*model.outbox_state(a), OutboxState::Fresh);
    model.accept_bytes(a, 50, 0);
    assert!(!model.retry(a, 0));
    drain(&mut model, 0);
    assert!(heard(&model, a).ends_with("OK Welcome, u!\r\n"));
    assert_eq!(*model.outbox_state(a), CLOSED);
}

// [common/reply-2]
#[test]
fn lines_of_others_alone_hold_no_client_for_its_replies() {
    let mut model = small(Dialect::Login);
    let a = client(&mut model, "LOGIN a\n");
    let b = client(&mut model, "LOGIN b\n");
    model.receive(a, b"PING\n", 0);
    model.receive(b, b"MSG 1\n", 0);
    model.receive(b, b"MSG 2\n", 0);
    assert!(model.waits_for_replies(a) && !model.is_congested(a));
    model.accept_bytes(b, usize::MAX, 0);
    model.receive(b, b"MSG 3\n", 0);
    model.accept_bytes(b, usize::MAX, 0);
    assert!(model.is_congested(a) && model.charge(a) == 69 + 3 * 72);
    model.receive(a, b"WHO\n", 0);
    assert_eq!((model.is_held(a), model.retry_at(a, 0)), (true, Some(u64::MAX)));
    model.accept_bytes(a, 5, 0);
    assert!(model.is_congested(a) && !model.waits_for_replies(a));
    assert!(!model.retry(a, 0), "its replies are all written");
}

// [common/outbox-4] [common/outbox-7] [common/outbox-9]
#[test]
fn long_replies_count_and_evict_no_client() {
    let mut model = small(Dialect::Channels);
    let a = client(&mut model, "USERNAME u\nJOIN r\n");
    for _ in 0..10 {
        says(&mut model, a, &format!("{}\n", "x".repeat(100)));
    }
    let b = client(&mut model, "USERNAME v\n");
    model.receive(b, b"JOIN r\n", 0);
    assert!(model.charge(b) > 1_000 && model.is_open(b));
    assert_eq!(model.total(), model.charge(a) + model.charge(b) + 2 * crate::CHUNK_COST);
}
