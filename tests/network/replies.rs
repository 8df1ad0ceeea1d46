//! Goal: answers cost bounded memory. Who asks and does not read is asked nothing more until it
//! does, and is evicted like anybody who does not read; nobody else waits for it.
//!
//! Method: clients that stall behind a small wire and send more questions than the high-water
//! mark allows; the census of the registry counts the pending bytes.
//!
//! Limits: one such client at a time; memory is what the census counts.

use super::house::{House, TICK, before};
use super::replay::{in_each_of, on_each_network_of};
use super::wire::{Client, End};
use crate::speech::{CHANNELS, LOGIN, SIMPLE, Speech};
use parlance_core::limits::{CHUNK_BYTES, ENTRY_BYTES, HIGH_WATER_BYTES, Limits};
use std::time::Duration;

const STALL: Duration = Duration::from_secs(30);
const ALL: [&Speech; 3] = [&SIMPLE, &LOGIN, &CHANNELS];

/// A line that every client may send and its answer, before it has a name and after.
fn mistake(speech: &Speech) -> (&'static str, [&'static str; 2]) {
    match speech.dialect {
        "simple" => ("?\n", ["ERROR unknown-command\n"; 2]),
        "login" => ("?\n", ["ERR not-logged-in\n", "ERR unknown-command\n"]),
        _ => ("/?\n", ["ERROR Unknown command\r\n"; 2]),
    }
}

/// A client behind a wire of so many bytes that does not read: joe, or one without a name.
fn deaf(house: &mut House, wire: usize, named: bool) -> Client {
    house.quirks.down_max = wire;
    let client = house.connect();
    if named {
        client.post(&house.speech.enter("joe"));
        house.settle();
        client.heard();
    }
    client.stall();
    client
}

fn charge(house: &House) -> usize {
    house.service.registry().census().charge
}

/// [common/reply-2] [common/outbox-7]
#[test]
fn a_client_that_asks_and_does_not_read_costs_the_high_water_mark_and_one_reply() {
    in_each_of(&ALL, |house| {
        for named in [false, true] {
            let client = deaf(house, 1_000, named);
            let (line, answers) = mistake(house.speech);
            let answer = answers[usize::from(named)];
            for _ in 0..2 {
                house.send(&client, &line.repeat(1_000));
                assert!(client.unread() == 0 || charge(house) > HIGH_WATER_BYTES);
                // Each answer is an entry of its own, and the lines behind the held one wait.
                let answers = HIGH_WATER_BYTES / (answer.len() + ENTRY_BYTES) + 1;
                let most = HIGH_WATER_BYTES + answer.len() + ENTRY_BYTES;
                let most = most + answers * CHUNK_BYTES + 1_000 * line.len();
                assert!(
                    (HIGH_WATER_BYTES..=most).contains(&charge(house)),
                    "{} queued",
                    charge(house)
                );
            }
            house.send(&client, &line.repeat(12_000));
            assert!(client.unread() >= 12_000, "its input is read no more");
            client.resume();
            house.settle();
            assert!(client.heard() == answer.repeat(14_000), "each question has its answer");
            assert_eq!((client.unread(), charge(house)), (0, 0));
            client.half_close();
            house.settle();
        }
        house.assert_empty();
    });
}

