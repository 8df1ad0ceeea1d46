//! The channels dialect: its document's examples, commands and errors.
//!
//! Goal: sections 3.5, 5.6, 6.2 and 6.3 of the channels document to the letter, and every command
//! and error of `spec/channels.md`. Method: whole conversations and tables of lines. Limits: moves
//! between rooms and the history have their own files.

use super::talk::Talk;
use crate::process::{Chat, Daemon};
use std::thread;

/// Section 3.5: both terminals. The remark after `JOIN #general alice` in the document is no part
/// of it.
///
/// [channels/name-1] [channels/join-1] [channels/join-4] [channels/join-5] [channels/join-6]
/// [channels/msg-2] [channels/msg-5] [channels/history-1] [channels/tell-1] [channels/tell-2]
/// [channels/list-1] [channels/list-2] [channels/leave-1] [channels/leave-2] [channels/quit-1]
/// [channels/line-1]
#[test]
fn the_example_of_the_document_is_served_byte_for_byte() {
    let mut talk = Talk::new("channels");
    talk.play(&["alice> USERNAME alice", "alice< OK Welcome, alice!"]);
    talk.play(&["alice> JOIN #general", "alice< OK Joined #general (0 users)"]);
    talk.play(&["alice> Hello everyone!", "alice< ROOM #general alice Hello everyone!"]);

    talk.play(&["bob> USERNAME bob", "bob< OK Welcome, bob!"]);
    talk.play_steps(&["bob> JOIN #general", "bob< OK Joined #general (1 users)"]);
    talk.play_steps(&["bob< JOIN #general alice", "bob< ROOM #general alice Hello everyone!"]);
    talk.play_steps(&["bob> Hi alice!", "bob< ROOM #general bob Hi alice!"]);

    talk.play(&["alice< JOIN #general bob", "alice< ROOM #general bob Hi alice!"]);
    talk.play_steps(&["alice> PRIVMSG bob Hey, private message!", "alice< OK Sent"]);
    talk.play(&["bob< PRIVMSG alice Hey, private message!"]);
    talk.play(&["alice> USERS", "alice< USERLIST alice bob"]);
    talk.play(&["alice> ROOMS", "alice< ROOMLIST #general"]);
    talk.play(&["alice> LEAVE", "alice< OK Left #general", "bob< LEAVE #general alice"]);
    talk.play(&["alice> QUIT", "alice< OK Goodbye!", "alice|"]);
}

/// Section 5.6: each queued line of the trace, and for alice the order in which the trace queues
/// them.
///
/// [channels/line-1] [channels/join-5] [channels/join-6] [channels/msg-1] [common/framing-2]
#[test]
fn the_trace_of_the_document_is_served_byte_for_byte() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut alice = Chat::connect(daemon.address());
    alice.ask("USERNAME alice\r\n", "OK Welcome, alice!\r\n");
    alice.ask("JOIN #general\r\n", "OK Joined #general (0 users)\r\n");
    let mut bob = Chat::connect(daemon.address());
    bob.ask("USERNAME bob\r\n", "OK Welcome, bob!\r\n");
    bob.ask("JOIN #general\r\n", "OK Joined #general (1 users)\r\nJOIN #general alice\r\n");
    alice.expect("JOIN #general bob\r\n");
    alice.ask("MSG Hello\r\n", "ROOM #general alice Hello\r\n");
    bob.expect("ROOM #general alice Hello\r\n");
    assert_eq!(alice.leave(), b"");
    bob.expect("LEAVE #general alice\r\n");
    assert_eq!(bob.leave(), b"");
}

/// Section 6.2, the first script, and what it prints if its input ends there instead.
///
/// [channels/quit-1] [common/eos-2] [common/eos-3] [common/close-2]
#[test]
fn the_documents_netcat_session_prints_all_its_answers() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let answers = "OK Welcome, alice!\r\nOK Joined #test (0 users)\r\nROOM #test alice Hello\r\n";
    for (last, farewell) in [("QUIT\n", "OK Goodbye!\r\n"), ("", ""), ("QUI", "")] {
        let mut alice = Chat::connect(daemon.address());
        alice.send(format!("USERNAME alice\nJOIN #test\nMSG Hello\n{last}"));
        assert_eq!(String::from_utf8(alice.leave()).unwrap(), format!("{answers}{farewell}"));
    }
}

