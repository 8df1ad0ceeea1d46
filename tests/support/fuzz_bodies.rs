//! The body of each fuzz target, as a function from bytes to a verdict: it panics or it does not.
//!
//! The files under `fuzz/` only hand libFuzzer's bytes to these; `tests/core/corpora.rs` hands them
//! the committed corpora. Where a target reads a stream of bytes, the first line of its input is no
//! part of the stream but says how it is cut, so that inputs stay readable.

use super::check;
pub(crate) use super::conversation::sessions;
use super::cuts::{first_line_and_stream, segments};
use super::grammar::{self, Meaning};
use super::operation::Scenario;
use super::oracle::{self, Conversation, Lines};
pub(crate) use super::telnet::agrees as telnet;
pub(crate) use super::websocket::agrees as websocket;
use parlance_core::limits::{CHUNK_BYTES_MAX, LINE_BYTES_MAX, Limits};
use parlance_core::protocol::channels::Channels;
use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
use parlance_core::protocol::framing::{Frame, Framer};
use parlance_core::protocol::lobby::Lobby;
use parlance_core::protocol::login::Login;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::protocol::simple::Simple;
use parlance_core::protocol::table::{Event, State};
use parlance_core::protocol::{Answer, Ending, Request, Session};
use parlance_core::time::Time;

/// A body.
pub(crate) type Body = fn(&[u8]);

/// Every target: the name of its folders and its body.
pub(crate) const TARGETS: [(&str, Body); 11] = [
    ("parse_join", parse_join),
    ("parse_lobby", parse_lobby),
    ("parse_simple", parse_simple),
    ("parse_login", parse_login),
    ("parse_channels", parse_channels),
    ("framing", framing),
    ("telnet", telnet),
    ("websocket", websocket),
    ("session", session),
    ("sessions", sessions),
    ("server_model", server_model),
];

/// The parser of a first line agrees with the obvious one, and lets every later line pass.
pub(crate) fn parse_join(line: &[u8]) {
    let parsed = Rooms.parse(Stage::Fresh, line);
    match (&parsed, oracle::join(line)) {
        (Ok(Command::Enter { room, name }), Some((expected_room, user))) => {
            assert_eq!((room.as_bytes(), name.as_bytes()), (expected_room, user));
        }
        (Err(Fault::Syntax), None) => {}
        (_, expected) => panic!("parsed as {parsed:?}, must be {expected:?}"),
    }
    assert_eq!(Rooms.parse(Stage::Member, line), Ok(Command::Say(line)));
}

/// The lobby's parser agrees with the obvious one.
pub(crate) fn parse_lobby(line: &[u8]) {
    parse(&Lobby, grammar::lobby, &[Stage::Fresh, Stage::Member], line);
}

/// The simple dialect's parser agrees with the obvious one.
pub(crate) fn parse_simple(line: &[u8]) {
    parse(&Simple, grammar::simple, &[Stage::Fresh, Stage::Member], line);
}

/// The login dialect's parser agrees with the obvious one.
pub(crate) fn parse_login(line: &[u8]) {
    parse(&Login, grammar::login, &[Stage::Fresh, Stage::Member], line);
}

/// The channels dialect's parser agrees with the obvious one.
pub(crate) fn parse_channels(line: &[u8]) {
    parse(&Channels, grammar::channels, &[Stage::Fresh, Stage::Named, Stage::Member], line);
}

fn parse(
    dialect: &dyn Dialect,
    obvious: for<'line> fn(Stage, &'line [u8]) -> Meaning<'line>,
    stages: &[Stage],
    line: &[u8],
) {
    for &stage in stages {
        let (parsed, expected) = (dialect.parse(stage, line), obvious(stage, line));
        assert!(
            grammar::agrees(&parsed, &expected),
            "{stage:?}: parsed as {parsed:?}, must be {expected:?}"
        );
    }
}

/// A stream gives the lines that splitting it at every LF gives, however it is cut.
pub(crate) fn framing(input: &[u8]) {
    let (lengths, stream) = first_line_and_stream(input);
    assert_eq!(frames(&segments(lengths, stream)), oracle::lines(stream));
}

/// The lines that a framer makes of `reads`.
pub(crate) fn frames(reads: &[&[u8]]) -> Lines {
    let mut framer = Framer::default();
    let mut lines = Vec::new();
    for read in reads {
        let mut rest = *read;
        while !rest.is_empty() {
            let (frame, used) = framer.next(rest);
            assert!(used <= rest.len(), "more was taken than given");
            match frame {
                Frame::Line(line) => lines.push(line.to_vec()),
                Frame::Unfinished => assert_eq!(used, rest.len(), "all of it is kept"),
                Frame::TooLong => return Lines { lines, too_long: true },
            }
            rest = &rest[used..];
            assert!(framer.unfinished_len() < LINE_BYTES_MAX, "memory is bounded");
        }
    }
    Lines { lines, too_long: false }
}

