//! Rooms that are kept in a store which takes its time, is full, fails, or comes back.

use super::house::LOOPBACK;
use super::shelf::{KeptHouse, Mood, Shelf};
use super::wire::Client;
use parlance_core::limits::ARCHIVE_BYTES_MAX;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A member of `#den`, who has forgotten what it was sent so far.
fn member(kept: &mut KeptHouse, name: &str) -> Client {
    let client = kept.house.knock(LOOPBACK);
    client.post(format!("USERNAME {name}\r\nJOIN #den\r\n").as_bytes());
    kept.house.settle();
    kept.perform_all();
    assert!(client.heard().contains("OK Joined #den"));
    client
}

/// [extensions/history-4] [extensions/history-3]
#[test]
fn a_joiner_waits_for_the_store_in_its_old_room_and_nobody_else_waits() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let [ann, bob] = ["ann", "bob"].map(|name| member(&mut kept, name));
    ann.heard();
    kept.house.send(&ann, "JOIN #bar\r\nhi\r\n");
    assert_eq!(ann.heard(), "", "the store has not answered");
    kept.house.send(&bob, "still here\r\nUSERS\r\n");
    let expected = "ROOM #den bob still here\r\nUSERLIST ann bob\r\n";
    assert_eq!(bob.heard(), expected);
    assert_eq!(ann.heard(), "ROOM #den bob still here\r\n");
    kept.perform_all();
    assert_eq!(ann.heard(), "OK Joined #bar (0 users)\r\nROOM #bar ann hi\r\n");
    assert_eq!(bob.heard(), "LEAVE #den ann\r\n");
}

/// [extensions/store-1] [extensions/history-4] [extensions/topic-3]
#[test]
fn lines_and_topics_outlive_room_and_server_and_private_lines_are_never_stored() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let [ann, bob] = ["ann", "bob"].map(|name| member(&mut kept, name));
    kept.house.send(&ann, "one\r\nPRIVMSG bob secret\r\n/topic tea\r\ntwo\r\n");
    kept.house.send(&bob, "three\r\nLEAVE\r\n");
    kept.house.send(&ann, "LEAVE\r\n");
    kept.perform_all();
    assert_eq!(shelf.texts(), ["one", "two", "three"]);
    assert_eq!(shelf.content().topics.len(), 1);
    drop(kept);
    let mut kept = KeptHouse::on(&shelf, false);
    let eve = kept.house.knock(LOOPBACK);
    kept.house.send(&eve, "USERNAME eve\r\nJOIN #den\r\nfour\r\n/history 2 before 4\r\n");
    kept.perform_all();
    let lines = "ROOM #den ann one\r\nROOM #den ann two\r\nROOM #den bob three\r\n";
    let joined = format!("OK Joined #den (0 users)\r\n{lines}TOPIC #den ann tea\r\n");
    let history = "OK History #den (2)\r\n\
        HISTORY 2 1970-01-01T00:00:00.000Z #den ann two\r\n\
        HISTORY 3 1970-01-01T00:00:00.000Z #den bob three\r\n";
    assert_eq!(eve.heard(), format!("OK Welcome, eve!\r\n{joined}ROOM #den eve four\r\n{history}"));
    assert_eq!(shelf.content().lines[3].1.id, 4, "numbers go on");
}

/// [extensions/history-2]
#[test]
fn a_line_has_the_time_at_which_it_was_said_however_late_it_is_stored() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let ann = member(&mut kept, "ann");
    kept.house.pass(Duration::from_secs(5));
    kept.house.send(&ann, "hi\r\n");
    kept.house.pass(Duration::from_millis(700));
    kept.perform_all();
    assert_eq!(shelf.content().lines[0].1.at, 5_000);
}

