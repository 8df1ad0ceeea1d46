//! The model against its clauses: those common to all dialects and those of rooms here, the others
//! in a file per dialect. Times are in nanoseconds.

mod channels;
mod lobby;
mod login;
mod replies;
mod simple;
mod tells;

use super::*;

const MS: u64 = 1_000_000;
const SEC: u64 = 1_000 * MS;

fn model() -> Model {
    Model::new(Config::default(), Dialect::Rooms)
}

/// A model with small numbers: 400 bytes per outbox, congested over 150.
fn small() -> Model {
    Model::new(small_config(), Dialect::Rooms)
}

/// Small outboxes. Whenever the server looks, it counts all the time since the last look.
fn small_config() -> Config {
    Config {
        outbox_bytes_max: 400,
        high_water_bytes: 150,
        look_interval: Duration::from_secs(1),
        ..Config::default()
    }
}

/// Connects and sends these lines; every socket takes everything.
fn client(model: &mut Model, lines: &str) -> ClientId {
    let id = model.connect(0);
    says(model, id, lines);
    id
}

/// A client sends these lines; every socket takes everything.
fn says(model: &mut Model, id: ClientId, lines: &str) {
    assert!(lines.is_empty() || model.receive(id, lines.as_bytes(), 0));
    drain(model, 0);
}

/// What a client has been sent after it has sent these lines, in one read.
fn answers(dialect: Dialect, lines: &[u8]) -> String {
    single_in(dialect, lines).0
}

/// Connects and joins.
fn member(model: &mut Model, room: &str, user: &str) -> ClientId {
    let id = model.connect(0);
    assert!(model.receive(id, format!("JOIN {room} {user}\n").as_bytes(), 0));
    id
}

/// Lets every socket take everything.
fn drain(model: &mut Model, now: u64) {
    for id in 0..model.clients() {
        model.accept_bytes(id, usize::MAX, now);
    }
}

/// What a client was sent since the last call with the same start.
fn news(model: &Model, id: ClientId, seen: &mut usize) -> String {
    let text = String::from_utf8_lossy(&model.delivered(id)[*seen..]).into_owned();
    *seen = model.delivered(id).len();
    text
}

/// All that a client was sent, as text.
fn heard(model: &Model, id: ClientId) -> String {
    String::from_utf8_lossy(model.delivered(id)).into_owned()
}

/// The standing and everything delivered after one client has sent `input` in one read.
fn single(input: &[u8]) -> (String, OutboxState) {
    single_in(Dialect::Rooms, input)
}

/// The same, in any dialect.
fn single_in(dialect: Dialect, input: &[u8]) -> (String, OutboxState) {
    let mut model = Model::new(Config::default(), dialect);
    let id = model.connect(0);
    model.receive(id, input, 0);
    drain(&mut model, 0);
    (heard(&model, id), model.outbox_state(id).clone())
}

const LINGERING: OutboxState = OutboxState::Departed(Parting::Lingering);
const FLUSHING: OutboxState = OutboxState::Departed(Parting::Flushing);
const CLOSED: OutboxState = OutboxState::Departed(Parting::Closed);
const SILENT: OutboxState = OutboxState::Departed(Parting::Silent);

// [rooms/join-1] [rooms/join-2] [rooms/join-7] [rooms/text-1] [rooms/leave-1] [rooms/room-2]
// [common/eos-6] [common/order-1] [common/order-2]
#[test]
fn the_documents_typical_session() {
    let mut model = model();
    let (mut seen_a, mut seen_b) = (0, 0);
    let a = member(&mut model, "cooking", "joe");
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "joe has joined\n");
    model.receive(a, b"no one here yet\n", 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "joe: no one here yet\n");
    let b = model.connect(0);
    model.receive(b, b"Join cooking bob\n", 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "bob has joined\n");
    assert_eq!(news(&model, b, &mut seen_b), "bob has joined\n");
    model.receive(b, b"hi joe\n", 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "bob: hi joe\n");
    assert_eq!(news(&model, b, &mut seen_b), "bob: hi joe\n");
    model.receive(a, b"good day, bob\n", 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "joe: good day, bob\n");
    assert_eq!(news(&model, b, &mut seen_b), "joe: good day, bob\n");
    model.end_of_stream(a, 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, a, &mut seen_a), "");
    assert_eq!(news(&model, b, &mut seen_b), "joe has left\n");
    model.receive(b, b"all alone now\n", 0);
    drain(&mut model, 0);
    assert_eq!(news(&model, b, &mut seen_b), "bob: all alone now\n");
    model.end_of_stream(b, 0);
    assert_eq!(*model.outbox_state(b), CLOSED);
    assert!(model.rooms().is_empty());
}