/// A session says what the obvious version says, obeys its table and keeps little.
///
/// The first line is more than the cuts here: a request to publish has to wait first if its byte
/// of that line, in turn, is a letter; and the stream ends in a reset if the line's length is odd.
pub(crate) fn session(input: &[u8]) {
    let (head, stream) = first_line_and_stream(input);
    let mut run = Run {
        session: Session::new(&Rooms, &Limits::default(), Time::ZERO),
        waits: head,
        published: 0,
        heard: Conversation::default(),
    };
    for segment in segments(head, stream) {
        run.read(segment);
    }
    let before = run.session.state();
    if head.len() % 2 == 1 && before != State::Over {
        run.session.reset();
        run.exchange(before, Event::Reset);
        assert_eq!(run.session.ending(), Some(Ending::Abort));
    } else if before != State::Over {
        run.session.end_of_stream();
        run.exchange(before, Event::EndOfStream);
        assert_eq!(run.session.ending(), Some(Ending::Flush));
    }
    assert_eq!(run.session.state(), State::Over);
    assert_eq!(run.session.unfinished_len(), 0, "a session that is over keeps nothing");
    assert_eq!(run.heard, oracle::conversation(stream));
}

/// A session and what came of it.
struct Run<'a> {
    session: Session,
    waits: &'a [u8],
    published: usize,
    heard: Conversation,
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
        assert_eq!(before.after(event), Some(self.session.state()), "{event:?} in {before:?}");
        assert_eq!(
            self.session.feed(b"not now\n", Time::ZERO) > 0,
            ends(event),
            "input is discarded or left"
        );
        let request = self.session.take_request().expect("every event here leads to a request");
        assert_eq!(self.session.take_request(), None, "a request is given out once");
        let answer = match request {
            Request::Enter { room, name } => {
                let joined = (room.as_bytes().to_vec(), name.as_bytes().to_vec());
                assert_eq!(self.heard.joined.replace(joined), None, "joined twice");
                Answer::Entered
            }
            Request::Publish { lines } => self.publish(lines),
            Request::Name { .. }
            | Request::LogIn { .. }
            | Request::Ghost { .. }
            | Request::Register { .. }
            | Request::ChangePassword { .. }
            | Request::LogOut
            | Request::Leave
            | Request::Tell { .. }
            | Request::List(_)
            | Request::History(_)
            | Request::Topic
            | Request::SetTopic { .. }
            | Request::Reply { .. } => panic!("{request:?} in a dialect that has no such thing"),
            Request::Depart { farewell } => {
                assert_eq!(farewell.is_empty(), event != Event::Quit);
                self.heard.error = farewell == b"ERROR\n";
                Answer::Departed
            }
        };
        self.session.answer(answer);
    }

    fn publish(&mut self, mut lines: Vec<u8>) -> Answer {
        let wait = self.waits.get(self.published % self.waits.len().max(1));
        if wait.is_some_and(u8::is_ascii_alphabetic) {
            self.session
                .answer(Answer::Wait { request: Request::Publish { lines }, until: Time::ZERO });
            assert!(self.session.state().is_held());
            assert_eq!(
                (self.session.feed(b"x\n", Time::ZERO), self.session.take_request()),
                (0, None)
            );
            self.session.time(Time::ZERO);
            let again = self.session.take_request();
            let Some(Request::Publish { lines: same }) = again else {
                panic!("{again:?} after a wait")
            };
            lines = same;
        }
        self.published += 1;
        assert!(lines.len() <= CHUNK_BYTES_MAX && lines.ends_with(b"\n"), "a run of whole lines");
        self.heard.text.append(&mut lines);
        Answer::Published
    }
}

/// Whether input is discarded from now on.
fn ends(event: Event) -> bool {
    matches!(event, Event::Quit | Event::EndOfStream | Event::Reset)
}

/// The server does what the model does.
pub(crate) fn server_model(input: &[u8]) {
    let mut scenario = Scenario::decode(input);
    scenario.operations.truncate(OPERATIONS_MAX);
    check::run(&scenario);
}

/// Longer scenarios find little that shorter ones do not, and run slowly.
const OPERATIONS_MAX: usize = 150;
