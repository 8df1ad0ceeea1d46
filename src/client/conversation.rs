//! One connection's conversation, as a state machine: no I/O, no clock.

mod answers;
mod loss;

use super::input::{self, Input, verbs};
use super::pending::{Ledger, Pending};
use super::render::{Kind, Shown};
use super::vocabulary::Vocabulary;
use parlance_core::limits::LINE_BYTES_MAX;
use parlance_core::time::Time;
use parlance_speech::{Command, Dialect, Echo, Entry};
use std::time::Duration;

/// Maximum wait for the server to close, once every command is answered.
pub(super) const CLOSING: Duration = Duration::from_secs(5);

/// Maximum unanswered commands; no further one is sent until an answer comes.
pub(super) const UNANSWERED_MAX: usize = 1000;

/// Maximum unsent bytes; no further command is sent until the network takes some.
const UNSENT_MAX: usize = 64 * 1024;

/// The settings of a conversation.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The dialect.
    pub dialect: Dialect,
    /// The user's name.
    pub user: String,
    /// The room to join at once.
    pub room: Option<String>,
    /// Silence after which the server is asked for a sign of life, in dialects that have a line
    /// for it.
    pub ping: Option<Duration>,
    /// Maximum wait for an answer; then the server is lost.
    pub timeout: Duration,
    /// Whether a person looks. Lists of users are then asked for at each join, in dialects that
    /// have them: they tell replayed lines from live ones, and the names to complete.
    pub interactive: bool,
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
    /// The client has no name, and its user is to log in to one.
    Locked,
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
/// use std::time::Duration;
///
/// let (user, timeout) = ("bob".into(), Duration::from_secs(30));
/// let (dialect, room, ping, interactive) = (Dialect::Simple, None, None, false);
/// let topic = Topic { dialect, user, room, ping, timeout, interactive };
/// let mut conversation = Conversation::new(topic, Time::ZERO);
/// assert_eq!(conversation.unsent(), b"JOIN bob\n");
/// conversation.heard(b"OK", Time::ZERO);
/// conversation.typed(b"hi", Time::ZERO); // which has no echo in this dialect
/// let shown: Vec<_> = conversation.take_shown().iter().map(|shown| shown.text()).collect();
/// assert_eq!(shown, ["-- connected as bob", "<bob> hi"]);
/// ```
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
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
    /// The time of the server's last line.
    heard_at: Time,
    /// Whether a line of the user came back.
    echoed: bool,
    half_close: bool,
    failed: bool,
    end: Option<End>,
    /// The room that the user is in, if it has a name.
    room: Option<Vec<u8>>,
    /// Whether lines of the room were said before the user joined.
    replaying: bool,
    /// The number of private lines since the user last typed.
    unread: usize,
    /// The server's last line, if it was an error, in words.
    complaint: Option<String>,
    words: Vocabulary,
}

impl Conversation {
    /// A conversation that begins now, by claiming the name.
    pub fn new(topic: Topic, now: Time) -> Conversation {
        let (user, room) = (topic.user.clone(), topic.room.clone());
        let known = verbs(topic.dialect);
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
            heard_at: now,
            echoed: false,
            half_close: false,
            failed: false,
            end: None,
            room: None,
            replaying: false,
            unread: 0,
            complaint: None,
            words: Vocabulary::new(input::words(known)),
        };
        let named = room.as_deref().unwrap_or_default().as_bytes();
        conversation.send(&Command::Name { user: user.as_bytes(), room: named }, now);
        if let Some(room) = &room {
            conversation.words.see(named);
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
        !matches!(self.phase, Phase::Entering | Phase::Locked)
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
        matches!(self.phase, Phase::Ready | Phase::Locked) && !self.is_full()
    }

    /// The room that the user is in, if it has a name.
    pub fn room(&self) -> Option<&[u8]> {
        self.room.as_deref()
    }

    /// The number of private lines since the user last typed.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// The words that can be completed.
    pub(super) fn words(&self) -> &Vocabulary {
        &self.words
    }

    /// The time by which [`Conversation::passed`] must be called.
    pub fn deadline(&self) -> Time {
        match self.phase {
            Phase::Leaving if self.half_close => self.served_at + CLOSING,
            // A script's next line waits for an answer, so an answer must come.
            Phase::Locked if self.pending.is_empty() => Time::NEVER,
            Phase::Entering | Phase::Leaving | Phase::Locked => self.served_at + self.topic.timeout,
            Phase::Ready if self.is_full() => self.served_at + self.topic.timeout,
            Phase::Ready => self.lost_at().min(self.probed_at()),
        }
    }

    /// The time at which the server is taken for lost: something is pending, and it says nothing.
    fn lost_at(&self) -> Time {
        let silent_since = self.served_at.max(self.heard_at);
        if self.pending.is_empty() { Time::NEVER } else { silent_since + self.topic.timeout }
    }