/// [extensions/store-3]
#[test]
fn lines_wait_while_too_much_is_not_stored_and_none_is_left_out() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let [ann, bob] = ["ann", "bob"].map(|name| member(&mut kept, name));
    let line = format!("{}\r\n", "x".repeat(10_000));
    let many = 3 * ARCHIVE_BYTES_MAX / line.len();
    for _ in 0..many {
        ann.post(line.as_bytes());
    }
    kept.house.settle();
    let unstored = kept.house.service.registry().unstored();
    let bound = ARCHIVE_BYTES_MAX + 64 * 1024 + 64;
    assert!((ARCHIVE_BYTES_MAX..=bound).contains(&unstored), "{unstored} bytes wait");
    assert!(shelf.texts().is_empty(), "nothing is performed yet");
    kept.house.send(&bob, "USERS\r\nmine\r\n");
    kept.house.pass(Duration::from_secs(1));
    let heard = bob.heard();
    assert!(heard.ends_with("USERLIST ann bob\r\n"), "a list needs no store, and a line does");
    kept.perform_all();
    let (stored, heard) = (shelf.texts(), heard + &bob.heard());
    assert_eq!(stored.len(), many + 1);
    assert_eq!(stored.iter().filter(|text| *text == "mine").count(), 1);
    assert_eq!(heard.matches("ROOM #den").count(), many + 1, "everybody hears what is stored");
    assert_eq!(kept.house.service.registry().unstored(), 0);
}

/// [extensions/store-4]
#[test]
fn chat_goes_on_while_the_store_is_full_and_says_that_nothing_is_kept() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let ann = member(&mut kept, "ann");
    kept.house.send(&ann, "one\r\n");
    kept.perform_all();
    assert!(!kept.has_failed.load(Ordering::Relaxed));
    shelf.content().mood = Mood::Full;
    kept.house.send(&ann, "two\r\n");
    kept.perform_all();
    assert!(kept.has_failed.load(Ordering::Relaxed), "the server is not ready");
    ann.heard();
    kept.house.send(&ann, "three\r\n/history\r\n");
    kept.perform_all();
    let expected = "ROOM #den ann three\r\n\
        OK History #den (1), history is not kept now\r\n\
        HISTORY 1 1970-01-01T00:00:00.000Z #den ann one\r\n";
    assert_eq!(ann.heard(), expected);
    assert_eq!(shelf.content().tries, 2, "it is not tried again at once");
    shelf.content().mood = Mood::Works;
    kept.house.pass(Duration::from_secs(1));
    kept.house.send(&ann, "four\r\n/history\r\n");
    kept.perform_all();
    assert!(!kept.has_failed.load(Ordering::Relaxed));
    assert_eq!(shelf.texts(), ["one", "four"]);
    assert!(ann.heard().contains("OK History #den (2)\r\n"));
    assert_eq!(kept.house.service.kept_lines(), (2, 2), "and two were lost");
}

/// [extensions/store-4] [extensions/history-2]
#[test]
fn a_store_that_cannot_be_read_keeps_nobody_out() {
    let shelf = Shelf::default();
    shelf.content().mood = Mood::Broken;
    let mut kept = KeptHouse::on(&shelf, false);
    let ann = member(&mut kept, "ann");
    kept.house.send(&ann, "/history\r\n");
    kept.perform_all();
    assert_eq!(ann.heard(), "ERROR History not available\r\n");
}

/// [extensions/store-2]
#[test]
fn a_line_that_is_stored_first_is_sent_then_and_in_the_order_of_the_store() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, true);
    let [ann, bob, cy] = ["ann", "bob", "cy"].map(|name| member(&mut kept, name));
    for client in [&ann, &bob] {
        client.heard();
    }
    kept.house.send(&ann, "one\r\n");
    kept.house.send(&bob, "two\r\n");
    kept.house.send(&cy, "three\r\n");
    assert_eq!([&ann, &bob, &cy].map(|client| client.heard()), ["", "", ""], "nothing is stored");
    let mut sent = String::new();
    for round in 0..3 {
        kept.perform(0);
        sent += &ann.heard();
        assert_eq!(sent.lines().count(), round + 1, "one line of the room at a time");
    }
    let stored: Vec<String> = shelf.texts();
    let heard: Vec<&str> = sent.lines().filter_map(|line| line.split(' ').nth(3)).collect();
    assert_eq!(heard, stored);
    assert_eq!((bob.heard(), cy.heard()), (sent.clone(), sent));
}