/// [common/reply-2] [common/reply-1] [login/who-1] [channels/list-1]
#[test]
fn long_lists_wait_for_each_other_and_arrive_whole() {
    in_each_of(&[&LOGIN, &CHANNELS], |house| {
        let names: Vec<String> = (0..140).map(|n| format!("{n:0>31}")).collect();
        let crowd: Vec<Client> = names.iter().map(|name| house.member("den", name)).collect();
        let joe = deaf(house, 1_000, true);
        let (line, list) = if house.speech.dialect == LOGIN.dialect {
            let users: Vec<String> = names.iter().map(|name| format!("USER {name}\n")).collect();
            ("WHO\n", users.concat() + "USER joe\n")
        } else {
            ("USERS\n", format!("USERLIST {} joe\r\n", names.join(" ")))
        };
        house.send(&joe, &line.repeat(40));
        // All of them are one list in memory. There may be a shorter line, which counts here as two
        // lists, and a list that is partly written.
        let lists = (charge(house) - list.len() - CHUNK_BYTES) / ENTRY_BYTES;
        let queued = lists * (list.len() + ENTRY_BYTES);
        let most = HIGH_WATER_BYTES + 4 * (list.len() + ENTRY_BYTES);
        assert!((HIGH_WATER_BYTES..=most).contains(&queued), "{queued} queued");
        house.say(&crowd[0], "psst"); // comes between two lists, not into one
        joe.resume();
        house.settle();
        let said = String::from_utf8(house.speech.said(&names[0], "psst")).expect("text");
        let heard = joe.heard();
        assert!(heard.replacen(&said, "", 1) == list.repeat(40));
        assert_eq!(heard.find(&said).map(|at| at % list.len()), Some(0));
    });
}

/// The others are neither held nor told before. [common/outbox-8] [common/reply-3]
/// [common/unique-2]
#[test]
fn a_client_that_asks_and_never_reads_is_evicted_after_30_s_and_holds_no_sender() {
    in_each_of(&ALL, |house| {
        let [ann, bob] = house.members(["ann", "bob"]);
        let joe = deaf(house, 10, true);
        let (line, _) = mistake(house.speech);
        house.send(&joe, &line.repeat(3_000));
        ann.heard();
        bob.heard();
        house.say(&ann, "hello");
        let said = house.speech.said("ann", "hello");
        assert_eq!(bob.heard().into_bytes(), said, "at once: an answer congests nobody");
        house.pass(before(STALL));
        assert_eq!((joe.end(), bob.heard().as_str()), (End::Open, ""));
        house.pass(TICK);
        assert!(joe.is_closed());
        assert_eq!(bob.heard().into_bytes(), house.speech.left("joe"));
        assert_eq!(charge(house), 0);
        let again = house.member("den", "joe");
        assert!(!again.heard().contains("ERR"), "its name is free");
    });
}

/// [common/flow-2] [common/reply-2] [simple/leave-1] [channels/quit-1]
#[test]
fn a_goodbye_does_not_wait_for_answers_to_be_read() {
    in_each_of(&[&SIMPLE, &CHANNELS], |house| {
        let [ann] = house.members(["ann"]);
        let joe = deaf(house, 10, true);
        ann.heard();
        let (line, [_, answer]) = mistake(house.speech);
        let questions = HIGH_WATER_BYTES / (answer.len() + ENTRY_BYTES) + 1;
        house.send(&joe, &line.repeat(questions));
        assert!(charge(house) > HIGH_WATER_BYTES, "the next question would wait");
        let (goodbye, farewell) = if house.speech.dialect == "simple" {
            ("LEAVE\n", "OK\n")
        } else {
            ("QUIT\n", "OK Goodbye!\r\n")
        };
        house.send(&joe, goodbye);
        assert_eq!(ann.heard().into_bytes(), house.speech.left("joe"));
        joe.resume();
        house.settle();
        assert!(joe.heard() == answer.repeat(questions) + farewell);
        assert_eq!(joe.end(), End::HalfClosed);
    });
}

/// What others say does not keep a question waiting, once the answers before it are written: only
/// the client's own answers do. On the perfect network alone, where a run is what was sent at once.
///
/// [common/reply-3]
#[test]
fn a_waiting_line_goes_on_when_the_answers_are_written_with_other_output_pending() {
    let mut house = House::serving(&LOGIN, 0, Limits::default());
    let [ann] = house.members(["ann"]);
    let joe = deaf(&mut house, 10, true);
    let (line, [_, answer]) = mistake(&LOGIN);
    let questions = HIGH_WATER_BYTES / (answer.len() + ENTRY_BYTES) + 1;
    house.send(&joe, &(line.repeat(questions) + "DM ann psst\n"));
    assert_eq!(ann.heard(), "", "it waits");
    // One run, over the high-water mark by itself.
    let text = "x".repeat(65_520 / 4 - "MSG ann \n".len());
    house.send(&ann, &format!("MSG {text}\n").repeat(4));
    ann.heard();
    let mut accepted = 10;
    while accepted < questions * answer.len() {
        assert_eq!(ann.heard(), "", "it waits while any answer is owed");
        accepted += joe.sip(10);
        house.settle();
    }
    assert!(charge(&house) > HIGH_WATER_BYTES);
    assert_eq!(ann.heard(), "DM joe psst\n");
}