    /// The time at which a silent server is asked for a sign of life.
    fn probed_at(&self) -> Time {
        match self.topic.ping {
            Some(ping) if self.is_fenced() => self.sent_at + ping,
            Some(ping) if self.topic.dialect.has(&Command::Users) && self.pending.is_empty() => {
                self.sent_at.max(self.heard_at) + ping
            }
            _ => Time::NEVER,
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
            Phase::Ready if !self.is_full() && now < self.lost_at() => self.probe(now),
            Phase::Leaving | Phase::Entering | Phase::Locked | Phase::Ready => {
                let seconds = self.topic.timeout.as_secs_f64();
                self.lose(format!("the server has not answered for {seconds} s"));
            }
        }
    }

    /// Takes a line of the user.
    pub fn typed(&mut self, line: &[u8], now: Time) {
        self.unread = 0;
        let input = match input::parse(line, verbs(self.topic.dialect)) {
            Ok(Some(input)) => input,
            Ok(None) => return,
            Err(why) => return self.fail(why),
        };
        match input {
            Input::Quit => self.leave(now),
            Input::Ambiguous => {
                let ways = "/leave leaves the room, /quit ends the program, send leave says it";
                self.fail(format!("leave what? {ways}"));
            }
            Input::Help => {
                let lines = input::help(verbs(self.topic.dialect));
                self.shown.extend(lines.map(Shown::Help));
            }
            Input::Command(command) => self.command(&command, now),
        }
    }

    /// Takes a line of a paste: a text, whatever it begins with.
    pub fn pasted(&mut self, text: &[u8], now: Time) {
        if !text.trim_ascii().is_empty() {
            self.command(&Command::Say(text), now);
        }
    }

    fn command(&mut self, command: &Command<'_>, now: Time) {
        match self.phase {
            Phase::Entering => self.fail("you are not logged in yet".to_owned()),
            Phase::Leaving => self.fail("you have left".to_owned()),
            Phase::Locked if !matches!(command, Command::Account { .. }) => {
                self.fail("you have no name: write /login NAME PASSWORD".to_owned());
            }
            Phase::Ready if self.is_full() => {
                self.fail("the server has not answered yet; try again later".to_owned());
            }
            Phase::Ready | Phase::Locked => self.ask_for(command, now),
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
            Phase::Entering | Phase::Locked => self.finish(End::Left),
            Phase::Leaving => self.lose("you did not wait for the server's answers".to_owned()),
        }
    }

    /// Takes the news of a line of the server that is too long.
    pub fn heard_too_much(&mut self) {
        self.lose("the server sends a line without end".to_owned());
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

    /// Whether the dialect has a line that is answered once all earlier lines are done.
    fn is_fenced(&self) -> bool {
        self.topic.dialect.has(&Command::Ping)
    }

    /// Sends a command and records the answer that it needs. Returns whether the dialect has the
    /// command.
    fn send(&mut self, command: &Command<'_>, now: Time) -> bool {
        let Some(line) = self.topic.dialect.line(command) else { return false };
        self.write(&line, now);
        // A server that never answers a fence must not make the record grow without bound.
        let full = *command == Command::Ping && self.pending.len() >= 2 * UNANSWERED_MAX;
        if let Some(answer) = Pending::answer_to(command, self.topic.dialect).filter(|_| !full) {
            self.expect(answer, now);
        }
        if matches!(command, Command::Join(_)) && self.topic.interactive {
            self.count(now);
        }
        true
    }

    fn write(&mut self, line: &[u8], now: Time) {
        self.unsent.extend(line);
        self.unsent.push(b'\n');
        self.sent_at = now;
    }

    /// Records an answer that must come; the wait for it begins now if it is the first.
    fn expect(&mut self, answer: Pending, now: Time) {
        if self.pending.is_empty() {
            self.served_at = now;
        }
        self.pending.push(answer);
    }

    /// Asks for the users of the room without showing them.
    fn count(&mut self, now: Time) {
        if let Some(line) = self.topic.dialect.line(&Command::Users) {
            self.write(&line, now);
            self.expect(Pending::Census, now);
        }
    }

    /// Asks the server for a sign of life.
    fn probe(&mut self, now: Time) {
        if self.is_fenced() { self.ask(now) } else { self.count(now) }
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
        match command {
            Command::Say(text) if dialect.echo() == Echo::Never => self.show_own(text),
            Command::Join(room) => self.words.see(room),
            _ => {}
        }
        self.ask(now);
    }

    /// Sends a fence, where the dialect has one. It also shows the server that the client lives.
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

    fn show_own(&mut self, text: &[u8]) {
        let (from, text) = (self.topic.user.clone().into_bytes(), text.to_vec());
        self.shown.push(Shown::Said { from, text, kind: Kind::Own });
    }

    /// Accepts commands as soon as the name, and the first room, are answered.
    fn admit(&mut self) {
        let entering = |pending: &Pending| matches!(pending, Pending::Name | Pending::Enter(_));
        if self.phase == Phase::Entering && self.end.is_none() && !self.pending.any(entering) {
            self.phase = Phase::Ready;
            if self.topic.dialect.entry() == Entry::Notice {
                // The name and the room were claimed by one line.
                self.room = self.topic.room.clone().map(String::into_bytes);
            }
            self.shown.push(Shown::Notice(format!("connected as {}", self.topic.user)));
        }
    }
}