/// [extensions/store-2]
#[test]
fn a_client_that_departs_while_its_line_is_stored_holds_nobody() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, true);
    let [ann, bob] = ["ann", "bob"].map(|name| member(&mut kept, name));
    kept.house.send(&ann, "one\r\n");
    kept.house.send(&bob, "two\r\n");
    ann.reset(true);
    kept.house.settle();
    kept.house.pass(Duration::from_millis(500));
    kept.perform_all();
    assert_eq!(bob.heard(), "LEAVE #den ann\r\nROOM #den bob two\r\n");
    assert_eq!(shelf.texts(), ["one", "two"]);
}

/// A store that fails is no reason to be silent. [extensions/store-4] [extensions/store-2]
#[test]
fn a_line_that_cannot_be_stored_first_is_sent_all_the_same() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, true);
    let ann = member(&mut kept, "ann");
    shelf.content().mood = Mood::Broken;
    kept.house.send(&ann, "one\r\ntwo\r\n");
    kept.perform_all();
    assert_eq!(ann.heard(), "ROOM #den ann one\r\nROOM #den ann two\r\n");
}

/// [extensions/history-3]
#[test]
fn answers_come_one_step_at_a_time_and_lines_are_stored_between() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let [ann, bob] = ["ann", "bob"].map(|name| member(&mut kept, name));
    kept.house.send(&ann, "/history\r\n");
    kept.house.send(&bob, "/history\r\nhi\r\n");
    kept.perform(1);
    assert_eq!((ann.heard().len(), bob.heard()), (21 + 15, String::new()));
    kept.perform(1);
    assert_eq!(bob.heard(), "OK History #den (0)\r\nROOM #den bob hi\r\n");
    kept.perform(0);
    assert_eq!(shelf.texts(), ["hi"]);
}

/// [extensions/history-4]
#[test]
fn a_client_that_is_gone_before_the_store_answers_leaves_nothing() {
    let shelf = Shelf::default();
    let mut kept = KeptHouse::on(&shelf, false);
    let [ann, bob] = [kept.house.connect(), kept.house.connect()];
    kept.house.send(&ann, "USERNAME ann\r\nJOIN #den\r\n");
    kept.house.send(&bob, "USERNAME bob\r\nJOIN #den\r\n");
    ann.reset(true);
    kept.house.settle();
    kept.house.pass(Duration::from_millis(500));
    kept.perform_all();
    assert!(bob.heard().ends_with("OK Joined #den (0 users)\r\n"));
    kept.house.send(&bob, "/history\r\n");
    bob.reset(true);
    kept.house.pass(Duration::from_millis(500));
    kept.perform_all();
    kept.house.assert_empty();
}

/// [extensions/frame-1] [extensions/frame-2]
#[test]
fn an_extension_that_is_not_configured_is_an_unknown_command() {
    let mut plain = super::house::House::serving(
        &crate::speech::CHANNELS,
        1,
        parlance_core::limits::Limits::default(),
    );
    let ann = plain.member("#den", "ann");
    ann.heard();
    for command in ["/help", "/history", "/topic", "/topic tea"] {
        plain.send(&ann, &format!("{command}\r\n"));
        assert_eq!(ann.heard(), "ERROR Unknown command\r\n", "{command}");
    }
    let mut kept = KeptHouse::on(&Shelf::default(), false);
    let ann = member(&mut kept, "ann");
    kept.house.send(&ann, "/help\r\n/helper\r\n");
    let heard = ann.heard();
    let lines: Vec<&str> = heard.lines().collect();
    assert_eq!((lines[0], lines.len()), ("OK Help (3)", 5));
    assert!(lines[1..4].iter().all(|line| line.starts_with("HELP /") && line.contains(": ")));
    assert_eq!(lines[4], "ERROR Unknown command");
}
