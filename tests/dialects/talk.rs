//! Conversations as scripts.
//!
//! A script is a list of steps, each by the client whose name it begins with; a name that is new
//! connects first:
//!
//! * `joe> text` sends the line `text`;
//! * `joe< text` hears the line `text` next, ended as the dialect ends lines, and nothing before
//!   it;
//! * `joe.` closes its sending half and then hears the end of the stream and nothing else;
//! * `joe|` hears that end without having closed anything;
//! * `joe!` resets its connection.
//!
//! After every script each client that is left is asked something, so that a line too many shows.

use crate::process::{Chat, Daemon};
use std::collections::BTreeMap;

pub(crate) struct Talk {
    pub(crate) daemon: Daemon,
    dialect: &'static str,
    people: BTreeMap<String, Chat>,
}

impl Talk {
    pub(crate) fn new(dialect: &'static str) -> Talk {
        let daemon = Daemon::serving(&[dialect], &[]);
        Talk { daemon, dialect, people: BTreeMap::new() }
    }

    /// One script in a world of its own.
    #[track_caller]
    pub(crate) fn once(dialect: &'static str, script: &[&str]) {
        Talk::new(dialect).play(script);
    }

    /// Plays `script`, after which nobody is to hear anything more.
    #[track_caller]
    pub(crate) fn play(&mut self, script: &[&str]) {
        self.play_steps(script);
        self.expect_quiet();
    }

    /// As [`play`](Talk::play), but more may come after it.
    #[track_caller]
    pub(crate) fn play_steps(&mut self, script: &[&str]) {
        for step in script {
            let at = step.find(['>', '<', '.', '|', '!']).expect("a step has a sign");
            let (name, sign, text) = (&step[..at], &step[at..=at], &step[at + 1..]);
            let text = text.strip_prefix(' ').unwrap_or(text);
            let end = if self.dialect == "channels" { "\r\n" } else { "\n" };
            match sign {
                ">" => self.chat(name).send(format!("{text}\n")),
                "<" => self.chat(name).expect(format!("{text}{end}")),
                "." => assert_eq!(self.take(name).leave(), b"", "{name}: more than the end"),
                "|" => self.chat(name).expect_end(),
                _ => self.take(name).reset(),
            }
            if sign == "|" {
                self.take(name).expect_no_reset();
            }
        }
    }

    /// The client called `name`, connected if it is new.
    pub(crate) fn chat(&mut self, name: &str) -> &mut Chat {
        let address = self.daemon.address();
        self.people.entry(name.to_owned()).or_insert_with(|| Chat::connect(address))
    }

    /// The client called `name`, which takes no further part.
    #[track_caller]
    pub(crate) fn take(&mut self, name: &str) -> Chat {
        self.people.remove(name).unwrap_or_else(|| panic!("{name} is not there"))
    }

    /// The next that anybody hears is an answer to something asked now.
    #[track_caller]
    pub(crate) fn expect_quiet(&mut self) {
        if self.dialect == "lobby" {
            let mut fence = Chat::connect(self.daemon.address());
            fence.ask("fence\nfence\n", "fence:fence\n");
            for chat in self.people.values_mut() {
                chat.expect("fence:fence\n");
            }
            return assert_eq!(fence.leave(), b"");
        }
        for (name, chat) in &mut self.people {
            let (line, answers): (_, &[&str]) = match self.dialect {
                "simple" => ("?\n", &["ERROR unknown-command"]),
                "login" => ("?\n", &["ERR unknown-command", "ERR not-logged-in"]),
                _ => ("/?\n", &["ERROR Unknown command\r"]),
            };
            chat.send(line);
            let heard = chat.line();
            assert!(answers.contains(&heard.as_str()), "{name} heard {heard:?}");
        }
    }
}
