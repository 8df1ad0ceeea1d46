//! The extensions of channels, for a server that keeps its rooms in a store.
//!
//! What is said in a room stays said: the model has all lines of all rooms for ever. When the store
//! performs what it was asked for is the caller's choice ([`Model::perform_store`]).

use super::act::Act;
use super::config::ENTRY_COST;
use super::lines;
use super::{ClientId, Config, HISTORY_BYTES, Model, OutboxState, accounts};

/// The most bytes that wait to be stored before senders wait [extensions/store-3].
const UNSTORED_MAX: usize = 1_048_576;

/// The most bytes of names and texts in one answer [extensions/history-3].
const RECALL_BYTES: usize = 262_144;

/// A line that was said.
#[derive(Clone, Debug)]
struct Said {
    room: String,
    user: String,
    text: Vec<u8>,
    at: u64,
}

/// A room without members that clients wait to join.
#[derive(Clone, Debug)]
struct Awaited {
    room: String,
    is_read: bool,
    clients: Vec<ClientId>,
}

/// Lines that a client waits for: the number of the reply and its bytes, once they are read.
#[derive(Clone, Debug)]
struct Recalled {
    client: ClientId,
    answer: Option<(u64, Vec<u8>)>,
}

/// The store, and what it was asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    /// In the order of their numbers, which begin with 1.
    said: Vec<Said>,
    topics: Vec<(String, String, Vec<u8>)>,
    /// The bytes of each run and topic that waits to be stored, and the number of the run.
    unstored: Vec<(Option<u64>, usize)>,
    awaited: Vec<Awaited>,
    recalled: Vec<Recalled>,
}

/// What a line asks for that is no command of the document. `None` if it is none of the extensions
/// either [extensions/frame-1].
pub(super) fn act(config: &Config, outbox_state: &OutboxState, line: &[u8]) -> Option<Act> {
    let (word, argument) = lines::keyword(line);
    let of_accounts = |rules| accounts::act(rules, outbox_state, line);
    if let Some(act) = config.accounts.and_then(of_accounts) {
        return Some(act);
    }
    let keeps = config.kept_lines.is_some();
    let act = match word {
        b"/help" if argument.is_empty() => return help(config),
        b"/history" if keeps => recall(argument),
        b"/topic" if keeps => topic(argument),
        _ => return None,
    };
    Some(match outbox_state {
        OutboxState::Member { .. } => act,
        OutboxState::Named { .. } => Act::answer("ERROR Not in a room\r\n"),
        _ => Act::answer("ERROR Username required\r\n"),
    })
}

/// [extensions/frame-2]
fn help(config: &Config) -> Option<Act> {
    let keeps = config.kept_lines.map_or("", |_| HELP);
    let accounts = config.accounts.map_or("", |_| accounts::HELP);
    let registration = config.accounts.is_some_and(|rules| rules.registration);
    let register = if registration { accounts::HELP_REGISTER } else { "" };
    let list = format!("HELP /help: this list\r\n{accounts}{register}{keeps}");
    let is_on = config.kept_lines.is_some() || config.accounts.is_some();
    is_on.then(|| Act::answer(&format!("OK Help ({})\r\n{list}", list.lines().count())))
}

const HELP: &str = "\
    HELP /history [N] [before ID]: the last N lines of the room (50), or those before line ID\r\n\
    HELP /topic [TEXT]: show or set the topic of the room; - removes it\r\n";

/// [extensions/history-1] [extensions/frame-3]
fn recall(argument: &[u8]) -> Act {
    let text = String::from_utf8_lossy(argument).into_owned();
    let (count, before) = match text.strip_prefix("before ") {
        Some(id) => (String::from("50"), Some(id.to_owned())),
        None => match text.split_once(" before ") {
            Some((count, id)) => (count.to_owned(), Some(id.to_owned())),
            None if text.is_empty() => (String::from("50"), None),
            None => (text, None),
        },
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
        if digits { text.parse::<u64>().ok() } else { None }
    };
    let before = before.map_or(Some(u64::MAX), |id| number(&id));
    match (number(&count), before) {
        (Some(count), Some(before)) if (1..=1000).contains(&count) => Act::Recall { count, before },
        _ => Act::answer("ERROR Usage: /history [1 to 1000] [before ID]\r\n"),
    }
}

