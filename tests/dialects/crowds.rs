//! Many clients at once, in every dialect.
//!
//! Goal: a room has one order for everybody, and nothing comes between the lines of an answer.
//! Method: threads that race; whole transcripts are compared. Limits: the races that a few threads
//! and the scheduler happen to make.

use super::common::Room;
use crate::process::{Chat, Daemon};
use crate::speech::{ALL, CHANNELS};
use std::thread;

const USERS: [&str; 6] = ["u0", "u1", "u2", "u3", "u4", "u5"];

/// Everyone is sent the lines in one order, each sender's in its own; in simple, without its own.
///
/// [common/order-1] [simple/send-1] [simple/send-2] [login/msg-1] [lobby/text-1] [channels/msg-1]
#[test]
fn racing_senders_are_heard_in_one_order_by_all() {
    const LINES_EACH: usize = 40;
    for speech in ALL {
        let mut room = Room::of(speech, &["ann"]);
        for user in USERS {
            room.enter(user);
        }
        let talk = |user: &'static str, mut chat: Chat| {
            for number in 0..LINES_EACH {
                chat.send(speech.say(number.to_string()));
            }
            let heard = USERS.len() - usize::from(!speech.echoes);
            let heard: Vec<_> = (0..LINES_EACH * heard).map(|_| chat.line() + "\n").collect();
            (user, heard)
        };
        let members = USERS.map(|user| (user, room.take(user)));
        let histories: Vec<_> = thread::scope(|scope| {
            let spawn = |(user, chat)| scope.spawn(move || talk(user, chat));
            members.map(spawn).into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let order: Vec<String> =
            (0..LINES_EACH * USERS.len()).map(|_| room.chat("ann").line() + "\n").collect();
        for (user, heard) in histories {
            let own: Vec<String> = (0..LINES_EACH)
                .map(|n| String::from_utf8(speech.said(user, n.to_string())).unwrap())
                .collect();
            let (mine, others): (Vec<String>, Vec<String>) =
                order.iter().cloned().partition(|line| own.contains(line));
            assert_eq!(mine, own, "{}: {user}'s lines in its order", speech.dialect);
            assert_eq!(heard, if speech.echoes { order.clone() } else { others }, "{user}");
        }
    }
}

/// While one talks without a pause, others come in: the answer to each is one block, and every
/// message reaches it once, replayed or live, with none missing in between.
///
/// [channels/join-4] [channels/history-1] [common/reply-1] [common/order-1]
#[test]
fn a_join_among_messages_is_one_block_and_misses_and_repeats_nothing() {
    const LINES: usize = 1_000;
    let mut room = Room::of(&CHANNELS, &["ann", "bob", "cat"]);
    let (mut ann, address) = (room.take("ann"), room.daemon.address());
    let come = |number: usize| {
        let mut chat = Chat::connect(address);
        chat.ask(format!("USERNAME j{number}\n"), format!("OK Welcome, j{number}!\r\n"));
        chat.send("JOIN den\n");
        let first = chat.line();
        let count = first.strip_prefix("OK Joined den (").and_then(|rest| rest.split(' ').next());
        let count: usize = count.and_then(|count| count.parse().ok()).expect("a count");
        for _ in 0..count {
            assert!(chat.line().starts_with("JOIN den "), "the members come first, uninterrupted");
        }
        let last = format!("ROOM den ann {}\r", LINES - 1);
        let mut lines = chat.lines_before(&last);
        lines.push(last);
        let said = lines.iter().filter_map(|line| line.strip_prefix("ROOM den ann "));
        let said: Vec<usize> = said.map(|text| text.trim_end().parse().unwrap()).collect();
        assert_eq!(said, (said[0]..LINES).collect::<Vec<_>>(), "each once, in order, none missing");
    };
    thread::scope(|scope| {
        let comers: Vec<_> = (0..8).map(|number| scope.spawn(move || come(number))).collect();
        for number in 0..LINES {
            ann.send(format!("MSG {number}\n"));
            let own = format!("ROOM den ann {number}\r");
            while ann.line() != own {}
        }
        for comer in comers {
            comer.join().unwrap();
        }
    });
}

/// [common/reply-1] [login/who-1]
#[test]
fn nothing_comes_between_the_lines_of_an_answer() {
    let daemon = Daemon::serving(&["login"], &[]);
    let mut chats: Vec<Chat> = USERS
        .iter()
        .map(|user| {
            let mut chat = Chat::connect(daemon.address());
            chat.ask(format!("LOGIN {user}\n"), "OK\n");
            chat
        })
        .collect();
    let mut asker = chats.pop().unwrap();
    let block = USERS.map(|user| ["USER ", user, "\n"].concat()).concat();
    thread::scope(|scope| {
        let noise = |mut chat: Chat| {
            for _ in 0..200 {
                chat.send("MSG noise\n");
            }
            chat // which stays while the handle of its thread does
        };
        let _noisy: Vec<_> =
            chats.into_iter().map(|chat| scope.spawn(move || noise(chat))).collect();
        for _ in 0..200 {
            asker.send("WHO\n");
            while asker.line() != "USER u0" {}
            asker.expect(block.strip_prefix("USER u0\n").unwrap());
        }
    });
}

/// [common/eos-5] [common/limit-3] [rooms/daemon-5] [channels/room-3]
#[test]
fn two_hundred_come_and_go_at_once_and_leave_nothing_behind() {
    for speech in ALL {
        let mut room = Room::of(speech, &["ann"]);
        let before = room.daemon.descriptors();
        let address = room.daemon.address();
        thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    for number in 0..50 {
                        let mut chat = Chat::connect(address);
                        chat.send(speech.enter(&format!("u{thread}-{number}")));
                        match number % 3 {
                            0 => chat.reset(),
                            1 => drop(chat.leave()),
                            _ => drop(chat),
                        }
                    }
                });
            }
        });
        let Room { daemon, .. } = &room;
        let pace = || {
            let mut pace = Chat::connect(daemon.address());
            pace.send("x");
            pace.leave();
        };
        pace(); // let in after all of them
        daemon.settle(before, pace);
        // Everyone who came has gone, as often as it came.
        let ann = room.chat("ann");
        ann.send(speech.say("end"));
        ann.send(speech.say("x".repeat(20_000)));
        let heard = String::from_utf8(room.take("ann").rest()).unwrap();
        let count = |part: &str| heard.lines().filter(|line| line.contains(part)).count();
        let (come, gone) = match speech.dialect {
            "rooms" => ("has joined", "has left"),
            "simple" => ("JOINED ", "LEFT "),
            "channels" => ("JOIN den ", "LEAVE den "),
            _ => continue,
        };
        assert_eq!(count(come), count(gone), "{}", speech.dialect);
    }
}
