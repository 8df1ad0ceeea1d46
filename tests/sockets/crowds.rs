//! Many clients at once.
//!
//! Goal: a room has one order of events for everybody, with a thousand members and with senders
//! that race. Method: whole transcripts are compared. Limits: the races are those that eight
//! threads and the scheduler happen to make; all interleavings of small cases are explored by loom.

use crate::process::{Chat, DEADLINE, Daemon, raise_own_descriptor_limit};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

/// All join at once, so that their order is the server's; each must then have heard the end of the
/// first one's transcript, from its own joining on.
///
/// [rooms/room-4] [common/order-1] [common/order-2] [rooms/join-7] [rooms/leave-1] [common/eos-6]
#[test]
fn a_thousand_members_hear_one_history_and_leave_nothing_behind() {
    raise_own_descriptor_limit();
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let before = daemon.descriptors();
    let users: Vec<String> = (1..1_000).map(|number| format!("u{number}")).collect();
    let mut members: Vec<Chat> = users.iter().map(|_| Chat::connect(daemon.address())).collect();
    for (member, user) in members.iter_mut().zip(&users) {
        member.send(format!("JOIN r {user}\n"));
    }
    let joins: Vec<String> = users.iter().map(|_| observer.line()).collect();
    let expected: BTreeSet<String> =
        users.iter().map(|user| format!("{user} has joined")).collect();
    assert_eq!(joins.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(daemon.descriptors(), before + members.len());

    assert_eq!(observer.fence("o"), Vec::<String>::new());
    for (member, user) in members.iter_mut().zip(&users) {
        let heard = member.lines_before("o: fence 1");
        let own = joins.iter().position(|join| *join == format!("{user} has joined")).unwrap();
        assert_eq!(heard, joins[own..], "{user}");
    }

    for member in &mut members {
        member.finish();
    }
    let departures: BTreeSet<String> = users.iter().map(|_| observer.line()).collect();
    assert_eq!(departures, users.iter().map(|user| format!("{user} has left")).collect());
    for (mut member, user) in members.into_iter().zip(&users) {
        let heard = String::from_utf8(member.rest()).unwrap();
        assert!(!heard.contains(&format!("{user} has left\n")), "{user} was told of itself");
    }
    assert_eq!(daemon.descriptors(), before);
    assert_eq!(observer.fence("o"), Vec::<String>::new());
}

/// [common/order-1] [rooms/text-1]
#[test]
fn eight_racing_senders_are_heard_in_one_order_by_all() {
    const LINES_EACH: usize = 32;
    let daemon = Daemon::start(&[]);
    let users = ["u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7"];
    let mut members: Vec<Chat> = Vec::new();
    for user in users {
        let member = Chat::join(daemon.address(), "r", user);
        for earlier in &mut members {
            earlier.expect(format!("{user} has joined\n"));
        }
        members.push(member);
    }
    let talk = |mut member: Chat| {
        for number in 0..LINES_EACH {
            member.send(format!("{number}\n"));
        }
        (0..LINES_EACH * users.len()).map(|_| member.line()).collect::<Vec<_>>()
    };
    let histories: Vec<Vec<String>> = thread::scope(|scope| {
        let threads: Vec<_> =
            members.into_iter().map(|member| scope.spawn(move || talk(member))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for user in users {
        let prefix = format!("{user}: ");
        let own = histories[0].iter().filter_map(|line| line.strip_prefix(&prefix));
        let own: Vec<usize> = own.map(|number| number.parse().unwrap()).collect();
        assert_eq!(own, (0..LINES_EACH).collect::<Vec<_>>(), "{user}'s lines in its order");
    }
    for history in &histories {
        assert_eq!(*history, histories[0]);
    }
}

/// Eight go in and out without a pause, and one stays; all read as fast as they can. Without a hold
/// a megabyte of notices would be pending for the one that stays within milliseconds.
///
/// [common/flow-7] [channels/leave-2] [channels/join-6]
#[test]
fn joining_and_leaving_without_a_pause_evicts_no_client() {
    const TIMES: usize = 3_000;
    let daemon = Daemon::serving(&["channels"], &[]);
    let address = daemon.address();
    let talk = |lines: String| {
        let mut writer = TcpStream::connect(address).expect("it listens");
        let mut incoming = writer.try_clone().expect("there are descriptors");
        incoming.set_read_timeout(Some(DEADLINE)).expect("a deadline can be set");
        let reader = thread::spawn(move || {
            let mut heard = Vec::new();
            incoming.read_to_end(&mut heard).expect("the stream ends");
            assert!(heard.ends_with(b"OK Goodbye!\r\n"));
            String::from_utf8(heard).expect("this test speaks text")
        });
        writer.write_all(lines.as_bytes()).expect("it is taken");
        (writer, reader)
    };
    let room = "r".repeat(31);
    let (mut stays, reader) = talk(format!("USERNAME stays\nJOIN {room}\n"));
    thread::scope(|scope| {
        for number in 0..8 {
            let user = format!("{}{number}", "u".repeat(30));
            let out = if number % 2 == 0 { "LEAVE" } else { "JOIN s" };
            let times = format!("JOIN {room}\n{out}\n").repeat(TIMES);
            let talk = &talk;
            scope.spawn(move || talk(format!("USERNAME {user}\n{times}QUIT\n")).1.join().unwrap());
        }
    });
    stays.write_all(b"QUIT\n").expect("it is still there");
    let heard = reader.join().expect("it has heard everything");
    let notices = |what| heard.lines().filter(|line| line.starts_with(what)).count();
    assert_eq!((notices("JOIN "), notices("LEAVE ")), (8 * TIMES, 8 * TIMES));
}