/// Section 6.2, the second script: ten at once. Each says goodbye when it has heard all ten, which
/// is what the document's pause is for.
///
/// [channels/msg-1] [channels/history-1] [channels/quit-1] [common/order-1] [channels/room-2]
#[test]
fn ten_netcats_at_once_lose_no_message_and_leave_nothing_behind() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut observer = Chat::connect(daemon.address());
    observer.ask("USERNAME observer\n", "OK Welcome, observer!\r\n");
    let before = daemon.descriptors();
    let address = daemon.address();
    let session = |number: usize| {
        let mut chat = Chat::connect(address);
        chat.send(format!("USERNAME user{number}\nJOIN #stress\nMSG Message from user{number}\n"));
        let mut heard = Vec::new();
        while heard.iter().filter(|line: &&String| line.starts_with("ROOM #stress")).count() < 10 {
            heard.push(chat.line());
        }
        chat.send("QUIT\n");
        let rest = String::from_utf8(chat.leave()).unwrap();
        assert!(rest.ends_with("OK Goodbye!\r\n"), "user{number}: {rest:?}");
        heard.retain(|line| line.starts_with("ROOM #stress"));
        heard
    };
    let heard: Vec<Vec<String>> = thread::scope(|scope| {
        let clients: Vec<_> = (1..=10).map(|number| scope.spawn(move || session(number))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let mut order = heard[0].clone();
    assert!(heard.iter().all(|messages| *messages == order), "one order for all: {heard:?}");
    order.sort();
    let mut wanted: Vec<String> =
        (1..=10).map(|n| format!("ROOM #stress user{n} Message from user{n}\r")).collect();
    wanted.sort();
    assert_eq!(order, wanted);
    daemon.settle(before, || observer.ask("/?\n", "ERROR Unknown command\r\n"));
    observer.ask("ROOMS\n", "ROOMLIST\r\n");
}

/// Section 6.3, a row each. The last, rapid connects, is in the tests common to all dialects too.
///
/// [channels/name-4] [channels/join-1] [channels/msg-4] [channels/tell-3] [channels/error-1]
/// [common/framing-3]
#[test]
fn the_documents_edge_cases_behave_as_its_table_says() {
    let mut talk = Talk::new("channels");
    talk.play(&["ann> USERNAME ann", "ann< OK Welcome, ann!"]);
    let before = talk.daemon.descriptors();
    talk.play(&["joe> USERNAME ann", "joe< ERROR Username taken"]);
    talk.play(&["joe> USERNAME joe", "joe< OK Welcome, joe!"]);
    talk.play(&["joe> MSG hello", "joe< ERROR Not in a room"]);
    talk.play(&["joe> JOIN #new", "joe< OK Joined #new (0 users)"]);
    talk.play(&["joe> PRIVMSG offline hello", "joe< ERROR User not found"]);
    talk.chat("joe").ask(b"MSG \0\x01\xff\xfe\n", b"ROOM #new joe \0\x01\xff\xfe\r\n");
    talk.play_steps(&["ann> JOIN #new", "ann< OK Joined #new (1 users)", "ann< JOIN #new joe"]);
    talk.chat("ann").expect(b"ROOM #new joe \0\x01\xff\xfe\r\n");
    talk.chat("joe").expect("JOIN #new ann\r\n");
    talk.chat("joe").ask(format!("MSG {}\n", "x".repeat(20_000)), "ERROR Line too long\r\n");
    talk.play(&["joe|", "ann< LEAVE #new joe"]);
    for _ in 0..200 {
        let mut chat = Chat::connect(talk.daemon.address());
        chat.send("USERNAME x\nJOIN #x\n");
        chat.reset();
    }
    let Talk { daemon, .. } = &talk;
    let mut last = Chat::connect(daemon.address());
    last.ask("/?\n", "ERROR Unknown command\r\n"); // it was let in after all of them
    daemon.settle(before + 1, || last.ask("/?\n", "ERROR Unknown command\r\n"));
    last.leave();
    talk.play(&["ann> ROOMS", "ann< ROOMLIST #new"]);
}

/// [channels/name-3] [channels/name-6] [channels/line-2] [channels/line-4] [channels/line-5]
/// [channels/error-4]
/// [channels/name-7] [channels/quit-1] [common/line-1]
#[test]
fn before_a_name_nothing_else_works_and_no_client_is_disconnected() {
    let long = format!("USERNAME {}", "x".repeat(32));
    let answers = [
        ("hello", "Username required"),
        ("", "Username required"),
        ("MSG hi", "Username required"),
        ("JOIN #general", "Username required"),
        ("/join #general", "Username required"),
        ("JOIN", "Username required"),
        ("LEAVE", "Username required"),
        ("PRIVMSG ann hi", "Username required"),
        ("ROOMS", "Username required"),
        ("USERS", "Username required"),
        ("username joe", "Username required"),
        (" USERNAME joe", "Username required"),
        ("QUIT now", "Username required"),
        ("quit", "Username required"),
        ("/username joe", "Unknown command"),
        ("/quit now", "Unknown command"),
        ("/", "Unknown command"),
        ("USERNAME", "Invalid username"),
        ("USERNAME ", "Invalid username"),
        ("USERNAME  joe", "Invalid username"),
        ("USERNAME joe ", "Invalid username"),
        ("USERNAME ann b", "Invalid username"), // before Username taken
        ("USERNAME jos\u{e9}", "Invalid username"),
        (&long, "Invalid username"),
        ("USERNAME ann", "Username taken"),
    ];
    let mut talk = Talk::new("channels");
    talk.play(&["ann> USERNAME ann", "ann< OK Welcome, ann!"]);
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERROR {reason}\r\n"));
    }
    talk.play(&["joe> USERNAME Ann", "joe< OK Welcome, Ann!"]); // another name
    talk.play(&["mute> QUIT", "mute< OK Goodbye!", "mute|"]);
    talk.play(&["mute> /quit ", "mute< OK Goodbye!", "mute|"]);
}

/// [channels/name-5] [channels/msg-4] [channels/msg-6] [channels/join-3] [channels/tell-3]
/// [channels/tell-4]
/// [channels/tell-5] [channels/error-2] [channels/error-4] [channels/line-4] [common/tell-4]
#[test]
fn outside_a_room_each_mistake_has_its_answer_and_no_other_effect() {
    let long = format!("JOIN {}", "x".repeat(32));
    let answers = [
        ("USERNAME joe", "Already named"),
        ("USERNAME ann", "Already named"), // before Username taken
        ("USERNAME a b", "Already named"), // before Invalid username
        ("USERNAME", "Already named"),
        ("hello", "Not in a room"),
        ("", "Not in a room"), // before Empty message
        ("MSG", "Not in a room"),
        ("MSG hi", "Not in a room"),
        ("LEAVE", "Not in a room"),
        ("/leave", "Not in a room"),
        ("LEAVE now", "Not in a room"),
        ("USERS", "Not in a room"),
        ("ROOMS all", "Not in a room"),
        ("join #general", "Not in a room"),
        ("/leave now", "Unknown command"),
        ("/JOIN #general", "Unknown command"),
        ("JOIN", "Invalid room"),
        ("/join", "Invalid room"),
        ("JOIN ", "Invalid room"),
        ("JOIN #a #b", "Invalid room"),
        ("JOIN #a ", "Invalid room"),
        ("JOIN #\u{7f}", "Invalid room"),
        (&long, "Invalid room"),
        ("PRIVMSG", "User not found"),
        ("/msg", "User not found"),
        ("PRIVMSG nobody", "User not found"), // before Empty message
        ("PRIVMSG nobody hi", "User not found"),
        ("PRIVMSG ANN hi", "User not found"),
        ("PRIVMSG  ann hi", "User not found"),
        ("PRIVMSG ann", "Empty message"),
        ("/msg ann ", "Empty message"),
        ("PRIVMSG joe", "Empty message"),
    ];
    let mut talk = Talk::new("channels");
    talk.play(&["ann> USERNAME ann", "ann< OK Welcome, ann!"]);
    talk.play(&["joe> USERNAME joe", "joe< OK Welcome, joe!"]);
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERROR {reason}\r\n"));
    }
    talk.play(&["joe> ROOMS", "joe< ROOMLIST"]); // nothing of it made a room
}

