//! One connection's conversation, as a state machine: no I/O, no clock.

use super::input::{self, Input, verbs};
use super::lines::SERVER_LINE_MAX;
use super::pending::{Ledger, Pending};
use super::render::{self, Shown};
use super::words::{explain, plain};
use parlance_core::limits::LINE_BYTES_MAX;
use parlance_core::time::Time;
use parlance_speech::{Command, Dialect, Echo, Entry, Event};
use std::time::Duration;

/// Maximum wait for an answer while the client can do nothing else. Longer than a server should
/// hold a sender.
pub(super) const ANSWER: Duration = Duration::from_secs(30);

/// Maximum wait for the server to close, once every command is answered.
pub(super) const CLOSING: Duration = Duration::from_secs(5);

/// Maximum unanswered commands; no further one is sent until an answer comes.
pub(super) const UNANSWERED_MAX: usize = 1000;

/// Maximum unsent bytes; no further command is sent until the network takes some.
const UNSENT_MAX: usize = 64 * 1024;

/// Maximum length of a list of users, in bytes: that of the longest line.
const LIST_BYTES_MAX: usize = SERVER_LINE_MAX;

/// The settings of a conversation.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The dialect.
    pub dialect: Dialect,
    /// The user's name.
    pub user: String,
    /// The room to join at once.
    pub room: Option<String>,
    /// Silence after which the server gets a PING, in dialects that have one.
    pub ping: Option<Duration>,
}

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The user left after every command was answered.
    Left,
    /// The server refused the name.
    Refused,
    /// The server closed or broke the protocol, for this reason.
    Lost(String),
    /// The server was lost, or a signal came, while the user was leaving.
    Abandoned(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The name is claimed and not answered yet.
    Entering,
    /// Commands are accepted.
    Ready,
    /// The user left; answers are pending.
    Leaving,
}

/// One connection, from the name to the end: takes lines of the server and of the user, and gives
/// bytes to send and lines to show.
///
/// ```
/// use parlance_client::{Conversation, Topic};
/// use parlance_core::time::Time;
/// use parlance_speech::Dialect;
///
/// let topic = Topic { dialect: Dialect::Simple, user: "bob".into(), room: None, ping: None };
/// let mut conversation = Conversation::new(topic, Time::ZERO);
/// assert_eq!(conversation.unsent(), b"JOIN bob\n");
/// conversation.heard(b"OK", Time::ZERO);
/// conversation.typed(b"send hi", Time::ZERO); // which has no echo in this dialect
/// let shown: Vec<_> = conversation.take_shown().iter().map(|shown| shown.text()).collect();
/// assert_eq!(shown, ["-- connected as bob", "<bob> hi"]);
/// ```
#[derive(Debug)]
pub struct Conversation {
    topic: Topic,
    phase: Phase,
    pending: Ledger,
    unsent: Vec<u8>,
    shown: Vec<Shown>,
    /// The users of an incomplete list.
    users: Vec<u8>,
    /// The number of the next join notices that list earlier members.
    present: u64,
    /// The time at which the last line was sent.
    sent_at: Time,
    /// The time at which the server last answered a command.
    served_at: Time,
    /// Whether a line of the user came back.
    echoed: bool,
    half_close: bool,
    failed: bool,
    end: Option<End>,
}

impl Conversation {
    /// A conversation that begins now, by claiming the name.
    pub fn new(topic: Topic, now: Time) -> Conversation {
        let (user, room) = (topic.user.clone(), topic.room.clone());
        let mut conversation = Conversation {
            topic,
            phase: Phase::Entering,
            pending: Ledger::default(),
            unsent: Vec::new(),
            shown: Vec::new(),
            users: Vec::new(),
            present: 0,
            sent_at: now,
            served_at: now,
            echoed: false,
            half_close: false,
            failed: false,
            end: None,
        };
        let named = room.as_deref().unwrap_or_default().as_bytes();
        conversation.send(&Command::Name { user: user.as_bytes(), room: named }, now);
        if let Some(room) = &room {
            conversation.send(&Command::Join(room.as_bytes()), now);
        }
        conversation.admit();
        conversation
    }