/// [extensions/topic-1] [extensions/topic-2]
fn topic(argument: &[u8]) -> Act {
    match argument.len() {
        0 => Act::Topic,
        1 if argument == b"-" => Act::SetTopic(Vec::new()),
        length if length > 255 => Act::answer("ERROR Topic too long\r\n"),
        _ => Act::SetTopic(argument.to_vec()),
    }
}

/// What the shell does for the store.
impl Model {
    /// The store performs everything that it was asked for: it stores first, then it reads.
    pub fn perform_store(&mut self, now: u64) {
        self.answer_inquiries();
        self.store.unstored.clear();
        for awaited in &mut self.store.awaited {
            awaited.is_read = true;
        }
        let waiting: Vec<ClientId> =
            self.store.recalled.iter().map(|recalled| recalled.client).collect();
        for id in waiting {
            let asked = self.waiting_act(id);
            let (Some(Act::Recall { count, before }), OutboxState::Member { room, .. }) =
                (asked, &self.clients[id].outbox_state)
            else {
                continue;
            };
            let answer = self.recalled(&room.clone(), count, before);
            self.numbered += 1;
            let number = self.numbered;
            let unanswered = |one: &&mut Recalled| one.client == id && one.answer.is_none();
            if let Some(recalled) = self.store.recalled.iter_mut().find(unanswered) {
                recalled.answer = Some((number, answer));
            }
            self.bound_total(now);
        }
    }

    /// Rooms without members that clients wait to join.
    pub fn awaited_rooms(&self) -> usize {
        let empty = |awaited: &&Awaited| self.members(&awaited.room).is_empty();
        self.store.awaited.iter().filter(empty).count()
    }

    /// Whether a held client waits for the store, or to be told something about an account.
    pub fn waits_for_the_store(&self, id: ClientId) -> bool {
        let Some(act) = self.waiting_act(id) else { return false };
        match act {
            Act::Name(_)
            | Act::LogIn { .. }
            | Act::Register { .. }
            | Act::ChangePassword { .. } => self.waits_for_a_verdict(id),
            Act::Recall { .. } => self
                .store
                .recalled
                .iter()
                .any(|recalled| recalled.client == id && recalled.answer.is_none()),
            Act::Enter { .. } => self
                .store
                .awaited
                .iter()
                .any(|awaited| awaited.clients.contains(&id) && !awaited.is_read),
            _ => self.waits_to_be_stored(&act),
        }
    }

    /// Whether a line or a topic waits because too much is not stored yet [extensions/store-3].
    pub(super) fn waits_to_be_stored(&self, act: &Act) -> bool {
        let unstored: usize = self.store.unstored.iter().map(|(_, bytes)| bytes + ENTRY_COST).sum();
        matches!(act, Act::Say(_) | Act::SetTopic(_)) && unstored > UNSTORED_MAX
    }

    /// The numbers and bytes of runs that wait to be stored, and of replies that wait for their
    /// clients: they are part of the total [common/outbox-9].
    pub(super) fn held_by_the_store(&self) -> Vec<(u64, usize)> {
        let unstored = self.store.unstored.iter();
        let runs = unstored.filter_map(|(number, bytes)| number.map(|number| (number, *bytes)));
        let answers = self.store.recalled.iter().filter_map(|one| one.answer.as_ref());
        runs.chain(answers.map(|(number, answer)| (*number, answer.len()))).collect()
    }
}

/// Requests of clients.
impl Model {
    /// Asks the store for what an act needs; returns whether the act has to wait for it.
    pub(super) fn asks_the_store(&mut self, id: ClientId, act: &Act) -> bool {
        match act {
            Act::Recall { .. } => {
                if !self.store.recalled.iter().any(|recalled| recalled.client == id) {
                    self.store.recalled.push(Recalled { client: id, answer: None });
                }
                self.store.recalled.iter().any(|one| one.client == id && one.answer.is_none())
            }
            Act::Enter { room, .. } => self.awaits_the_room(id, room), // [extensions/history-4]
            _ => false,
        }
    }

    fn awaits_the_room(&mut self, id: ClientId, room: &str) -> bool {
        if self.config.kept_lines.is_none() || !self.members(room).is_empty() {
            return false;
        }
        let awaited = &mut self.store.awaited;
        if !awaited.iter().any(|one| one.room == room) {
            let new = Awaited { room: room.to_owned(), is_read: false, clients: Vec::new() };
            awaited.push(new);
        }
        let found = awaited.iter_mut().find(|one| one.room == room);
        let Some(found) = found.filter(|found| !found.is_read) else { return false };
        if !found.clients.contains(&id) {
            found.clients.push(id);
        }
        true
    }