// [rooms/error-1] [rooms/join-4] [rooms/join-5]
#[test]
fn the_documents_errors() {
    for line in ["JOIN foo bar blah\n", "JOIN foo usernameislongerthan20chars\n", "EAT tacos\n"] {
        assert_eq!(single(line.as_bytes()), ("ERROR\n".to_owned(), LINGERING), "{line}");
    }
}

// [rooms/join-2] [rooms/join-3] [rooms/join-4] [rooms/join-5] [rooms/join-6] [common/name-1]
// [common/framing-2]
#[test]
fn join_lines() {
    let good = [
        "JOIN r u\n",
        "jOiN r u\r\n",
        "JOIN 12345678901234567890 12345678901234567890\n",
        "JOIN ~ !\n",
    ];
    for line in good {
        assert!(matches!(single(line.as_bytes()).1, OutboxState::Member { .. }), "{line:?}");
    }
    let bad: [&[u8]; 14] = [
        b"\n",
        b"JOIN\n",
        b"JOIN r\n",
        b"JOIN r \n",
        b"JOIN  u\n",
        b"JOIN  r u\n",
        b" JOIN r u\n",
        b"JOIN r u \n",
        b"JOIN r u\r\r\n",
        b"JOIN r \x7F\n",
        b"JOIN r\x00 u\n",
        b"JOIN r \xC3\xA9\n",
        b"JOINr u\n",
        b"JOIN 123456789012345678901 u\n",
    ];
    for line in bad {
        assert_eq!(single(line), ("ERROR\n".to_owned(), LINGERING), "{line:?}");
    }
}

// [rooms/text-3] [common/framing-1] [common/framing-2] [common/framing-3]
#[test]
fn every_line_after_joining_is_text() {
    let (text, _) = single(b"JOIN r u\nJOIN r v\n\n\r\n\r\r\n\xFF\0\nhalf");
    assert_eq!(text, "u has joined\nu: JOIN r v\nu: \nu: \nu: \r\nu: \u{FFFD}\0\n");
}

// [common/framing-6]
#[test]
fn segmentation_changes_nothing() {
    let input = b"jOIN r u\r\nhello\n\nworld\r\n";
    let whole = single(input);
    for at in 0..input.len() {
        let mut model = model();
        let id = model.connect(0);
        model.receive(id, &input[..at], 0);
        model.receive(id, &input[at..], 0);
        drain(&mut model, 0);
        assert_eq!((heard(&model, id), model.outbox_state(id).clone()), whole, "{at}");
    }
}

// [rooms/text-2] [rooms/error-2] [rooms/error-3] [common/framing-4] [common/framing-5]
// [common/close-1]
#[test]
fn the_length_of_lines() {
    let with = |length: usize, end: &[u8]| {
        let mut input = b"JOIN r u\nfirst\n".to_vec();
        input.extend(vec![b'x'; length]);
        input.extend_from_slice(end);
        single(&input)
    };
    let intro = "u has joined\nu: first\n".len();
    for (length, end) in [(19_999, &b"\n"[..]), (19_998, b"\r\n")] {
        assert_eq!(with(length, end).0.len(), intro + 3 + length + 1);
    }
    assert_eq!(with(19_999, b"").0.len(), intro);
    for (length, end) in
        [(20_000, &b""[..]), (20_000, b"\n"), (19_999, b"\r\n"), (50_000, b"\nmore\n")]
    {
        let failed = ("u has joined\nu: first\nERROR\n".to_owned(), LINGERING);
        assert_eq!(with(length, end), failed, "{length} {end:?}");
    }
}

