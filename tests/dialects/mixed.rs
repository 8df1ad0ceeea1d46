//! Five dialects in one process.
//!
//! Goal: each dialect is one world, whatever listener one comes by, and nothing passes from one to
//! another. Method: the same names and rooms everywhere at once. Limits: two listeners of each.

use crate::process::{Chat, Daemon, command};
use crate::speech::{ALL, LOBBY, Speech};
use rustix::process::Signal;

struct Service {
    daemon: Daemon,
}

impl Service {
    /// Every dialect on two listeners.
    fn new() -> Service {
        let dialects: Vec<&str> = ALL.iter().chain(&ALL).map(|speech| speech.dialect).collect();
        Service { daemon: Daemon::serving(&dialects, &[]) }
    }

    /// Connects to the first or second listener of a dialect.
    fn connect(&self, speech: &Speech, listener: usize) -> Chat {
        let at = ALL.iter().position(|each| each.dialect == speech.dialect).unwrap();
        Chat::connect(self.daemon.addresses()[at + listener * ALL.len()])
    }

    /// ann by the first listener of a dialect and joe by the second, who have heard of each other.
    fn pair(&self, speech: &Speech) -> [Chat; 2] {
        let mut ann = self.connect(speech, 0);
        ann.ask(speech.enter("ann"), speech.entered("ann", &[], b""));
        if speech.dialect == LOBBY.dialect {
            ann.ask(speech.say("here"), speech.said("ann", "here"));
        }
        let mut joe = self.connect(speech, 1);
        joe.ask(speech.enter("joe"), speech.entered("joe", &["ann"], b""));
        ann.expect(speech.joined("joe"));
        if speech.dialect == LOBBY.dialect {
            joe.ask(speech.say("here"), speech.said("joe", "here"));
            ann.expect(speech.said("joe", "here"));
        }
        [ann, joe]
    }
}

/// [common/unique-1] [common/order-1] [rooms/room-1] [channels/room-1]
#[test]
fn the_same_names_live_in_every_dialect_and_hear_their_own_only() {
    let service = Service::new();
    let mut pairs = ALL.map(|speech| (speech, service.pair(speech)));
    for (speech, [ann, joe]) in &mut pairs {
        joe.send(speech.say(speech.dialect));
        ann.expect(speech.said("joe", speech.dialect));
        joe.expect(speech.echo("joe", speech.dialect));
    }
    for (speech, [ann, joe]) in &mut pairs {
        ann.send(speech.say("bye"));
        joe.expect(speech.said("ann", "bye"));
        ann.expect(speech.echo("ann", "bye"));
    }
    for (speech, [ann, joe]) in pairs {
        assert_eq!(ann.leave(), b"", "{}", speech.dialect);
        let mut joe = joe;
        joe.expect(speech.left("ann"));
        assert_eq!(joe.leave(), b"", "{}", speech.dialect);
    }
}

/// [common/unique-1]
#[test]
fn two_listeners_of_a_dialect_share_their_names() {
    let service = Service::new();
    for speech in ALL.into_iter().filter(|speech| speech.names_unique) {
        let pair = service.pair(speech);
        for (listener, name) in [(1, "ann"), (0, "joe"), (0, "ann"), (1, "joe")] {
            service.connect(speech, listener).ask(speech.claim(name), speech.taken);
        }
        drop(pair);
    }
}

/// [channels/list-2] [channels/tell-3] [login/who-1] [login/dm-2]
#[test]
fn lists_and_private_messages_stay_in_their_dialect() {
    let service = Service::new();
    let mut everyone = ALL.map(|speech| service.pair(speech));
    let [[rooms, _], _, _, [login, _], [channels, _]] = &mut everyone;
    let mut cat = service.connect(ALL[3], 0);
    cat.ask("LOGIN cat\nWHO\n", "OK\nUSER ann\nUSER joe\nUSER cat\n");
    channels.ask("PRIVMSG cat hi\nROOMS\n", "ERROR User not found\r\nROOMLIST den\r\n");
    let mut dog = service.connect(ALL[4], 0);
    dog.ask("USERNAME dog\nJOIN zoo\n", "OK Welcome, dog!\r\nOK Joined zoo (0 users)\r\n");
    login.ask("DM dog hi\n", "ERR user-not-found\n");
    rooms.ask("ROOMS\n", "ann: ROOMS\n");
}

/// [common/shutdown-1] [common/shutdown-2]
#[test]
fn a_stop_ends_every_dialect_and_announces_no_departure() {
    let service = Service::new();
    let everyone = ALL.map(|speech| service.pair(speech));
    service.daemon.signal(Signal::TERM);
    for (speech, pair) in ALL.into_iter().zip(everyone) {
        for mut chat in pair {
            let rest = chat.rest();
            assert!(rest.is_empty(), "{}: {}", speech.dialect, rest.escape_ascii());
        }
    }
    assert_eq!(service.daemon.ended().status, Some(0));
}

/// [common/framing-7]
#[test]
fn no_client_is_sent_a_line_before_its_first() {
    let service = Service::new();
    let mut silent = ALL.map(|speech| service.connect(speech, 0));
    for speech in ALL {
        drop(service.pair(speech));
    }
    for (speech, chat) in ALL.into_iter().zip(&mut silent) {
        // A lobby is heard from the connection on, and by whom it was silent.
        if speech.dialect != LOBBY.dialect {
            chat.expect_silence();
        }
    }
    for chat in silent {
        drop(chat);
    }
}

/// [rooms/daemon-1]
#[test]
fn the_start_up_lines_name_the_dialects_in_the_order_of_the_options() {
    let mut command = command();
    for speech in ALL {
        command.args(["--listen", &format!("{}://127.0.0.1:0", speech.dialect)]);
    }
    let daemon = Daemon::launch(&mut command, ALL.len()).expect("the daemon starts");
    daemon.signal(Signal::TERM);
    let names: Vec<String> = daemon
        .ended()
        .stdout
        .iter()
        .map(|line| line.rsplit_once(" (").expect("a dialect").1.trim_end_matches(')').to_owned())
        .collect();
    assert_eq!(names, ALL.map(|speech| speech.dialect));
}
