//! What one client's whole stream must ask of the registry, in any dialect but rooms, written from
//! the clauses alone; and a session made to ask it.

use super::cuts::{first_line_and_stream, segments};
use super::grammar::{self, Meaning};
use super::oracle;
use parlance_core::limits::{CHUNK_BYTES_MAX, LINE_BYTES_MAX, Limits};
use parlance_core::protocol::dialect::{Dialect, Listing, Stage};
use parlance_core::protocol::extensions::{Extensions, Recall};
use parlance_core::protocol::table::{Event, State};
use parlance_core::protocol::{Answer, Ending, Fault, Name, Request, Secret, Session};
use parlance_core::protocol::{channels::Channels, lobby::Lobby, login::Login, simple::Simple};
use parlance_core::time::Time;

/// A dialect: the product's, and how it looks from outside.
struct Subject {
    dialect: &'static dyn Dialect,
    /// What it offers beyond its document.
    extensions: Extensions,
    meaning: for<'line> fn(Stage, &'line [u8]) -> Meaning<'line>,
    line_end: &'static str,
    error: &'static str,
    too_long: &'static str,
}

const SUBJECTS: [Subject; 5] = [
    Subject {
        dialect: &Lobby,
        extensions: Extensions::OFF,
        meaning: grammar::lobby,
        line_end: "\n",
        error: "",
        too_long: "",
    },
    Subject {
        dialect: &Simple,
        extensions: Extensions::OFF,
        meaning: grammar::simple,
        line_end: "\n",
        error: "ERROR ",
        too_long: "line-too-long",
    },
    Subject {
        dialect: &Login,
        extensions: Extensions::OFF,
        meaning: grammar::login,
        line_end: "\n",
        error: "ERR ",
        too_long: "line-too-long",
    },
    Subject {
        dialect: &Channels,
        extensions: Extensions::OFF,
        meaning: grammar::channels,
        line_end: "\r\n",
        error: "ERROR ",
        too_long: "Line too long",
    },
    Subject {
        dialect: &Channels,
        extensions: EVERY_EXTENSION,
        meaning: grammar::channels_extended,
        line_end: "\r\n",
        error: "ERROR ",
        too_long: "Line too long",
    },
];

const EVERY_EXTENSION: Extensions =
    Extensions { kept_rooms: true, accounts: true, registration: true, refuses_passwords: false };

/// A session asks what the obvious one asks, whatever is answered, and obeys its table.
///
/// The first byte chooses the dialect. The rest of the first line says how the stream is cut, and
/// more: the n-th request has to wait first if the n-th byte is a lower-case letter; a name or an
/// entry is refused, where that can be, if it is an upper-case one; and the stream ends in a reset
/// if the line's length is odd.
pub(crate) fn sessions(input: &[u8]) {
    let (head, stream) = first_line_and_stream(input);
    let (choice, head) = head.split_first().unwrap_or((&b'0', b""));
    let subject = &SUBJECTS[usize::from(choice.wrapping_sub(b'0')) % SUBJECTS.len()];
    let mut session = Session::new(subject.dialect, &Limits::default(), Time::ZERO);
    session.offer(subject.extensions);
    let mut run = Run { session, head, asked: Vec::new(), count: 0 };
    for segment in segments(head, stream) {
        run.read(segment);
    }
    let before = run.session.state();
    let resets = head.len() % 2 == 1;
    if before != State::Over {
        let event = if resets { Event::Reset } else { Event::EndOfStream };
        if resets {
            run.session.reset();
        } else {
            run.session.end_of_stream();
        }
        run.exchange(before, event);
        let ending = if resets { Ending::Abort } else { Ending::Flush };
        assert_eq!(run.session.ending(), Some(ending));
    }
    assert_eq!(run.session.state(), State::Over);
    assert_eq!(run.session.unfinished_len(), 0, "a session that is over keeps nothing");
    assert_eq!(run.asked, subject.conversation(head, stream));
}

/// Whether the request numbered `count` is refused.
fn refused(head: &[u8], count: usize) -> bool {
    head.get(count % head.len().max(1)).is_some_and(u8::is_ascii_uppercase)
}