// [rooms/room-1] [rooms/room-3] [common/name-2] [common/eos-5] [common/eos-6]
#[test]
fn rooms_are_apart_and_names_may_repeat() {
    let mut model = model();
    let a = member(&mut model, "r", "u");
    let b = member(&mut model, "r", "u");
    let c = member(&mut model, "R", "u");
    model.receive(a, b"x\n", 0);
    model.reset(a, 0);
    drain(&mut model, 0);
    assert_eq!(heard(&model, b), "u has joined\nu: x\nu has left\n");
    assert_eq!(heard(&model, c), "u has joined\n");
    assert_eq!(heard(&model, a), "");
    assert_eq!(*model.outbox_state(a), OutboxState::Reset);
    assert_eq!(model.rooms(), [("R".to_owned(), vec![c]), ("r".to_owned(), vec![b])]);
}

// [rooms/error-3]
#[test]
fn a_long_line_is_a_departure() {
    let mut model = model();
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    model.receive(a, &vec![b'x'; 20_000], 0);
    model.receive(b, b"still here\n", 0);
    drain(&mut model, 0);
    assert_eq!(heard(&model, a), "a has joined\nb has joined\nERROR\n");
    assert_eq!(heard(&model, b), "b has joined\na has left\nb: still here\n");
    assert_eq!(model.rooms(), [("r".to_owned(), vec![b])]);
}

// [common/close-2]
#[test]
fn lingering_ends_by_time_by_bytes_and_by_the_stream() {
    let failed = || {
        let mut model = model();
        let id = model.connect(0);
        model.receive(id, b"EAT\n", 0);
        assert!(!model.receive(id, b"x", 0), "nothing is read before the error is flushed");
        model.accept_bytes(id, 5, 0);
        assert_eq!(model.deadline(id), Some(5 * SEC));
        model.accept_bytes(id, 5, SEC);
        assert_eq!(model.deadline(id), Some(2 * SEC));
        (model, id)
    };
    let (mut model, id) = failed();
    model.tick(id, 2 * SEC - 1);
    assert_eq!(*model.outbox_state(id), LINGERING);
    model.tick(id, 2 * SEC);
    assert_eq!(*model.outbox_state(id), CLOSED);
    let (mut model, id) = failed();
    assert!(model.receive(id, &vec![0; 16_777_215], SEC));
    assert_eq!(*model.outbox_state(id), LINGERING);
    assert!(model.receive(id, b"JOIN r u\n", SEC));
    assert_eq!(*model.outbox_state(id), CLOSED);
    let (mut model, id) = failed();
    assert!(model.receive(id, &vec![0; 16_777_216], SEC));
    assert_eq!(*model.outbox_state(id), CLOSED);
    let (mut model, id) = failed();
    model.end_of_stream(id, SEC);
    assert_eq!(*model.outbox_state(id), CLOSED);
}

// [common/eos-1] [common/eos-2] [common/eos-3] [common/eos-4]
#[test]
fn the_end_of_the_stream_flushes_for_a_while() {
    let mut model = model();
    let id = model.connect(0);
    model.receive(id, b"JOIN r u\nhello\nhalf", 0);
    model.end_of_stream(id, SEC);
    assert_eq!(*model.outbox_state(id), FLUSHING);
    assert!(model.rooms().is_empty());
    let mut slow = model.clone();
    drain(&mut model, SEC);
    assert_eq!(heard(&model, id), "u has joined\nu: hello\n");
    assert_eq!(*model.outbox_state(id), CLOSED);
    slow.accept_bytes(id, 3, 2 * SEC);
    slow.tick(id, 6 * SEC - 1);
    assert_eq!(*slow.outbox_state(id), FLUSHING);
    slow.tick(id, 6 * SEC);
    assert_eq!((heard(&slow, id).as_str(), slow.queued(id)), ("u h", 0));
    assert_eq!(*slow.outbox_state(id), CLOSED);
}