    /// The bytes to send.
    pub fn unsent(&self) -> &[u8] {
        &self.unsent
    }

    /// Removes the first `count` of the unsent bytes, which have been sent.
    pub fn sent(&mut self, count: usize) {
        self.unsent.drain(..count);
    }

    /// Drops the unsent bytes, because the connection takes no more. Received lines still count.
    pub fn cannot_send(&mut self) {
        self.unsent.clear();
    }

    /// Takes the lines to show since the last call.
    pub fn take_shown(&mut self) -> Vec<Shown> {
        std::mem::take(&mut self.shown)
    }

    /// The end of the conversation, once it has ended.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Whether the server accepted the name.
    pub fn was_admitted(&self) -> bool {
        self.phase != Phase::Entering
    }

    /// Whether the user was told of an error.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Whether nothing more will be sent, so that the sending half can be closed.
    pub fn wants_half_close(&self) -> bool {
        self.half_close && self.unsent.is_empty()
    }

    /// Whether the user's next line can be taken within the bounds.
    pub fn wants_input(&self) -> bool {
        self.phase == Phase::Ready && !self.is_full()
    }

    /// The time by which [`Conversation::passed`] must be called.
    pub fn deadline(&self) -> Time {
        match self.phase {
            Phase::Leaving if self.half_close => self.served_at + CLOSING,
            Phase::Entering | Phase::Leaving => self.served_at + ANSWER,
            // A script's next line waits for an answer, so an answer must come.
            Phase::Ready if self.is_full() => self.served_at + ANSWER,
            Phase::Ready => match self.topic.ping {
                Some(ping) if self.is_fenced() => self.sent_at + ping,
                _ => Time::NEVER,
            },
        }
    }

    /// Checks the deadline.
    pub fn passed(&mut self, now: Time) {
        if now < self.deadline() {
            return;
        }
        match self.phase {
            // Everything is answered; a server that does not close changes nothing.
            Phase::Leaving if self.half_close => self.finish(End::Left),
            Phase::Ready if !self.is_full() => self.ask(now),
            Phase::Leaving | Phase::Entering | Phase::Ready => {
                self.lose(format!("the server has not answered for {} s", ANSWER.as_secs()));
            }
        }
    }

    /// Takes a line of the user.
    pub fn typed(&mut self, line: &[u8], now: Time) {
        let input = match input::parse(line, verbs(self.topic.dialect)) {
            Ok(Some(input)) => input,
            Ok(None) => return,
            Err(why) => return self.fail(why),
        };
        match input {
            Input::Leave => self.leave(now),
            Input::Help => {
                let lines = input::help(verbs(self.topic.dialect));
                self.shown.extend(lines.map(Shown::Chat));
            }
            Input::Command(_) if self.phase == Phase::Entering => {
                self.fail("you are not logged in yet".to_owned());
            }
            Input::Command(_) if self.phase == Phase::Leaving => {
                self.fail("you have left".to_owned());
            }
            Input::Command(_) if self.is_full() => {
                self.fail("the server has not answered yet; try again later".to_owned());
            }
            Input::Command(command) => self.ask_for(&command, now),
        }
    }

    /// Takes a line of the user that is too long to send.
    pub fn typed_too_much(&mut self) {
        self.fail(format!("that is too long: a line has at most {LINE_BYTES_MAX} bytes"));
    }

    /// Leaves; a second call ends the conversation without waiting for answers.
    pub fn leave(&mut self, now: Time) {
        match self.phase {
            Phase::Ready => {
                self.phase = Phase::Leaving;
                self.served_at = now;
                self.part_if_done(now);
            }
            Phase::Entering => self.finish(End::Left),
            Phase::Leaving => self.lose("you did not wait for the server's answers".to_owned()),
        }
    }

