//! Private lines.

use super::*;

/// 400 bytes per outbox, congested over 150; `PRIVMSG a x` and its CR LF cost 13 + 64.
fn small() -> Model {
    Model::new(small_config(), Dialect::Channels)
}

fn named(model: &mut Model, user: &str) -> ClientId {
    client(model, &format!("USERNAME {user}\n"))
}

fn tells(model: &mut Model, id: ClientId, text: &str, now: u64) {
    assert!(model.receive(id, format!("PRIVMSG b {text}\n").as_bytes(), now));
    model.accept_bytes(id, usize::MAX, now);
}

// [common/tell-1] [common/tell-2] [common/flow-1] [common/flow-5]
#[test]
fn a_private_line_waits_for_its_target() {
    let mut model = small();
    let [a, b, c] = ["a", "b", "c"].map(|user| named(&mut model, user));
    tells(&mut model, a, "x", 0);
    assert_eq!(model.charge(b), 77);
    tells(&mut model, a, "x", 0);
    assert!(model.is_congested(b) && !model.is_held(a));
    tells(&mut model, a, "late", 0);
    assert!(model.is_held(a) && !model.waits_for_replies(a));
    assert_eq!((model.waits_for(a, 0), model.retry_at(a, 0)), (vec![b], Some(250 * MS)));
    model.receive(c, b"JOIN r\nhello\n", 0);
    assert!(!model.is_held(c), "it concerns nobody else");
    let mut goes = model.clone();
    goes.reset(b, 0);
    assert_eq!((goes.waits_for(a, 0), goes.retry(a, 0)), (vec![], false));
    drain(&mut goes, 0);
    assert!(heard(&goes, a).ends_with("OK Sent\r\nERROR User not found\r\n"));
    model.refuse(b, 0);
    assert!(model.retry(a, 250 * MS - 1));
    assert!(!model.retry(a, 250 * MS), "the stall budget is exhausted");
    drain(&mut model, SEC);
    assert!(heard(&model, b).ends_with("PRIVMSG a x\r\nPRIVMSG a x\r\nPRIVMSG a late\r\n"));
}

// [common/tell-2]
#[test]
fn a_congested_sender_tells_others() {
    let mut model = small();
    let [a, b] = ["a", "b"].map(|user| named(&mut model, user));
    for _ in 0..2 {
        tells(&mut model, a, "x", 0);
    }
    model.receive(b, b"PRIVMSG a y\n", 0);
    assert!(!model.is_held(b), "it is congested, but its target is not");
    drain(&mut model, 0);
    assert!(heard(&model, a).ends_with("PRIVMSG b y\r\n"));
}

// [common/tell-3] [common/unique-2]
#[test]
fn a_target_that_cannot_hold_it_is_evicted() {
    let mut model = small();
    let [a, b] = ["a", "b"].map(|user| named(&mut model, user));
    for id in [a, b] {
        says(&mut model, id, "JOIN r\n");
    }
    let mut seen = model.delivered(a).len();
    let fits = "x".repeat(400 - 64 - 12);
    let mut exact = model.clone();
    tells(&mut exact, a, &fits, 0);
    assert_eq!((exact.charge(b), exact.is_open(b)), (400, true));
    tells(&mut model, a, &format!("{fits}x"), 0);
    assert_eq!(*model.outbox_state(b), OutboxState::Evicted);
    assert_eq!(news(&model, a, &mut seen), "LEAVE r b\r\nERROR User not found\r\n");
    named(&mut model, "b");
    assert_eq!(model.rooms(), [("r".to_owned(), vec![a])]);
}

// [channels/tell-2] [common/tell-3]
#[test]
fn a_client_that_evicts_itself_gets_no_line() {
    let mut model = small();
    let b = named(&mut model, "b");
    tells(&mut model, b, "x", 0);
    assert!(heard(&model, b).ends_with("PRIVMSG b x\r\nOK Sent\r\n"));
    model.receive(b, format!("PRIVMSG b {}\n", "x".repeat(400)).as_bytes(), 0);
    assert_eq!((model.outbox_state(b), model.queued(b)), (&OutboxState::Evicted, 0));
}

// [common/tell-4]
#[test]
fn a_departed_client_is_not_found() {
    let mut model = small();
    let [a, b] = ["a", "b"].map(|user| named(&mut model, user));
    model.receive(b, b"ROOMS\n", 0);
    model.end_of_stream(b, 0);
    assert_eq!(*model.outbox_state(b), FLUSHING);
    tells(&mut model, a, "x", 0);
    assert!(heard(&model, a).ends_with("ERROR User not found\r\n"));
}

// [common/flow-3] [common/flow-4]
#[test]
fn a_target_has_a_stall_budget_for_private_lines_and_one_for_its_room() {
    let config = Config { outbox_bytes_max: 4_000, ..small_config() };
    let mut model = Model::new(config, Dialect::Channels);
    let [a, b] = ["a", "b"].map(|user| client(&mut model, &format!("USERNAME {user}\nJOIN r\n")));
    let feed = |model: &mut Model, text: &str, now| {
        model.receive(a, text.as_bytes(), now);
        model.accept_bytes(a, usize::MAX, now);
    };
    feed(&mut model, "PRIVMSG b x\nPRIVMSG b x\n", 0); // 154 pending
    model.refuse(b, 0);
    feed(&mut model, &format!("MSG {}\n", "x".repeat(100)), 200 * MS); // 176 of the room
    assert!(model.is_congested(b));
    model.accept_bytes(b, 26, 200 * MS); // both private lines
    model.refuse(b, 200 * MS);
    feed(&mut model, "PRIVMSG b x\nPRIVMSG b x\n", 200 * MS);
    feed(&mut model, "PRIVMSG b x\n", 400 * MS);
    assert!(model.is_held(a), "the budget for private lines was given back");
    assert!(!model.retry(a, 450 * MS), "and is exhausted again");
}