// [common/limit-1] [common/framing-7]
#[test]
fn the_first_line_has_a_time() {
    let mut model = model();
    let id = model.connect(SEC);
    model.receive(id, b"JOIN r", 20 * SEC);
    model.tick(id, 31 * SEC - 1);
    assert_eq!(*model.outbox_state(id), OutboxState::Fresh);
    model.tick(id, 31 * SEC);
    assert_eq!(*model.outbox_state(id), SILENT);
    assert!(!model.receive(id, b" u\n", 31 * SEC));
}

// [common/outbox-2] [common/outbox-3] [common/outbox-7]
#[test]
fn charge_counts_bytes_and_entries() {
    let mut model = model();
    let a = member(&mut model, "r", "a");
    assert_eq!(model.charge(a), 13 + 64);
    model.receive(a, b"x\ny\n", 0); // one run: one entry of 2 * 5 bytes
    assert_eq!(model.charge(a), 13 + 64 + 10 + 64);
    model.accept_bytes(a, 12, 0);
    assert_eq!(model.charge(a), 1 + 64 + 10 + 64);
    model.accept_bytes(a, 1, 0);
    assert_eq!(model.charge(a), 10 + 64);
    model.receive(a, &vec![b'x'; 20_000], 0);
    assert_eq!(model.charge(a), 10 + 64 + 6 + 64);
    assert_eq!(model.queued(a), 10 + 6);
}

// [common/outbox-1] [common/flow-1]
#[test]
fn runs_are_bounded_as_rendered() {
    let mut model = model();
    let a = member(&mut model, "r", "abcde"); // 8 bytes per empty line
    drain(&mut model, 0);
    model.receive(a, &[b'\n'; 8_192], 0);
    assert_eq!(model.charge(a), 65_536 + 64);
    drain(&mut model, 0);
    model.receive(a, &[b'\n'; 8_193], 0);
    assert!(model.is_held(a), "its own echo of the first run congests it");
    assert_eq!(model.charge(a), 65_536 + 64);
    model.accept_bytes(a, 64, 0);
    assert!(!model.retry(a, 0));
    assert_eq!(model.charge(a), 65_536 + 8 + 64);
}

// [common/outbox-4]
#[test]
fn exactly_at_the_bound_is_allowed() {
    // A line of n bytes from a user with a name of one costs n + 4 + 64.
    for (length, charge, rooms) in [(332, 400, 1), (333, 0, 0)] {
        let mut model = small();
        let a = member(&mut model, "r", "a");
        drain(&mut model, 0);
        model.receive(a, format!("{}\n", "x".repeat(length)).as_bytes(), 0);
        assert_eq!((model.charge(a), model.rooms().len()), (charge, rooms));
    }
}

// [common/outbox-1]
#[test]
fn a_line_belongs_to_the_run_of_the_read_that_completes_it() {
    let mut model = small();
    let a = member(&mut model, "r", "a");
    drain(&mut model, 0);
    model.receive(a, b"one\ntw", 0);
    assert_eq!(model.charge(a), 7 + 64);
    model.receive(a, b"o\nthree\n", 0);
    assert_eq!(model.charge(a), 7 + 64 + 7 + 9 + 64);
}

// [common/outbox-4] [common/close-3]
#[test]
fn an_evicted_sender_says_nothing_more() {
    let mut model =
        Model::new(Config { outbox_bytes_max: 65_700, ..Config::default() }, Dialect::Rooms);
    let a = member(&mut model, "r", "abcde");
    let b = member(&mut model, "r", "b");
    model.accept_bytes(b, usize::MAX, 0); // a still has two entries pending
    model.receive(a, &[b'\n'; 9_000], 0);
    drain(&mut model, 0);
    assert_eq!(*model.outbox_state(a), OutboxState::Evicted);
    assert_eq!(heard(&model, a), "");
    assert_eq!(
        model.delivered(b).len(),
        "b has joined\n".len() + 65_536 + "abcde has left\n".len()
    );
}