/// The outbox has a bound, and what a joiner is shown is longer.
///
/// [common/outbox-7] [common/reply-1] [channels/join-4] [channels/history-3]
#[test]
fn the_lines_shown_to_a_newcomer_never_evict_it() {
    let limits = Limits { outbox_bytes_max: 30_000, ..Limits::default() };
    on_each_network_of(&CHANNELS, &limits, |house| {
        let [ann] = house.members(["ann"]);
        let text = "x".repeat(1_000);
        for _ in 0..50 {
            house.say(&ann, &text);
        }
        house.quirks.down_max = 10;
        let joe = house.connect();
        joe.stall();
        house.send(&joe, "USERNAME joe\nJOIN den\n");
        assert!(charge(house) > 50_000, "all of it is owed");
        house.say(&ann, "welcome");
        assert_eq!(joe.end(), End::Open);
        joe.resume();
        house.settle();
        let said = |text: &str| format!("ROOM den ann {text}\r\n");
        let begin = "OK Welcome, joe!\r\nOK Joined den (1 users)\r\nJOIN den ann\r\n";
        assert!(joe.heard() == format!("{begin}{}{}", said(&text).repeat(50), said("welcome")));
    });
}

/// [common/flow-6] [common/eos-5] [common/eos-6]
#[test]
fn a_reset_of_a_client_that_is_held_for_its_answers_is_a_departure_at_once() {
    in_each_of(&ALL, |house| {
        let [ann] = house.members(["ann"]);
        let joe = deaf(house, 1_000, true);
        ann.heard();
        house.send(&joe, &mistake(house.speech).0.repeat(3_000));
        assert!(charge(house) > HIGH_WATER_BYTES, "it is held");
        joe.reset(true);
        house.settle();
        assert_eq!(ann.heard().into_bytes(), house.speech.left("joe"));
        assert_eq!((charge(house), house.service.connections()), (0, 1));
    });
}

/// [common/flow-6] [common/eos-3] [common/eos-4]
#[test]
fn the_end_of_a_held_clients_stream_comes_after_its_answers() {
    in_each_of(&ALL, |house| {
        let [ann] = house.members(["ann"]);
        let joe = deaf(house, 1_000, true);
        ann.heard();
        let (line, [_, answer]) = mistake(house.speech);
        house.send(&joe, &line.repeat(3_000));
        joe.half_close();
        house.settle();
        assert_eq!(ann.heard(), "", "it is held, and its lines come first");
        joe.resume();
        house.settle();
        assert!(joe.heard() == answer.repeat(3_000));
        assert_eq!(joe.end(), End::Closed);
        assert_eq!(ann.heard().into_bytes(), house.speech.left("joe"));
    });
}

/// [common/shutdown-2] [common/shutdown-1] [common/reply-2]
#[test]
fn a_stop_flushes_the_answers_of_a_held_client_and_takes_no_more_of_its_lines() {
    in_each_of(&ALL, |house| {
        let joe = deaf(house, 1_000, true);
        let (line, [_, answer]) = mistake(house.speech);
        house.send(&joe, &line.repeat(3_000));
        house.stop_accepting();
        house.service.shutdown();
        joe.resume();
        house.settle();
        let heard = joe.heard();
        let answered = heard.len() / answer.len();
        assert!(heard == answer.repeat(answered), "whole answers");
        assert!((HIGH_WATER_BYTES / (answer.len() + ENTRY_BYTES)..1_000).contains(&answered));
        assert_eq!(joe.end(), End::HalfClosed, "the rest of its lines is discarded");
        joe.half_close();
        house.settle();
        assert_eq!(joe.end(), End::Closed);
        house.assert_empty();
    });
}
