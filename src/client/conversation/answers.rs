//! What the lines of the server mean for the conversation.

use super::{Conversation, End, Phase};
use crate::lines::SERVER_LINE_MAX;
use crate::pending::Pending;
use crate::render::{Kind, Shown};
use crate::words::{explain, plain};
use parlance_core::time::Time;
use parlance_speech::{Command, Entry, Event};

/// Maximum length of a list of users, in bytes: that of the longest line.
const LIST_BYTES_MAX: usize = SERVER_LINE_MAX;

impl Conversation {
    /// Takes a line of the server.
    pub fn heard(&mut self, line: &[u8], now: Time) {
        if self.end.is_some() {
            return;
        }
        let event = self.topic.dialect.event(line);
        self.heard_at = now;
        self.complaint = None;
        // Earlier members are listed in one block. A server may also list none.
        if !matches!(event, Event::Joined { .. } | Event::Done(_)) {
            self.present = 0;
        }
        match event {
            Event::Said { from, text, .. } => self.said(from, text, now),
            Event::Told { from, text } => self.told(from, text),
            Event::Joined { user, .. } => self.joined(user, now),
            Event::Left { user, .. } => self.left(user),
            Event::Done(words) => self.done(words, now),
            Event::Failed(reason) => self.refused(reason, now),
            Event::User(name) => self.user(name),
            Event::Users(names) => self.members(names, now),
            Event::Rooms(names) => self.rooms(names, now),
            Event::Past { id_and_time: (id, time), from, text, .. } => {
                let (id, at) = (id.to_vec(), time.to_vec());
                self.shown.push(Shown::Past { id, at, from: from.to_vec(), text: text.to_vec() });
            }
            Event::Topic { set, .. } => {
                // That of another member answers nothing that was sent before.
                if self.pending.front() == Some(&Pending::Topic) {
                    self.settle(|pending| *pending == Pending::Topic, now);
                }
                let set = set.map(|(from, text)| (from.to_vec(), text.to_vec()));
                self.shown.push(Shown::Topic(set));
            }
            Event::Pong => self.settle(|pending| *pending == Pending::Fence, now),
            Event::Unknown => self.shown.push(Shown::Strange(line.to_vec())),
        }
        self.admit();
        self.part_if_done(now);
    }

    fn said(&mut self, from: &[u8], text: &[u8], now: Time) {
        if from == self.topic.user.as_bytes() {
            self.echoed = true;
            if self.pending.echoed(text) {
                self.served_at = now;
            }
        }
        let own = self.topic.user.as_bytes();
        let kind = match () {
            () if self.replaying => Kind::Replayed,
            () if from == own => Kind::Own,
            () if mentions(text, own) => Kind::Mention,
            () => Kind::Live,
        };
        self.words.meet(from);
        self.shown.push(Shown::Said { from: from.to_vec(), text: text.to_vec(), kind });
    }

    fn told(&mut self, from: &[u8], text: &[u8]) {
        self.unread += 1;
        self.words.meet(from);
        self.shown.push(Shown::Told { from: from.to_vec(), text: text.to_vec() });
    }

    fn left(&mut self, user: &[u8]) {
        self.words.forget(user);
        self.shown.push(Shown::Did { user: user.to_vec(), what: "left" });
    }

    fn joined(&mut self, user: &[u8], now: Time) {
        let here = self.present > 0;
        self.present = self.present.saturating_sub(1);
        self.words.meet(user);
        let what = if here { "is here" } else { "joined" };
        self.shown.push(Shown::Did { user: user.to_vec(), what });
        let admitted = self.topic.dialect.entry() == Entry::Notice;
        if admitted && user == self.topic.user.as_bytes() {
            self.settle(|pending| *pending == Pending::Name, now);
        }
    }

    fn done(&mut self, words: &[u8], now: Time) {
        let fenced = self.is_fenced();
        if let Some(Pending::Enter(_)) = self.pending.front() {
            self.present = number_before_users(words);
        }
        self.settle(|pending| pending.is_confirmed(fenced), now);
    }

    fn refused(&mut self, reason: &[u8], now: Time) {
        self.served_at = now;
        // A server without PING says so, which also answers the fence.
        if self.pending.front() == Some(&Pending::Fence) && plain(reason) == "unknown-command" {
            return self.settle(|pending| *pending == Pending::Fence, now);
        }
        // A user in no room cannot count its members.
        if self.pending.front() == Some(&Pending::Census) {
            return self.settle(|pending| *pending == Pending::Census, now);
        }
        // Farewell and fence cannot fail: the error is about a command that has no other answer.
        let asked = match self.pending.front() {
            Some(Pending::Farewell | Pending::Fence) | None => None,
            Some(_) => self.pending.pop(),
        };
        if asked == Some(Pending::Name) && self.asks_for_a_password(reason) {
            return;
        }
        if self.phase == Phase::Locked && matches!(asked, Some(Pending::Enter(_))) {
            return; // it was asked for together with the name
        }
        let words = explain(reason, &self.topic.user, asked.as_ref());
        self.complaint = Some(words.clone());
        self.fail(words);
        if asked == Some(Pending::Name) {
            self.finish(End::Refused);
        }
    }