// [common/outbox-5]
#[test]
fn evictions_come_in_waves() {
    // Notices of joining: 13 + 64 = 77 each; of leaving 11 + 64 = 75.
    let mut model = Model::new(
        Config { outbox_bytes_max: 400, high_water_bytes: 1_000, ..Config::default() },
        Dialect::Rooms,
    );
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    let c = member(&mut model, "r", "c");
    let d = member(&mut model, "r", "d");
    for (id, owes_before) in [(a, 4), (b, 3), (c, 2), (d, 1)] {
        assert_eq!(model.charge(id), owes_before * 77);
    }
    model.accept_bytes(c, usize::MAX, 0);
    model.accept_bytes(d, usize::MAX, 0);
    // The line costs 31 + 64: it takes a to 403 and b to 326, the notice of a takes b to 401.
    model.receive(d, format!("{}\n", "x".repeat(27)).as_bytes(), 0);
    assert_eq!(*model.outbox_state(a), OutboxState::Evicted);
    assert_eq!(*model.outbox_state(b), OutboxState::Evicted);
    drain(&mut model, 0);
    let line = format!("d: {}\n", "x".repeat(27));
    assert_eq!(
        heard(&model, c),
        format!("c has joined\nd has joined\n{line}a has left\nb has left\n")
    );
    assert_eq!(model.rooms(), [("r".to_owned(), vec![c, d])]);
}

// [common/outbox-6]
#[test]
fn one_wave_is_one_entry() {
    let config = Config { outbox_bytes_max: 400, high_water_bytes: 1_000, ..Config::default() };
    // a has 231 pending before and b 154; the line costs 4 + 64 more than its length.
    for (length, fall, notice) in [(102, [true, false], 11), (186, [true, true], 22)] {
        let mut model = Model::new(config, Dialect::Rooms);
        let [a, b, c] = ["a", "b", "c"].map(|user| member(&mut model, "r", user));
        model.accept_bytes(c, usize::MAX, 0);
        model.receive(c, format!("{}\n", "x".repeat(length)).as_bytes(), 0);
        assert_eq!([a, b].map(|id| *model.outbox_state(id) == OutboxState::Evicted), fall);
        assert_eq!(model.charge(c), length + 4 + 64 + notice + 64);
    }
}

// [common/outbox-6]
#[test]
fn a_large_wave_is_split_between_lines() {
    let notice = |number: usize| format!("user{number:016} has left\n").into_bytes();
    let notices: Vec<Vec<u8>> = (0..3_000).map(notice).collect();
    let entries = lines::wave(&notices); // 30 bytes each
    assert_eq!(entries.iter().map(Vec::len).collect::<Vec<_>>(), [65_520, 24_480]);
    assert!(lines::wave(&[]).is_empty());
}

// [common/flow-1] [common/flow-3] [common/flow-5]
#[test]
fn a_congested_recipient_holds_the_sender_until_its_stall_budget_is_exhausted() {
    let mut model = small();
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b"); // both notices: a has 154 pending
    model.accept_bytes(b, usize::MAX, 0);
    assert!(model.is_congested(a) && !model.is_congested(b));
    assert!(model.receive(b, b"one\ntwo\n", 0));
    assert!(model.is_held(b) && !model.receive(b, b"more\n", 0));
    assert_eq!((model.waits_for(b, 0), model.retry_at(b, 0)), (vec![a], Some(250 * MS)));
    assert!(
        model.retry(b, 10 * SEC),
        "the stall budget runs only while the connection refuses bytes"
    );
    model.refuse(a, 10 * SEC);
    assert_eq!(model.retry_at(b, 10 * SEC + 50 * MS), Some(10 * SEC + 250 * MS));
    assert!(model.retry(b, 10 * SEC + 250 * MS - 1));
    let mut falls = model.clone();
    assert!(!model.retry(b, 10 * SEC + 250 * MS));
    assert!(model.is_exhausted(a, 10 * SEC + 250 * MS));
    assert_eq!(model.queued(b), 14);
    falls.accept_bytes(a, 4, 10 * SEC + 250 * MS - 1);
    assert!(!falls.is_congested(a), "at the high-water mark is not over it");
    assert!(!falls.retry(b, 10 * SEC + 250 * MS - 1));
    assert!(!falls.is_exhausted(a, 11 * SEC));
}

