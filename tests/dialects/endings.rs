//! How connections end, in every dialect.
//!
//! Goal: a departure, however it comes about, is told once to everyone else and not to who departs,
//! and pending output arrives. Method: clients that half-close, break off and say goodbye beside
//! members that stay. Limits: loopback; a peer that vanishes without a word is had elsewhere.

use super::common::Room;
use crate::process::Chat;
use crate::speech::{ALL, CHANNELS, LOBBY, LOGIN, SIMPLE};

/// [common/eos-1] [common/eos-2] [common/eos-3] [common/eos-6] [login/leave-1] [channels/leave-2]
/// [simple/leave-3]
#[test]
fn a_piped_session_prints_its_pending_output_and_its_half_line_is_dropped() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann"]);
        let mut chat = room.connect();
        chat.send([speech.enter("joe"), speech.say("hello"), b"half".to_vec()].concat());
        let wanted = [room.entered("joe"), speech.echo("joe", "hello")].concat();
        assert_eq!(chat.leave(), wanted, "{}", speech.dialect);
        room.all_hear(&speech.joined("joe"));
        room.all_hear(&speech.said("joe", "hello"));
        room.hears_of_the_end_of("joe");
        if speech.dialect != CHANNELS.dialect {
            room.expect_quiet();
        }
    }
}

/// [common/eos-3] [common/eos-4] [common/order-1]
#[test]
fn five_hundred_lines_before_the_end_are_all_delivered() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "joe"]);
        let texts: Vec<String> = (0..500).map(|number| format!("line {number}")).collect();
        let mut joe = room.take("joe");
        joe.send(texts.iter().flat_map(|text| speech.say(text)).collect::<Vec<_>>());
        let echo: Vec<u8> = texts.iter().flat_map(|text| speech.echo("joe", text)).collect();
        assert!(joe.leave() == echo, "{}", speech.dialect);
        for text in &texts {
            room.all_hear(&speech.said("joe", text));
        }
        room.hears_of_the_end_of("joe");
        room.chat("ann").expect_silence();
    }
}

/// [common/eos-5] [common/eos-6] [simple/leave-2]
#[test]
fn a_reset_is_told_once_also_in_the_middle_of_a_line() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "idle", "busy"]);
        let before = room.daemon.descriptors();
        room.take("idle").reset();
        room.hears_of_the_end_of("idle");
        room.chat("busy").send("half a li");
        room.say("ann", "fence");
        room.take("busy").reset();
        room.hears_of_the_end_of("busy");
        let Room { daemon, .. } = &room;
        let mut pace = Chat::connect(daemon.address());
        let claim = speech.claim("pace");
        // Where no answer comes its end is the pace.
        daemon.settle(before - 1, || {
            if speech.dialect == SIMPLE.dialect {
                pace.ask("?\n", "ERROR unknown-command\n");
            } else {
                let mut other = Chat::connect(daemon.address());
                other.send(&claim[..1]);
                other.leave();
            }
        });
        room.expect_quiet();
    }
}

/// Five members go one after the other, each in another way.
///
/// [common/eos-6] [common/close-2] [rooms/leave-1]
#[test]
fn a_departure_is_told_once_to_each_other_member() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann", "a", "b", "c", "d", "e"]);
        for (user, line) in [("a", ""), ("b", "half"), ("c", "x")] {
            room.chat(user).send(line);
            assert_eq!(room.take(user).leave(), b"", "{user}");
            room.hears_of_the_end_of(user);
        }
        let mut d = room.take("d");
        d.send("x".repeat(20_000));
        d.expect(speech.too_long);
        d.expect_end();
        room.hears_of_the_end_of("d");
        room.take("e").reset();
        room.hears_of_the_end_of("e");
        room.expect_quiet();
    }
}

/// The client sends all of it before it reads anything: only a server that reads on lets it finish,
/// and only an orderly close lets it read its last line.
///
/// [common/close-1] [common/close-2] [simple/leave-1] [channels/quit-1]
#[test]
fn the_last_line_arrives_although_most_of_a_mebibyte_comes_behind_it() {
    let ends = [
        (&SIMPLE, "LEAVE\n".to_owned(), "OK\n"),
        (&CHANNELS, "QUIT\n".to_owned(), "OK Goodbye!\r\n"),
        (&SIMPLE, "x".repeat(20_000), SIMPLE.too_long),
        (&LOGIN, "x".repeat(20_000), LOGIN.too_long),
        (&CHANNELS, "x".repeat(20_000), CHANNELS.too_long),
        (&LOBBY, "x".repeat(20_000), ""),
    ];
    for (speech, line, farewell) in ends {
        let mut room = Room::of(speech, &["ann", "joe"]);
        let garbage = [speech.enter("ghost"), speech.say("boo"), b"WHO\nQUIT\n".to_vec()].concat();
        let behind = garbage.repeat(900_000 / garbage.len());
        let mut joe = room.take("joe");
        joe.send([line.as_bytes(), &behind].concat());
        joe.expect(farewell);
        joe.expect_end();
        joe.expect_no_reset();
        room.hears_of_the_end_of("joe");
        room.expect_quiet();
    }
}

/// More is pending for the client than the kernels can hold when it ends its stream, and reads it
/// only when the others have heard it leave; in simple, what another has said.
///
/// [common/eos-4] [common/eos-3]
#[test]
fn pending_output_is_flushed_after_the_end_of_the_stream() {
    for speech in ALL {
        let mut room = Room::with(speech, &["--outbox-bytes-max", "0", "--drain-timeout", "0"]);
        let speaker = if speech.echoes { "joe" } else { "ann" };
        room.enter("ann");
        let chat = Chat::connect_keeping(64 * 1024, room.daemon.address());
        room.enter_as(chat, "joe");
        let mut joe = room.take("joe");
        let text = "x".repeat(19_000);
        for _ in 0..450 {
            let line = speech.say(&text);
            if speaker == "joe" {
                joe.send(line);
            } else {
                room.chat("ann").send(line);
            }
            if speech.echoes {
                room.all_hear(&speech.said(speaker, &text));
            } else {
                room.chat("ann").ask("SEND\n", "ERROR empty-message\n");
            }
        }
        joe.finish();
        room.hears_of_the_end_of("joe");
        joe.expect(speech.said(speaker, &text).repeat(450));
        joe.expect_end();
    }
}