/// [channels/msg-3] [channels/join-3] [channels/join-7] [channels/name-5] [channels/error-2]
/// [channels/line-4]
#[test]
fn in_a_room_each_mistake_is_answered_to_its_client_alone() {
    let answers = [
        ("USERNAME ann", "Already named"),
        ("", "Empty message"),
        ("MSG", "Empty message"),
        ("MSG ", "Empty message"),
        ("JOIN", "Invalid room"),
        ("/join #a b", "Invalid room"),
        ("JOIN #general", "Already in #general"),
        ("/join #general", "Already in #general"),
        ("/nick joe", "Unknown command"),
        ("/", "Unknown command"),
        ("/MSG ann hi", "Unknown command"),
        ("/leave now", "Unknown command"),
        ("/rooms now", "Unknown command"),
        ("/users now", "Unknown command"),
        ("/quit now", "Unknown command"),
        ("/joinx", "Unknown command"),
        ("PRIVMSG nobody hi", "User not found"),
        ("/msg ann", "Empty message"),
    ];
    let mut talk = in_general();
    for (line, reason) in answers {
        talk.chat("joe").ask(format!("{line}\n"), format!("ERROR {reason}\r\n"));
    }
    talk.play(&["joe> USERS", "joe< USERLIST ann joe"]);
}

