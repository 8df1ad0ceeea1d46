//! One room of any dialect, and the limits on who may be in it.
//!
//! Goal: a test of what all dialects share is written once. Method: [`Room`] sends and expects what
//! the dialect's row in `speech/` says, and knows who must hear what. Limits: one room; what is
//! kept of it fits the history of channels.

use crate::process::{Chat, Daemon};
use crate::speech::{ALL, LOBBY, LOGIN, Speech};
use std::thread;

pub(crate) struct Room {
    pub(crate) daemon: Daemon,
    pub(crate) speech: &'static Speech,
    members: Vec<(String, Chat)>,
    /// All that was said, rendered.
    said: Vec<u8>,
}

impl Room {
    pub(crate) fn new(speech: &'static Speech) -> Room {
        Room::with(speech, &[])
    }

    pub(crate) fn with(speech: &'static Speech, options: &[&str]) -> Room {
        let daemon = Daemon::serving(&[speech.dialect], options);
        Room { daemon, speech, members: Vec::new(), said: Vec::new() }
    }

    /// With these members.
    pub(crate) fn of(speech: &'static Speech, users: &[&str]) -> Room {
        let mut room = Room::new(speech);
        for user in users {
            room.enter(user);
        }
        room
    }

    pub(crate) fn connect(&self) -> Chat {
        Chat::connect(self.daemon.address())
    }

    /// What whoever enters now as `user` is sent.
    pub(crate) fn entered(&self, user: &str) -> Vec<u8> {
        let present: Vec<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        self.speech.entered(user, &present, &self.said)
    }

    #[track_caller]
    pub(crate) fn enter(&mut self, user: &str) {
        let chat = self.connect();
        self.enter_as(chat, user);
    }

    /// Makes a fresh connection a member.
    #[track_caller]
    pub(crate) fn enter_as(&mut self, mut chat: Chat, user: &str) {
        chat.ask(self.speech.enter(user), self.entered(user));
        self.all_hear(&self.speech.joined(user));
        self.members.push((user.to_owned(), chat));
        if self.speech.dialect == LOBBY.dialect {
            self.say(user, "here"); // a lobby does not answer; now the name is known to be taken
        }
    }

    #[track_caller]
    pub(crate) fn all_hear(&mut self, bytes: &[u8]) {
        for (_, chat) in &mut self.members {
            chat.expect(bytes);
        }
    }

    /// The member `user` says `text`, and everyone hears it who should.
    #[track_caller]
    pub(crate) fn say(&mut self, user: &str, text: impl AsRef<[u8]>) {
        let line = self.speech.say(text.as_ref());
        self.chat(user).send(line);
        self.is_heard(user, text);
    }

    /// As [`say`](Room::say), after the line was sent.
    #[track_caller]
    pub(crate) fn is_heard(&mut self, user: &str, text: impl AsRef<[u8]>) {
        let line = self.speech.said(user, text.as_ref());
        for (name, chat) in &mut self.members {
            if self.speech.echoes || name != user {
                chat.expect(&line);
            }
        }
        self.said.extend(line);
    }

    #[track_caller]
    pub(crate) fn chat(&mut self, user: &str) -> &mut Chat {
        let member = self.members.iter_mut().find(|(name, _)| name == user);
        &mut member.unwrap_or_else(|| panic!("{user} is not there")).1
    }

    /// The client called `user`, a member no longer as far as this side goes.
    pub(crate) fn take(&mut self, user: &str) -> Chat {
        let at = self.members.iter().position(|(name, _)| name == user);
        self.members.remove(at.unwrap_or_else(|| panic!("{user} is not there"))).1
    }

    /// The remaining members hear that `user` left, where the dialect tells.
    #[track_caller]
    pub(crate) fn hears_of_the_end_of(&mut self, user: &str) {
        self.all_hear(&self.speech.left(user));
    }

    /// The next that anybody hears is what is said now.
    #[track_caller]
    pub(crate) fn expect_quiet(&mut self) {
        let users: Vec<String> = self.members.iter().map(|(name, _)| name.clone()).collect();
        for user in users {
            self.say(&user, "fence");
        }
    }
}

/// [common/limit-2] [rooms/error-1] [lobby/error-1] [simple/error-5] [login/error-4]
/// [channels/error-3]
#[test]
fn one_client_too_many_is_told_so_in_every_dialect() {
    for speech in ALL {
        let mut room = Room::with(speech, &["--clients-max", "2"]);
        room.enter("ann");
        room.enter("joe");
        for _ in 0..20 {
            let mut late = room.connect();
            late.expect(speech.full);
            late.expect_end();
        }
        room.expect_quiet();
        assert_eq!(room.take("joe").leave(), b"");
        room.hears_of_the_end_of("joe");
        room.enter("sam"); // once its end is seen, a connection's place is free
        room.expect_quiet();
    }
}

/// [common/limit-1] [common/framing-7]
#[test]
fn a_client_without_a_name_in_time_is_closed_silently() {
    let out_of_time = |speech: &'static Speech| {
        // Nobody enters before it has had its turn on this machine.
        let mut room = Room::with(speech, &["--first-line-timeout", "3"]);
        room.enter("ann");
        let (mut silent, mut halfway) = (room.connect(), room.connect());
        halfway.send(speech.enter("joe").strip_suffix(b"\n").unwrap());
        silent.expect_end();
        // The name of channels is a line of its own, which counts.
        if speech.dialect != "channels" {
            halfway.expect_end();
        }
        room.expect_quiet();
    };
    thread::scope(|scope| {
        for speech in ALL.into_iter().filter(|speech| speech.dialect != LOGIN.dialect) {
            scope.spawn(move || out_of_time(speech));
        }
    });
}
