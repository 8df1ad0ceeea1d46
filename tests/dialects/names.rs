//! Names.
//!
//! Goal: in every dialect exactly the names of the specification can be had, each by one client
//! where names are unique, and again by whoever has read that it is free. Method: names at the
//! limit and beyond it; a name that passes from hand to hand. Limits: two clients that ask at the
//! same moment do so by chance.

use super::common::Room;
use crate::process::{Chat, Daemon};
use crate::speech::{ALL, CHANNELS, LOBBY, LOGIN, SIMPLE, Speech};
use std::thread;

/// [common/name-1] [rooms/join-4] [lobby/name-2] [simple/join-2] [login/login-2] [channels/name-2]
#[test]
fn names_up_to_the_limit_are_had_and_longer_ones_refused() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann"]);
        let longest = "x".repeat(speech.name_bytes_max);
        for name in ["~", "!\"#", "JOIN", &longest] {
            room.enter(name);
            room.say(name, "hi");
            assert_eq!(room.take(name).leave(), b"");
            room.hears_of_the_end_of(name);
        }
        let too_long = "x".repeat(speech.name_bytes_max + 1);
        for name in [&too_long, "a b", "\u{e9}", "a\u{7f}", "a\0", "\t"] {
            let mut chat = room.connect();
            let (answer, goes_on) = speech.invalid;
            chat.send(speech.enter(name));
            chat.expect(answer);
            if !goes_on {
                chat.expect_end();
            }
        }
        room.expect_quiet();
    }
}

/// [common/name-2] [common/unique-1]
#[test]
fn names_that_differ_in_case_are_two_names() {
    for speech in ALL {
        let mut room = Room::of(speech, &["joe", "Joe"]);
        room.say("Joe", "hi");
        room.say("joe", "hi");
    }
}

const UNIQUE: [&Speech; 3] = [&SIMPLE, &LOGIN, &CHANNELS];

/// [common/unique-1] [simple/join-4] [login/login-5] [channels/name-4]
#[test]
fn a_taken_name_is_refused_and_another_may_be_asked_for() {
    for speech in UNIQUE {
        let mut room = Room::of(speech, &["ann"]);
        for _ in 0..3 {
            let mut chat = room.connect();
            let line = speech.claim("ann");
            chat.ask(line, speech.taken);
            room.enter_as(chat, "joe");
            assert_eq!(room.take("joe").leave(), b"");
            room.hears_of_the_end_of("joe");
        }
        room.expect_quiet();
    }
}

/// However its owner goes, the name is free for who hears of it.
///
/// [common/unique-2] [simple/leave-2] [common/eos-6]
#[test]
fn a_name_is_free_once_the_departure_of_its_owner_is_read() {
    for speech in UNIQUE {
        let mut room = Room::of(speech, &["ann"]);
        let mut lingering = Vec::new();
        for round in 0..60 {
            room.enter("joe");
            let mut joe = room.take("joe");
            match round % 4 {
                0 => joe.finish(),
                1 => drop(joe),
                2 => joe.reset(),
                _ => {
                    joe.send("x".repeat(20_000));
                    lingering.push(joe); // the server waits for its end, and not with its name
                }
            }
            room.hears_of_the_end_of("joe");
        }
        room.expect_quiet();
    }
}

/// [common/unique-2] [simple/leave-1] [channels/quit-1] [common/close-2]
#[test]
fn a_name_is_free_once_its_owner_has_read_its_own_farewell() {
    let farewells = [
        (&SIMPLE, "LEAVE\n".to_owned(), "OK\n"),
        (&CHANNELS, "QUIT\n".to_owned(), "OK Goodbye!\r\n"),
        (&SIMPLE, "x".repeat(20_000), SIMPLE.too_long),
        (&LOGIN, "x".repeat(20_000), LOGIN.too_long),
        (&CHANNELS, "x".repeat(20_000), CHANNELS.too_long),
    ];
    for (speech, line, farewell) in farewells {
        let mut room = Room::of(speech, &["ann"]);
        for _ in 0..20 {
            room.enter("joe");
            let mut joe = room.take("joe");
            joe.ask(&line, farewell);
            room.hears_of_the_end_of("joe"); // before the next one comes
        }
        let mut first = room.connect();
        first.ask(speech.enter("joe"), room.entered("joe"));
        for _ in 0..20 {
            first.ask(&line, farewell);
            let mut next = room.connect();
            next.ask(speech.enter("joe"), room.entered("joe")); // at once, whatever ann has read
            first = next;
        }
    }
}

/// Thirty ask at once; one has it. [common/unique-1]
#[test]
fn of_many_that_race_for_a_name_one_gets_it() {
    for speech in UNIQUE {
        let daemon = Daemon::serving(&[speech.dialect], &[]);
        let line = speech.claim("joe");
        let mut chats: Vec<Chat> = (0..30).map(|_| Chat::connect(daemon.address())).collect();
        let answers: Vec<String> = thread::scope(|scope| {
            let line = &line;
            let ask = move |chat: &mut Chat| {
                chat.send(line);
                chat.line() + "\n"
            };
            let threads: Vec<_> =
                chats.iter_mut().map(|chat| scope.spawn(move || ask(chat))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let refused = answers.iter().filter(|answer| *answer == speech.taken).count();
        assert_eq!(refused, 29, "{}: {answers:?}", speech.dialect);
    }
}

/// A lobby, like rooms, lets two share a name. [lobby/name-4] [rooms/room-3]
#[test]
fn where_names_are_not_unique_two_of_one_name_both_hear_everything() {
    let mut room = Room::of(&LOBBY, &["joe"]);
    let mut twin = room.connect();
    twin.send("joe\nfrom the twin\n");
    twin.expect("joe:from the twin\n");
    room.all_hear(b"joe:from the twin\n");
    room.say("joe", "from joe");
    twin.expect("joe:from joe\n");
    assert_eq!(twin.leave(), b"");
    room.expect_quiet();
}