    /// Takes a line of the server.
    pub fn heard(&mut self, line: &[u8], now: Time) {
        if self.end.is_some() {
            return;
        }
        let event = self.topic.dialect.event(line);
        // Earlier members are listed in one block. A server may also list none.
        if !matches!(event, Event::Joined { .. } | Event::Done(_)) {
            self.present = 0;
        }
        match event {
            Event::Said { from, text, .. } => self.said(from, text, now),
            Event::Told { from, text } => self.shown.push(render::told(from, text)),
            Event::Joined { user, .. } => self.joined(user, now),
            Event::Left { user, .. } => self.shown.push(render::did(user, "left")),
            Event::Done(words) => self.done(words, now),
            Event::Failed(reason) => self.refused(reason, now),
            Event::User(name) => self.user(name),
            Event::Users(names) => self.listed("users", names, &Pending::Users, now),
            Event::Rooms(names) => self.listed("rooms", names, &Pending::Rooms, now),
            Event::Pong => self.settle(|pending| *pending == Pending::Fence, now),
            Event::Unknown => self.shown.push(render::strange(line)),
        }
        self.admit();
        self.part_if_done(now);
    }

    /// Takes the news of a line of the server that is too long.
    pub fn heard_too_much(&mut self) {
        self.lose("the server sends a line without end".to_owned());
    }

    /// Takes the end of the connection, orderly or for the reason `why`.
    pub fn closed(&mut self, why: Option<&str>) {
        if self.phase == Phase::Leaving && self.pending.is_empty() {
            return self.finish(End::Left);
        }
        let reason = match why {
            Some(why) => format!("the connection is lost: {why}"),
            None => "the server closed the connection".to_owned(),
        };
        if self.topic.dialect.entry() == Entry::Silent && !self.echoed {
            let user = &self.topic.user;
            return self.lose(format!("{reason}; perhaps it does not take {user} as a name"));
        }
        self.lose(reason);
    }

    /// The number of pending answers.
    #[cfg(test)]
    pub(super) fn pending(&self) -> usize {
        self.pending.len()
    }

    fn is_full(&self) -> bool {
        self.pending.len() >= UNANSWERED_MAX || self.unsent.len() >= UNSENT_MAX
    }

    fn fail(&mut self, why: String) {
        self.failed = true;
        self.shown.push(Shown::Error(why));
    }