impl Subject {
    /// All requests, neighbouring runs made one.
    fn conversation(&self, head: &[u8], stream: &[u8]) -> Vec<Request> {
        let oracle::Lines { lines, too_long } = oracle::lines(stream);
        let mut asked = Vec::new();
        let mut count = 0;
        let (mut stage, mut name, mut room) = (Stage::Fresh, None, None);
        for line in &lines {
            let wrong = oracle::other_protocol(line).filter(|_| stage == Stage::Fresh);
            if let Some(fault) = wrong {
                asked.push(self.depart_for(&fault));
                return asked;
            }
            let meaning = (self.meaning)(stage, line);
            let request = self.request(&meaning, name.as_ref(), room.as_ref());
            let is_run = matches!(request, Request::Publish { .. });
            let before = asked.len();
            push(&mut asked, request.clone());
            if !is_run || asked.len() > before {
                count += 1;
            }
            match request {
                Request::Depart { .. } => return asked,
                Request::Name { .. }
                | Request::Enter { .. }
                | Request::LogIn { .. }
                | Request::Ghost { .. }
                | Request::Register { .. }
                    if stage == Stage::Fresh && refused(head, count - 1) => {}
                Request::Register { .. } if stage != Stage::Fresh => {}
                Request::LogOut if refused(head, count - 1) => {}
                Request::LogOut => (stage, name, room) = (Stage::Fresh, None, None),
                Request::Name { name: taken }
                | Request::LogIn { name: taken, .. }
                | Request::Ghost { name: taken }
                | Request::Register { name: taken, .. } => {
                    (stage, name) = (Stage::Named, Some(taken));
                }
                Request::Enter { room: entered, name: taken } => {
                    (stage, name, room) = (Stage::Member, Some(taken), Some(entered));
                }
                Request::Leave => (stage, room) = (Stage::Named, None),
                _ => {}
            }
        }
        let unfinished = stream.split(|byte| *byte == b'\n').nth(lines.len()).unwrap_or_default();
        if stage == Stage::Fresh && oracle::is_tls(unfinished) {
            asked.push(self.depart_for(&Fault::TlsHello));
            return asked;
        }
        let farewell = if too_long { self.line(self.error, self.too_long) } else { Vec::new() };
        asked.push(Request::Depart { farewell });
        asked
    }

    fn request(&self, meaning: &Meaning<'_>, name: Option<&Name>, room: Option<&Name>) -> Request {
        let new = |bytes: &[u8]| Name::new(bytes, 64).expect("the grammar says that it is a name");
        let me = name.map_or("", Name::as_str).as_bytes();
        match *meaning {
            Meaning::Name(name) => Request::Name { name: new(name) },
            Meaning::Enter(name) => Request::Enter { room: new(b"hall"), name: new(name) },
            Meaning::Join(to) if room.map(Name::as_bytes) == Some(to) => {
                let text = format!("Already in {}", String::from_utf8_lossy(to));
                Request::Reply { lines: self.line(self.error, &text) }
            }
            Meaning::Join(to) => {
                Request::Enter { room: new(to), name: name.expect("has one").clone() }
            }
            Meaning::Leave => Request::Leave,
            Meaning::Say(text) => {
                let place = room.map_or("", Name::as_str).as_bytes();
                let start: Vec<&[u8]> = match self.dialect.name() {
                    "lobby" => vec![me, b":"],
                    "channels" => vec![b"ROOM ", place, b" ", me, b" "],
                    _ => vec![b"MSG ", me, b" "],
                };
                let lines = [start.concat(), text.to_vec(), self.line_end.into()].concat();
                Request::Publish { lines }
            }
            Meaning::Tell(to, b"") => Request::Tell { to: new(to), line: Err(Fault::EmptyText) },
            Meaning::Tell(to, text) => {
                let word: &[u8] = if self.line_end == "\n" { b"DM " } else { b"PRIVMSG " };
                let line = [word, me, b" ", text, self.line_end.as_bytes()].concat();
                Request::Tell { to: new(to), line: Ok(line) }
            }
            Meaning::Users => Request::List(Listing::Members),
            Meaning::Rooms => Request::List(Listing::Rooms),
            Meaning::Help => {
                let mut lines = Vec::new();
                self.dialect.help(self.extensions, &mut lines); // its words are tested elsewhere
                Request::Reply { lines }
            }
            Meaning::History(lines, before) => {
                let lines = usize::try_from(lines).expect("a thousand at most");
                Request::History(Recall { lines, before })
            }
            Meaning::LogIn(name, password) => {
                Request::LogIn { name: new(name), password: Secret::new(password) }
            }
            Meaning::Ghost(name) => Request::Ghost { name: new(name) },
            Meaning::Register(own, password) => {
                let name = own.map_or_else(|| name.expect("has one").clone(), new);
                Request::Register { name, password: Secret::new(password) }
            }
            Meaning::ChangePassword(old, secret) => {
                Request::ChangePassword { secrets: Secret::new(old).zip(Secret::new(secret)) }
            }
            Meaning::LogOut => Request::LogOut,
            Meaning::Topic => Request::Topic,
            Meaning::SetTopic(text) => Request::SetTopic { text: text.to_vec() },
            Meaning::Pong => Request::Reply { lines: b"PONG\n".to_vec() },
            Meaning::Quit(line) => Request::Depart { farewell: line.to_vec() },
            Meaning::Fault(Fault::Syntax) => Request::Depart { farewell: Vec::new() },
            Meaning::Fault(ref fault) => {
                let mut lines = Vec::new();
                self.dialect.fault(fault, &mut lines); // their words are tested elsewhere
                Request::Reply { lines }
            }
        }
    }