    /// Whether the name has an account, and its user is there to log in.
    fn asks_for_a_password(&mut self, reason: &[u8]) -> bool {
        let asks = self.topic.interactive && plain(reason) == "password-required";
        if asks {
            self.phase = Phase::Locked;
            let user = &self.topic.user;
            let how = format!("{user} has an account: write /login {user} PASSWORD");
            self.shown.push(Shown::Notice(how));
        }
        asks
    }

    /// The user has this name from now on, and goes to the room that it wanted at first.
    fn logged_in(&mut self, name: &[u8], now: Time) {
        self.topic.user = String::from_utf8_lossy(name).into_owned();
        if self.phase == Phase::Locked {
            self.phase = Phase::Entering;
            if let Some(room) = self.topic.room.clone() {
                self.send(&Command::Join(room.as_bytes()), now);
            }
        }
    }

    fn user(&mut self, name: &[u8]) {
        if !self.pending.any(|pending| *pending == Pending::Users) {
            return;
        }
        if self.users.len() + name.len() > LIST_BYTES_MAX {
            return self.lose("the server sends a list of users without end".to_owned());
        }
        self.words.meet(name);
        if !self.users.is_empty() {
            self.users.push(b' ');
        }
        self.users.extend_from_slice(name);
    }

    fn members(&mut self, names: &[u8], now: Time) {
        let is = |pending: &Pending| matches!(pending, Pending::Users | Pending::Census);
        let counted = self.pending.first(is) == Some(&Pending::Census);
        names.split(|byte| *byte == b' ').for_each(|name| self.words.meet(name));
        self.settle(is, now);
        if !counted {
            self.shown.push(Shown::List { of: "users", items: names.to_vec() });
        }
    }

    fn rooms(&mut self, names: &[u8], now: Time) {
        names.split(|byte| *byte == b' ').for_each(|name| self.words.see(name));
        self.settle(|pending| *pending == Pending::Rooms, now);
        self.shown.push(Shown::List { of: "rooms", items: names.to_vec() });
    }

    /// Shows the commands that the answer selected by `is` proves to be done.
    fn settle(&mut self, is: impl Fn(&Pending) -> bool, now: Time) {
        for pending in self.pending.settle(is) {
            self.served_at = now;
            match pending {
                Pending::Enter(room) => {
                    // The history of the room comes before the number of its members.
                    self.replaying = self.pending.any(|pending| *pending == Pending::Census);
                    self.room = Some(room.clone());
                    self.shown.push(Shown::You { did: "joined", room });
                }
                Pending::Told { to, text } => self.shown.push(Shown::ToldByYou { to, text }),
                Pending::Part => {
                    self.room = None;
                    self.shown.push(Shown::You { did: "left", room: Vec::new() });
                }
                // A later answer came first: the server does not send a client's own lines back.
                Pending::Echo(text) => self.show_own(&text),
                Pending::Users if self.is_fenced() => {
                    let items = std::mem::take(&mut self.users);
                    self.shown.push(Shown::List { of: "users", items });
                }
                Pending::Login(name) => self.logged_in(&name, now),
                Pending::Logout => {
                    (self.phase, self.room) = (Phase::Locked, None);
                    self.shown.push(Shown::Notice("logged out".to_owned()));
                }
                Pending::Account => self.shown.push(Shown::Notice("done".to_owned())),
                Pending::Farewell => self.half_close = true,
                Pending::Census => self.replaying = false,
                Pending::Name
                | Pending::Users
                | Pending::Rooms
                | Pending::History
                | Pending::Topic
                | Pending::Fence => {}
            }
        }
    }
}

/// Whether a text has a name as a word of its own, in whatever case.
fn mentions(text: &[u8], name: &[u8]) -> bool {
    let (text, name) = (String::from_utf8_lossy(text), String::from_utf8_lossy(name));
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(&name).any(|(at, _)| {
        !text[..at].ends_with(inside) && !text[at + name.len()..].starts_with(inside)
    })
}

/// The `3` of `Joined #r (3 users)`; 0 for other words.
fn number_before_users(words: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(words);
    let inside = text.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(" users)"));
    inside.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_counts_as_a_word_in_any_case() {
        for text in ["bob", "hi Bob!", "@bob: hi", "bobby and BOB"] {
            assert!(mentions(text.as_bytes(), b"bob"), "{text}");
        }
        for text in ["bobby", "kabob", "bob_2", ""] {
            assert!(!mentions(text.as_bytes(), b"bob"), "{text}");
        }
    }
}