/// [channels/join-2] [channels/join-8] [channels/join-1] [common/name-1] [common/name-2]
#[test]
fn rooms_have_names_of_1_to_31_characters_with_or_without_a_hash() {
    let mut talk = Talk::new("channels");
    talk.play(&["joe> USERNAME joe", "joe< OK Welcome, joe!"]);
    let longest = "x".repeat(31);
    for room in ["#", "a", "A", "#general", "general", "/join", "(0", &longest] {
        talk.play(&[&format!("joe> JOIN {room}"), &format!("joe< OK Joined {room} (0 users)")]);
        talk.play(&["joe> ROOMS", &format!("joe< ROOMLIST {room}")]);
        talk.play(&["joe> hi", &format!("joe< ROOM {room} joe hi")]);
    }
    talk.play(&[&format!("joe> JOIN {longest}x"), "joe< ERROR Invalid room"]);
}

/// Two members of `#general`, ann first.
fn in_general() -> Talk {
    let mut talk = Talk::new("channels");
    talk.play(&["ann> USERNAME ann", "ann< OK Welcome, ann!"]);
    talk.play(&["ann> /join #general", "ann< OK Joined #general (0 users)"]);
    talk.play(&["joe> USERNAME joe", "joe< OK Welcome, joe!"]);
    talk.play_steps(&["joe> JOIN #general", "joe< OK Joined #general (1 users)"]);
    talk.play(&["joe< JOIN #general ann", "ann< JOIN #general joe"]);
    talk
}

/// [channels/msg-2] [channels/msg-1] [channels/line-2] [common/line-1]
#[test]
fn every_other_line_in_a_room_is_a_message_as_it_stands() {
    let mut talk = in_general();
    let lines = [
        ("Hello everyone!", "Hello everyone!"),
        ("MSG Hello", "Hello"),
        ("MSG  two ", " two "),
        (" MSG hi", " MSG hi"),
        (" ", " "),
        ("msg hi", "msg hi"),
        ("Join us", "Join us"),
        ("LEAVE me alone", "LEAVE me alone"),
        ("QUIT it", "QUIT it"),
        ("ROOMS  ", "ROOMS  "),
        ("USERS?", "USERS?"),
        ("USERS of it", "USERS of it"),
        (" /quit", " /quit"),
        ("quit", "quit"),
        ("OK Sent", "OK Sent"),
        ("MSGS", "MSGS"),
    ];
    for (line, text) in lines {
        talk.chat("joe").ask(format!("{line}\n"), format!("ROOM #general joe {text}\r\n"));
        talk.chat("ann").expect(format!("ROOM #general joe {text}\r\n"));
    }
    talk.expect_quiet();
}

/// [channels/line-2] [channels/line-3] [common/line-1] [common/framing-2]
#[test]
fn slash_forms_equal_their_keywords_and_an_empty_argument_is_none() {
    let mut talk = in_general();
    talk.play(&["joe> /users", "joe< USERLIST ann joe", "joe> USERS ", "joe< USERLIST ann joe"]);
    talk.play(&["joe> /rooms ", "joe< ROOMLIST #general", "joe> ROOMS ", "joe< ROOMLIST #general"]);
    talk.play(&["joe> /msg ann  psst ", "joe< OK Sent", "ann< PRIVMSG joe  psst "]);
    talk.play(&["joe> LEAVE ", "joe< OK Left #general", "ann< LEAVE #general joe"]);
    talk.play(&["ann> /leave\r", "ann< OK Left #general", "ann> /rooms", "ann< ROOMLIST"]);
    talk.play(&[
        "ann> /quit",
        "ann< OK Goodbye!",
        "ann|",
        "joe> QUIT ",
        "joe< OK Goodbye!",
        "joe|",
    ]);
}

