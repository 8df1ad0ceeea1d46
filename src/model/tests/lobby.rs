//! Lobby.

use super::*;

fn lobby() -> Model {
    Model::new(Config::default(), Dialect::Lobby)
}

// [lobby/name-1] [lobby/text-1] [lobby/text-2] [lobby/text-3] [lobby/text-4] [lobby/hear-1]
// [lobby/hear-3] [lobby/hear-4]
#[test]
fn a_session() {
    let mut model = lobby();
    let a = client(&mut model, "joe\n");
    says(&mut model, a, "first\n");
    let b = client(&mut model, "");
    says(&mut model, a, " hello\n\r\njoe\n");
    assert_eq!(heard(&model, a), "joe:first\njoe: hello\njoe:\njoe:joe\n");
    assert_eq!(heard(&model, b), "joe: hello\njoe:\njoe:joe\n");
    says(&mut model, b, "joe\nme too\n"); // names need not be unique [lobby/name-4]
    model.end_of_stream(a, 0);
    says(&mut model, b, "alone\n");
    assert_eq!(heard(&model, b), "joe: hello\njoe:\njoe:joe\njoe:me too\njoe:alone\n");
    assert_eq!(model.rooms(), [(DEFAULT_ROOM.to_owned(), vec![b])]);
}

// [lobby/name-2] [lobby/name-3] [lobby/error-1] [common/close-2] [common/framing-4]
#[test]
fn bad_names_and_long_lines_close_without_a_line() {
    let longest = "x".repeat(64);
    for name in ["!", "~", "JOIN", &longest] {
        let outbox_state = single_in(Dialect::Lobby, format!("{name}\n").as_bytes()).1;
        let room = DEFAULT_ROOM.to_owned();
        assert_eq!(outbox_state, OutboxState::Member { room, name: name.to_owned() });
    }
    let too_long = "x".repeat(65);
    for name in ["", "a b", "a:b", ":", " a", "a\x7F", "\u{E9}", &too_long] {
        let input = format!("{name}\nafter\n");
        let outcome = single_in(Dialect::Lobby, input.as_bytes());
        assert_eq!(outcome, (String::new(), LINGERING), "{name:?}");
    }
    let mut input = b"u\n".to_vec();
    input.extend(vec![b'x'; 20_000]);
    assert_eq!(single_in(Dialect::Lobby, &input), (String::new(), LINGERING));
}

// [lobby/name-3] [common/close-2]
#[test]
fn a_closed_client_is_flushed_first() {
    let mut model = lobby();
    let a = model.connect(0);
    let b = client(&mut model, "b\n");
    model.receive(b, b"hi\n", SEC);
    model.receive(a, b"bad name\n", SEC);
    assert_eq!((model.deadline(a), model.queued(a)), (Some(6 * SEC), 5));
    model.accept_bytes(a, 5, 2 * SEC);
    assert_eq!((model.outbox_state(a), model.deadline(a)), (&LINGERING, Some(3 * SEC)));
    model.end_of_stream(a, 2 * SEC);
    assert_eq!((model.outbox_state(a), heard(&model, a).as_str()), (&CLOSED, "b:hi\n"));
    assert_eq!(model.rooms(), [(DEFAULT_ROOM.to_owned(), vec![b])]);
    let idle = client(&mut model, " \n");
    assert_eq!((model.outbox_state(idle), model.deadline(idle)), (&LINGERING, Some(SEC)));
}

// [lobby/hear-2] [common/flow-1] [common/outbox-4] [common/outbox-8]
#[test]
fn a_listener_holds_senders_and_is_evicted_like_a_member() {
    let mut model = Model::new(small_config(), Dialect::Lobby);
    let a = model.connect(0);
    let b = model.connect(0);
    says(&mut model, b, "b\n");
    assert_eq!(model.rooms()[0].1, [a, b], "the order is that of connecting");
    for _ in 0..3 {
        model.receive(b, b"12\n", 0); // 5 + 64
        model.accept_bytes(b, usize::MAX, 0);
    }
    assert!(model.is_congested(a) && !model.is_held(b));
    model.receive(b, b"12\n", 0);
    assert_eq!((model.is_held(b), model.waits_for(b, 0)), (true, vec![a]));
    let mut stalled = model.clone();
    model.reset(a, 0);
    assert!(!model.retry(b, 0));
    stalled.refuse(a, 0);
    assert!(!stalled.retry(b, 250 * MS), "the stall budget is exhausted");
    stalled.receive(b, format!("{}\n", "x".repeat(100)).as_bytes(), 250 * MS);
    assert_eq!(*stalled.outbox_state(a), OutboxState::Evicted);
    drain(&mut stalled, SEC);
    assert!(!heard(&stalled, b).contains("left"), "nobody is told");
}

// [common/limit-1]
#[test]
fn the_name_has_a_deadline_at_which_pending_lines_are_dropped() {
    let mut model = lobby();
    let a = model.connect(0);
    let b = client(&mut model, "b\n");
    model.receive(b, b"hi\n", 0);
    model.tick(a, 30 * SEC - 1);
    assert_eq!(*model.outbox_state(a), OutboxState::Fresh);
    model.tick(a, 30 * SEC);
    assert_eq!((model.outbox_state(a), model.queued(a)), (&SILENT, 0));
    assert_eq!(model.rooms(), [(DEFAULT_ROOM.to_owned(), vec![b])]);
    assert_eq!(model.deadline(b), None);
}

// [common/shutdown-2]
#[test]
fn shutdown_flushes_listeners() {
    let mut model = lobby();
    let a = model.connect(0);
    let b = client(&mut model, "b\n");
    model.receive(b, b"hi\n", 0);
    model.shutdown(0);
    assert_eq!(*model.outbox_state(a), FLUSHING);
    drain(&mut model, 0);
    assert_eq!((heard(&model, a).as_str(), model.outbox_state(a)), ("b:hi\n", &CLOSED));
}