    /// The client waits for nothing of the store any longer.
    pub(super) fn awaits_nothing(&mut self, id: ClientId) {
        for awaited in &mut self.store.awaited {
            awaited.clients.retain(|client| *client != id);
        }
        self.store.awaited.retain(|awaited| !awaited.clients.is_empty());
        self.drops_recalled(id);
        self.drops_inquiry(id);
    }

    /// A reply that the client was to get goes with its outbox.
    pub(super) fn drops_recalled(&mut self, id: ClientId) {
        self.store.recalled.retain(|recalled| recalled.client != id);
    }

    /// The reply to a recall, which was read: its number and bytes [extensions/history-2].
    pub(super) fn take_recalled(&mut self, id: ClientId) -> Option<(u64, Vec<u8>)> {
        let found = self.store.recalled.iter().position(|recalled| recalled.client == id)?;
        self.store.recalled.remove(found).answer
    }

    /// The lines of a run are said, and are to be stored [extensions/store-1].
    pub(super) fn keep(&mut self, room: &str, user: &str, run: &[Vec<u8>], now: u64) {
        let before = format!("ROOM {room} {user} ").len();
        for line in run {
            let text = line[before..line.len() - 2].to_vec();
            let (room, user) = (room.to_owned(), user.to_owned());
            self.store.said.push(Said { room, user, text, at: now });
        }
        self.store.unstored.push((Some(self.numbered + 1), run.concat().len()));
    }

    /// The topic of a room from now on; none if it is empty.
    pub(super) fn keep_topic(&mut self, room: &str, user: &str, text: &[u8]) {
        self.store.topics.retain(|(of, ..)| of != room);
        if !text.is_empty() {
            self.store.topics.push((room.to_owned(), user.to_owned(), text.to_vec()));
        }
        self.store.unstored.push((None, text.len()));
    }

    /// The line that shows the topic of a room [extensions/topic-1].
    pub(super) fn topic_line(&self, room: &str) -> Vec<u8> {
        match self.store.topics.iter().find(|(of, ..)| of == room) {
            Some((_, user, text)) => {
                let parts =
                    [b"TOPIC ", room.as_bytes(), b" ", user.as_bytes(), b" ", text, b"\r\n"];
                lines::joined(&parts)
            }
            None => format!("TOPIC {room}\r\n").into_bytes(),
        }
    }

    /// What a joiner is shown of a room's past: its last lines, and its topic if there is one
    /// [extensions/history-4] [extensions/topic-3].
    pub(super) fn past(&self, room: &str, lines_max: usize) -> Vec<Vec<u8>> {
        let mut past: Vec<Vec<u8>> = Vec::new();
        for said in self.store.said.iter().filter(|said| said.room == room) {
            let parts =
                [b"ROOM ", room.as_bytes(), b" ", said.user.as_bytes(), b" ", &said.text, b"\r\n"];
            past.push(lines::joined(&parts));
        }
        while past.len() > lines_max || past.concat().len() > HISTORY_BYTES {
            past.remove(0);
        }
        if self.store.topics.iter().any(|(of, ..)| of == room) {
            past.push(self.topic_line(room));
        }
        past
    }

    /// [extensions/history-2] [extensions/history-3]
    fn recalled(&self, room: &str, count: u64, before: u64) -> Vec<u8> {
        let numbered = (1_u64..).zip(&self.store.said);
        let asked = numbered.filter(|(id, said)| said.room == room && *id < before);
        let mut newest: Vec<_> = asked.collect();
        let bytes = |lines: &[(u64, &Said)]| -> usize {
            lines.iter().map(|(_, said)| said.user.len() + said.text.len()).sum()
        };
        while newest.len() as u64 > count || newest.len() > 1 && bytes(&newest) > RECALL_BYTES {
            newest.remove(0);
        }
        let mut block = format!("OK History {room} ({})\r\n", newest.len()).into_bytes();
        for (id, said) in newest {
            let head = format!("HISTORY {id} {} {room} {} ", date(said.at / 1_000_000), said.user);
            block.extend(lines::joined(&[head.as_bytes(), &said.text, b"\r\n"]));
        }
        block
    }
}

/// Milliseconds since 1970 as a date, day by day.
fn date(millis: u64) -> String {
    let (mut days, of_day) = (millis / 86_400_000, millis % 86_400_000);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (second, milli) = (of_day / 1000, of_day % 1000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let (month, day) = (month + 1, days + 1);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}