/// [channels/tell-1] [channels/tell-2] [channels/tell-5] [channels/room-1] [common/tell-1]
#[test]
fn private_messages_cross_rooms_and_reach_their_target_alone() {
    let mut talk = in_general();
    talk.play(&["bob> USERNAME bob", "bob< OK Welcome, bob!"]); // in no room
    talk.play(&["ann> PRIVMSG bob hi", "ann< OK Sent", "bob< PRIVMSG ann hi"]);
    talk.play(&["bob> PRIVMSG joe yes?", "bob< OK Sent", "joe< PRIVMSG bob yes?"]);
    talk.play(&["joe> PRIVMSG joe note", "joe< PRIVMSG joe note", "joe< OK Sent"]);
    talk.play(&["bob> /join #other", "bob< OK Joined #other (0 users)"]);
    talk.play(&["joe> /msg bob QUIT", "joe< OK Sent", "bob< PRIVMSG joe QUIT"]);
    talk.play(&["bob.", "joe> /msg bob more", "joe< ERROR User not found"]);
}

/// [channels/list-1] [channels/list-2] [channels/list-3] [channels/room-2] [channels/tell-5]
#[test]
fn rooms_are_listed_by_their_bytes_and_users_by_their_joins() {
    let mut talk = Talk::new("channels");
    talk.play(&["z> USERNAME z", "z< OK Welcome, z!", "z> ROOMS", "z< ROOMLIST"]);
    for (name, room) in [("b", "b"), ("c", "#z"), ("d", "B"), ("e", "a"), ("f", "~"), ("g", "#a")] {
        talk.chat(name).ask(format!("USERNAME {name}\n"), format!("OK Welcome, {name}!\r\n"));
        talk.chat(name).ask(format!("JOIN {room}\n"), format!("OK Joined {room} (0 users)\r\n"));
    }
    talk.play(&["z> ROOMS", "z< ROOMLIST #a #z B a b ~"]);
    talk.play(&["e> LEAVE", "e< OK Left a", "g.", "z> ROOMS", "z< ROOMLIST #z B b ~"]);
    talk.play_steps(&["z> JOIN b", "z< OK Joined b (1 users)", "z< JOIN b b", "b< JOIN b z"]);
    talk.play_steps(&["e> JOIN b", "e< OK Joined b (2 users)", "e< JOIN b b", "e< JOIN b z"]);
    talk.play_steps(&["b< JOIN b e", "z< JOIN b e", "b> LEAVE", "b< OK Left b"]);
    talk.play_steps(&["z< LEAVE b b", "e< LEAVE b b", "b> JOIN b", "b< OK Joined b (2 users)"]);
    talk.play_steps(&["b< JOIN b z", "b< JOIN b e", "z< JOIN b b", "e< JOIN b b"]);
    talk.play(&["z> USERS", "z< USERLIST z e b", "b> USERS", "b< USERLIST z e b"]);
}

/// [channels/room-3] [channels/join-4] [channels/join-5] [channels/list-3] [common/reply-1]
#[test]
fn a_hundred_members_are_shown_in_order_of_joining_in_one_block() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let enter = |number: usize| {
        let mut chat = Chat::connect(daemon.address());
        let lines = format!("USERNAME user{number}\nJOIN #big\n");
        let welcome = format!("OK Welcome, user{number}!\r\nOK Joined #big ({number} users)\r\n");
        chat.ask(lines, welcome);
        (0..number).for_each(|member| chat.expect(format!("JOIN #big user{member}\r\n")));
        chat
    };
    let mut members: Vec<Chat> = (0..=100).map(enter).collect();
    let names: Vec<String> = (0..=100).map(|number| format!("user{number}")).collect();
    for (number, member) in members.iter_mut().enumerate() {
        for later in &names[number + 1..] {
            member.expect(format!("JOIN #big {later}\r\n"));
        }
    }
    let list = format!("USERLIST {}\r\n", names.join(" "));
    for member in &mut members {
        member.ask("USERS\n", &list);
    }
    members[0].send("MSG to all\n");
    for member in &mut members {
        member.expect("ROOM #big user0 to all\r\n");
    }
}