// [common/flow-3] [common/flow-4]
#[test]
fn the_stall_budget_is_used_within_one_congestion_only() {
    let mut model = small();
    let a = member(&mut model, "r", "a");
    let _b = member(&mut model, "r", "b"); // a has 154 pending
    model.refuse(a, 0);
    model.accept_bytes(a, 1, 100 * MS); // 153: still congested
    assert!(!model.is_exhausted(a, 10 * SEC), "nothing runs while bytes are taken");
    model.refuse(a, 10 * SEC);
    assert!(!model.is_exhausted(a, 10 * SEC + 149 * MS));
    assert!(model.is_exhausted(a, 10 * SEC + 150 * MS));
    model.accept_bytes(a, 5, 10 * SEC + 149 * MS); // 148
    let _c = member(&mut model, "r", "c");
    assert!(model.is_congested(a));
    model.refuse(a, 11 * SEC);
    assert!(!model.is_exhausted(a, 11 * SEC + 249 * MS));
    assert!(model.is_exhausted(a, 11 * SEC + 250 * MS));
}

// [common/flow-3]
#[test]
fn the_stall_budget_runs_from_the_moment_of_congestion() {
    let mut model = small();
    let a = member(&mut model, "r", "a"); // 77
    model.refuse(a, 0);
    assert!(!model.is_exhausted(a, SEC), "it refuses bytes, but is not congested");
    let b = model.connect(SEC);
    model.receive(b, b"JOIN r b\n", SEC); // 154
    assert!(!model.is_exhausted(a, SEC + 250 * MS - 1));
    assert!(model.is_exhausted(a, SEC + 250 * MS));
    model.accept_bytes(b, usize::MAX, SEC);
    model.receive(b, b"x\n", SEC);
    assert_eq!((model.is_held(b), model.retry_at(b, SEC)), (true, Some(SEC + 250 * MS)));
}

// [common/flow-3]
#[test]
fn of_the_time_between_two_looks_50_ms_are_counted() {
    let config = Config { look_interval: Duration::from_millis(50), ..small_config() };
    let mut model = Model::new(config, Dialect::Rooms);
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b"); // a has 154 pending
    model.accept_bytes(b, usize::MAX, 0);
    model.refuse(a, 0);
    assert!(model.receive(b, b"x\n", 0));
    for seconds in 1..5 {
        assert_eq!(model.retry_at(b, seconds * SEC), Some(seconds * SEC + 50 * MS));
        assert!(model.retry(b, seconds * SEC));
    }
    assert!(!model.retry(b, 5 * SEC), "the fifth look");
}

// [common/flow-4]
#[test]
fn an_exhausted_stall_budget_is_renewed_after_five_seconds_below() {
    let exhausted = || {
        let mut model = small();
        let a = member(&mut model, "r", "a");
        let b = member(&mut model, "r", "b");
        model.accept_bytes(b, usize::MAX, 0);
        model.refuse(a, 0);
        model.accept_bytes(a, usize::MAX, SEC);
        assert!(model.is_exhausted(a, SEC));
        (model, a, b)
    };
    for (then, renewed) in [(6 * SEC - 1, false), (6 * SEC, true)] {
        let (mut model, a, b) = exhausted();
        model.receive(b, format!("{}\n", "x".repeat(100)).as_bytes(), then);
        model.accept_bytes(b, usize::MAX, then);
        assert!(model.is_congested(a));
        assert_eq!(model.is_exhausted(a, then), !renewed);
        model.receive(b, b"x\n", then);
        assert_eq!(model.is_held(b), renewed);
    }
}

// [common/flow-2]
#[test]
fn joins_departures_and_errors_do_not_wait() {
    let mut model = small();
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    model.accept_bytes(b, usize::MAX, 0);
    assert!(model.is_congested(a));
    let c = member(&mut model, "r", "c");
    model.reset(c, 0);
    model.receive(b, &vec![b'x'; 20_000], 0);
    assert_eq!(*model.outbox_state(b), LINGERING);
    drain(&mut model, 0);
    assert_eq!(
        heard(&model, a),
        "a has joined\nb has joined\nc has joined\nc has left\nb has left\n"
    );
}