    fn finish(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    fn lose(&mut self, reason: String) {
        self.finish(match self.phase {
            Phase::Leaving => End::Abandoned(reason),
            Phase::Entering | Phase::Ready => End::Lost(reason),
        });
    }

    /// Whether the dialect has a line that is answered once all earlier lines are done.
    fn is_fenced(&self) -> bool {
        self.topic.dialect.has(&Command::Ping)
    }

    /// Sends a command and records the answer that it needs. Returns whether the dialect has the
    /// command.
    fn send(&mut self, command: &Command<'_>, now: Time) -> bool {
        let Some(line) = self.topic.dialect.line(command) else { return false };
        self.unsent.extend(line);
        self.unsent.push(b'\n');
        self.sent_at = now;
        // A server that never answers a fence must not make the record grow without bound.
        let full = *command == Command::Ping && self.pending.len() >= 2 * UNANSWERED_MAX;
        if let Some(answer) = Pending::answer_to(command, self.topic.dialect).filter(|_| !full) {
            self.pending.push(answer);
        }
        true
    }

    /// Sends a command of the user, and a fence behind it where the dialect has one.
    fn ask_for(&mut self, command: &Command<'_>, now: Time) {
        let dialect = self.topic.dialect;
        if dialect.line(command).is_some_and(|line| line.len() >= LINE_BYTES_MAX) {
            return self.typed_too_much();
        }
        if self.pending.is_empty() {
            self.served_at = now;
        }
        self.send(command, now);
        if let (Command::Say(text), Echo::Never) = (command, dialect.echo()) {
            self.shown.push(render::said(self.topic.user.as_bytes(), text));
        }
        self.ask(now);
    }

    /// Sends a fence, where the dialect has one. It also shows the server that the client is alive.
    fn ask(&mut self, now: Time) {
        self.send(&Command::Ping, now);
    }

    /// Says good-bye once the user leaves and everything is answered: a server may discard the
    /// queued lines of a client that has left.
    fn part_if_done(&mut self, now: Time) {
        if self.phase != Phase::Leaving || !self.pending.is_empty() || self.half_close {
            return;
        }
        self.half_close = !self.send(&Command::Quit, now);
    }

    /// Accepts commands as soon as the name, and the first room, are answered.
    fn admit(&mut self) {
        let entering = |pending: &Pending| matches!(pending, Pending::Name | Pending::Enter(_));
        if self.phase == Phase::Entering && self.end.is_none() && !self.pending.any(entering) {
            self.phase = Phase::Ready;
            self.shown.push(Shown::Notice(format!("connected as {}", self.topic.user)));
        }
    }

    fn said(&mut self, from: &[u8], text: &[u8], now: Time) {
        if from == self.topic.user.as_bytes() {
            self.echoed = true;
            if self.pending.echoed(text) {
                self.served_at = now;
            }
        }
        self.shown.push(render::said(from, text));
    }

    fn joined(&mut self, user: &[u8], now: Time) {
        let here = self.present > 0;
        self.present = self.present.saturating_sub(1);
        self.shown.push(render::did(user, if here { "is here" } else { "joined" }));
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
        // Farewell and fence cannot fail: the error is about a command that has no other answer.
        let asked = match self.pending.front() {
            Some(Pending::Farewell | Pending::Fence) | None => None,
            Some(_) => self.pending.pop(),
        };
        self.fail(explain(reason, &self.topic.user, asked.as_ref()));
        if asked == Some(Pending::Name) {
            self.finish(End::Refused);
        }
    }

    fn user(&mut self, name: &[u8]) {
        if !self.pending.any(|pending| *pending == Pending::Users) {
            return;
        }
        if self.users.len() + name.len() > LIST_BYTES_MAX {
            return self.lose("the server sends a list of users without end".to_owned());
        }
        if !self.users.is_empty() {
            self.users.push(b' ');
        }
        self.users.extend_from_slice(name);
    }

    fn listed(&mut self, of: &str, names: &[u8], pending: &Pending, now: Time) {
        self.settle(|candidate| candidate == pending, now);
        self.shown.push(render::list(of, names));
    }

    /// Shows the commands that the answer selected by `is` proves to be done.
    fn settle(&mut self, is: impl Fn(&Pending) -> bool, now: Time) {
        for pending in self.pending.settle(is) {
            self.served_at = now;
            match pending {
                Pending::Enter(room) => self.shown.push(render::you("joined", &room)),
                Pending::Told { to, text } => self.shown.push(render::told_by_you(&to, &text)),
                Pending::Part => self.shown.push(Shown::Chat("* you left the room".to_owned())),
                // A later answer came first: the server does not send a client's own lines back.
                Pending::Echo(text) => {
                    self.shown.push(render::said(self.topic.user.as_bytes(), &text));
                }
                Pending::Users if self.is_fenced() => {
                    let users = std::mem::take(&mut self.users);
                    self.shown.push(render::list("users", &users));
                }
                Pending::Farewell => self.half_close = true,
                Pending::Name | Pending::Users | Pending::Rooms | Pending::Fence => {}
            }
        }
    }
}

/// The `3` of `Joined #r (3 users)`; 0 for other words.
fn number_before_users(words: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(words);
    let inside = text.rsplit_once('(').and_then(|(_, rest)| rest.strip_suffix(" users)"));
    inside.and_then(|number| number.parse().ok()).unwrap_or(0)
}