    /// Their words are tested elsewhere.
    fn depart_for(&self, fault: &Fault) -> Request {
        let mut farewell = Vec::new();
        self.dialect.fault(fault, &mut farewell);
        Request::Depart { farewell }
    }

    fn line(&self, start: &str, text: &str) -> Vec<u8> {
        if text.is_empty() {
            return Vec::new();
        }
        format!("{start}{text}{}", self.line_end).into_bytes()
    }
}

/// Adds `request`; a run after a run goes on with it.
fn push(asked: &mut Vec<Request>, request: Request) {
    match (asked.last_mut(), request) {
        (Some(Request::Publish { lines }), Request::Publish { lines: more }) => lines.extend(more),
        (_, request) => asked.push(request),
    }
}

/// A session and what it asked.
struct Run<'a> {
    session: Session,
    head: &'a [u8],
    asked: Vec<Request>,
    /// Requests, a run after a run not counted.
    count: usize,
}

impl Run<'_> {
    fn read(&mut self, read: &[u8]) {
        let mut rest = read;
        while !rest.is_empty() {
            let before = self.session.state();
            let used = self.session.feed(rest, Time::ZERO);
            assert!(used <= rest.len(), "more was consumed than given");
            assert!(self.session.unfinished_len() < LINE_BYTES_MAX, "memory is bounded");
            let event = match self.session.state() {
                State::Asking(_) => Event::Ask,
                State::Departing => Event::Quit,
                same => {
                    assert_eq!((same, used), (before, rest.len()), "nothing happened");
                    return;
                }
            };
            assert!(used > 0, "a request without input");
            rest = &rest[used..];
            self.exchange(before, event);
        }
    }

    /// `event` has happened in state `before`: the table says what must be the case now, and the
    /// session has one request, which is answered.
    fn exchange(&mut self, before: State, event: Event) {
        let state = self.session.state();
        assert_eq!(before.after(event), Some(state), "{event:?} in {before:?}");
        let mut request = self.session.take_request().expect("every event here leads to a request");
        assert_eq!(self.session.take_request(), None, "a request is given out once");
        let known = self.asked.len();
        push(&mut self.asked, request.clone());
        let goes_on = self.asked.len() == known;
        let number = if goes_on { self.count - 1 } else { self.count };
        self.count = number + 1;
        let call = self.head.get(number % self.head.len().max(1));
        let departs = matches!(request, Request::Depart { .. });
        if call.is_some_and(u8::is_ascii_lowercase) && !departs {
            request = self.wait(request);
        }
        let fresh = state == State::Asking(Stage::Fresh);
        let answer = match request {
            Request::Name { .. }
            | Request::Enter { .. }
            | Request::LogIn { .. }
            | Request::Ghost { .. }
            | Request::Register { .. }
                if fresh && refused(self.head, number) =>
            {
                Answer::Refused
            }
            Request::LogOut if refused(self.head, number) => Answer::Refused,
            Request::LogOut => Answer::LoggedOut,
            Request::Register { .. } if !fresh => Answer::Done,
            Request::Name { .. }
            | Request::LogIn { .. }
            | Request::Ghost { .. }
            | Request::Register { .. } => Answer::Named,
            Request::Enter { .. } => Answer::Entered,
            Request::Leave => Answer::Left,
            Request::Publish { lines } => {
                let whole = lines.ends_with(b"\n");
                assert!(lines.len() <= CHUNK_BYTES_MAX && whole, "a run of whole lines");
                Answer::Published
            }
            Request::ChangePassword { .. }
            | Request::Tell { .. }
            | Request::List(_)
            | Request::History(_)
            | Request::Topic
            | Request::SetTopic { .. }
            | Request::Reply { .. } => Answer::Done,
            Request::Depart { .. } => Answer::Departed,
        };
        self.session.answer(answer);
    }

    /// The request has to wait once, and comes back as it was.
    fn wait(&mut self, request: Request) -> Request {
        self.session.answer(Answer::Wait { request: request.clone(), until: Time::ZERO });
        assert!(self.session.state().is_held());
        assert_eq!((self.session.feed(b"x\n", Time::ZERO), self.session.take_request()), (0, None));
        self.session.time(Time::ZERO);
        assert_eq!(self.session.take_request().as_ref(), Some(&request));
        request
    }
}