// [common/flow-6]
#[test]
fn while_held_a_reset_is_at_once_and_an_end_comes_last() {
    let held = || {
        let mut model = small();
        let a = member(&mut model, "r", "a");
        let b = member(&mut model, "r", "b");
        model.accept_bytes(b, usize::MAX, 0);
        model.receive(b, b"last words\nhalf", 0);
        assert!(model.is_held(b));
        (model, a, b)
    };
    let (mut model, a, b) = held();
    model.reset(b, 0);
    drain(&mut model, 0);
    assert_eq!(heard(&model, a), "a has joined\nb has joined\nb has left\n");
    assert!(!model.is_held(b));
    let (mut model, a, b) = held();
    model.end_of_stream(b, 0);
    assert!(model.is_held(b) && model.rooms()[0].1 == [a, b]);
    drain(&mut model, 0);
    assert!(!model.retry(b, 0));
    drain(&mut model, 0);
    assert_eq!(heard(&model, a), "a has joined\nb has joined\nb: last words\nb has left\n");
    assert_eq!(heard(&model, b), "b has joined\nb: last words\n");
    assert_eq!(*model.outbox_state(b), CLOSED);
}

// [common/outbox-8]
#[test]
fn a_stalled_client_is_evicted() {
    let mut model = model();
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    model.refuse(a, SEC);
    model.refuse(a, 20 * SEC);
    let mut moves = model.clone();
    model.tick(a, 31 * SEC - 1);
    assert!(model.is_open(a));
    model.tick(a, 31 * SEC);
    assert_eq!(*model.outbox_state(a), OutboxState::Evicted);
    drain(&mut model, 31 * SEC);
    assert_eq!(heard(&model, a), "");
    assert_eq!(heard(&model, b), "b has joined\na has left\n");
    moves.accept_bytes(a, 1, 30 * SEC);
    moves.tick(a, 31 * SEC);
    assert!(moves.is_open(a));
    moves.refuse(a, 40 * SEC);
    assert_eq!(moves.deadline(a), Some(70 * SEC));
}

// [common/outbox-9]
#[test]
fn the_total_counts_shared_entries_once_and_evicts_the_largest() {
    let mut model =
        Model::new(Config { total_bytes_max: 600, ..Config::default() }, Dialect::Rooms);
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    assert_eq!(model.total(), 2 * 13 + (3 + 2) * 64);
    model.accept_bytes(a, 1, 0);
    assert_eq!(model.total(), 2 * 13 + (3 + 2) * 64, "an entry counts whole until it is written");
    let c = member(&mut model, "s", "c");
    assert_eq!(model.total(), 3 * 13 + (4 + 3) * 64);
    let d = member(&mut model, "s", "d"); // a has the largest charge
    assert_eq!(*model.outbox_state(a), OutboxState::Evicted);
    // Pending then: its own join and the departure of a for b, 152; two joins for c, 154; one for
    // d. That is still over the bound, and c has most.
    assert_eq!(*model.outbox_state(c), OutboxState::Evicted);
    assert_eq!((model.charge(b), model.charge(d)), (13 + 11 + 128, 13 + 11 + 128));
    assert_eq!(model.total(), 2 * 13 + 2 * 11 + (4 + 4) * 64);
    let last = member(&mut model, "t", "e"); // b and d are equal: the lower id
    assert_eq!(*model.outbox_state(b), OutboxState::Evicted);
    assert!(model.is_open(d) && model.is_open(last));
}

// [common/outbox-7] [common/outbox-9]
#[test]
fn a_total_of_nothing_ends() {
    let mut model = Model::new(Config { total_bytes_max: 0, ..Config::default() }, Dialect::Rooms);
    let a = member(&mut model, "r", "a");
    assert_eq!((model.outbox_state(a), model.total()), (&OutboxState::Evicted, 0));
    let b = model.connect(0);
    model.receive(b, b"x\n", 0);
    assert_eq!((model.outbox_state(b), model.queued(b)), (&OutboxState::Evicted, 0));
}

// [common/shutdown-1] [common/shutdown-2]
#[test]
fn shutdown_is_quiet() {
    let mut model = model();
    let a = member(&mut model, "r", "a");
    let b = member(&mut model, "r", "b");
    let c = model.connect(0);
    model.accept_bytes(b, usize::MAX, 0);
    model.shutdown(SEC);
    assert!(model.rooms().is_empty());
    assert_eq!(
        (model.outbox_state(a), model.outbox_state(b), model.outbox_state(c)),
        (&FLUSHING, &CLOSED, &SILENT)
    );
    let mut slow = model.clone();
    drain(&mut model, SEC);
    assert_eq!(heard(&model, a), "a has joined\nb has joined\n");
    slow.tick(a, 6 * SEC);
    assert_eq!(*slow.outbox_state(a), CLOSED);
}

#[test]
fn the_impossible_is_refused() {
    let mut model = model();
    let a = model.connect(0);
    model.refuse(a, 0);
    model.accept_bytes(a, 10, 0);
    assert!(!model.retry(a, 0));
    model.end_of_stream(a, 0);
    model.end_of_stream(a, 0);
    model.reset(a, 0);
    model.tick(a, u64::MAX);
    assert_eq!(*model.outbox_state(a), CLOSED);
    assert!(!model.receive(a, b"JOIN r u\n", 0));
    assert!(model.rooms().is_empty() && model.delivered(a).is_empty());
}

// [common/tls-9] [common/close-1]
#[test]
fn a_hello_of_tls_before_the_name_is_the_last_line() {
    let cases = [
        (Dialect::Rooms, "ERROR\n"),
        (Dialect::Lobby, ""),
        (Dialect::Simple, "ERROR unknown-command\n"),
        (Dialect::Login, "ERR not-logged-in\n"),
        (Dialect::Channels, "ERROR Username required\r\n"),
    ];
    let long = [b"\x16\x03".to_vec(), vec![b'x'; 20_000]].concat();
    for (dialect, error) in cases {
        for hello in [&b"\x16\x03"[..], b"\x16\x03\x01\x02\0\x01\n", &long] {
            assert_eq!(single_in(dialect, hello), (error.to_owned(), LINGERING), "{dialect:?}");
        }
    }
    let unlike = b"\x16\x02\x03\n\x16\n\x03\nJOIN boss\n";
    let expected = "ERROR unknown-command\n".repeat(3) + "OK\n";
    assert_eq!(answers(Dialect::Simple, unlike), expected);
    let error = "ERROR unknown-command\n";
    let after = b"JOIN boss\n\x16\x03\x01\n";
    assert_eq!(answers(Dialect::Simple, after), format!("OK\n{error}"), "with a name it is a line");
}

// [common/http-1] [common/close-1]
#[test]
fn an_http_request_before_the_name_is_the_last_line() {
    let cases = [
        (Dialect::Rooms, "JOIN den boss\n", "ERROR\n"),
        (Dialect::Lobby, "boss\n", ""),
        (Dialect::Simple, "JOIN boss\n", "ERROR unknown-command\n"),
        (Dialect::Login, "LOGIN boss\n", "ERR not-logged-in\n"),
        (Dialect::Channels, "USERNAME boss\n", "ERROR Username required\r\n"),
    ];
    for (dialect, enters, error) in cases {
        for request in ["GET / HTTP/1.1", "POST /x?y=z HTTP/1.0\r", "x-Y!0~ * HTTP/2", "a b HTTP/3"]
        {
            let lines = format!("{request}\n\n{enters}");
            let said = single_in(dialect, lines.as_bytes());
            assert_eq!(said, (error.to_owned(), LINGERING), "{dialect:?}, {request:?}");
        }
    }
    for line in [
        "GET /",
        "GET  / HTTP/1.1",
        "GET / a HTTP/1.1",
        " / HTTP/1.1",
        "GET / HTTP/",
        "GET / http/1.1",
        "GET / HTTP/x",
        "G:T / HTTP/1.1",
        "GET / HTTP/1.1 ",
    ] {
        let lines = format!("{line}\nLOGIN boss\n");
        assert!(answers(Dialect::Login, lines.as_bytes()).ends_with("OK\n"), "{line:?}");
    }
    let lines = "JOIN boss\nGET / HTTP/1.1\nSEND\n";
    let expected = "OK\nERROR unknown-command\nERROR empty-message\n";
    assert_eq!(answers(Dialect::Simple, lines.as_bytes()), expected, "with a name it is a line");
}
