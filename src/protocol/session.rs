//! One connection's protocol state, as a pure state machine.

use super::dialect::{Command, Dialect, Fault, Stage};
use super::exchange::{Answer, Request};
use super::framing::{Frame, Framer};
use super::name::Name;
use super::table::{Event, State};
use crate::limits::CHUNK_BYTES_MAX;
use crate::time::Time;
use memchr::{memchr_iter, memrchr};

/// How a connection is to be closed once its session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client sent end of stream: flush what it is owed, then close. [common/eos-4]
    Flush,
    /// It was told why: flush, shut down the write side, discard input for a while, close. [common/close-2]
    Linger,
    /// Close without a word. [common/limit-1]
    Silent,
    /// The connection is broken or its queue was dropped: close at once. [common/close-3]
    Abort,
}

/// The protocol of one connection: bytes in, requests to the registry out.
///
/// # Contract
///
/// A session never performs anything. Its caller carries values, and these are all the calls:
///
/// * **From the network**: [`feed`](Session::feed), [`end_of_stream`](Session::end_of_stream),
///   [`reset`](Session::reset).
/// * **From the clock**: [`time`](Session::time), due at [`deadline`](Session::deadline).
/// * **From the registry**: [`answer`](Session::answer), once for each request taken;
///   [`retry`](Session::retry), when a waiter is woken; [`gone`](Session::gone), when the client was evicted
///   or the server shuts down.
/// * **Outputs**: [`take_request`](Session::take_request), [`deadline`](Session::deadline),
///   [`ending`](Session::ending), [`state`](Session::state).
///
/// After every call from the first three groups the caller takes the request, if there is one,
/// submits it and gives the answer back before it makes another call. The one exception is an
/// answer of *wait*: the session then is [`Held`](State::Held), takes no input (`feed` consumes
/// nothing) and may see `time`, `retry`, `reset` or `gone` only. `feed` stops after each request and says how much it consumed, so a caller
/// can look at the outbox between requests; what is left is fed again after the answer.
///
/// The same bytes give the same lines however they are cut. [common/framing-6] A call that [`State::after`]
/// does not allow is a bug of the caller: it trips a debug assertion and changes nothing.
///
/// ```
/// use parlance::protocol::{Answer, Request, Session, rooms::Rooms};
/// use parlance::time::Time;
///
/// let mut session = Session::new(&Rooms, Time::NEVER);
/// let input = b"JOIN den joe\nhi\n\n";
/// let used = session.feed(input);
/// assert!(matches!(session.take_request(), Some(Request::Enter { .. })));
/// session.answer(Answer::Entered);
/// session.feed(&input[used..]);
/// let lines = b"joe: hi\njoe: \n".to_vec(); // the empty line is a line
/// assert_eq!(session.take_request(), Some(Request::Publish { lines }));
/// ```
pub struct Session {
    dialect: &'static dyn Dialect,
    state: State,
    framer: Framer,
    name: Option<Name>,
    /// What rendering adds to a line of this client, in bytes.
    overhead: usize,
    request: Option<Request>,
    deadline: Time,
    ending: Option<Ending>,
}

impl Session {
    /// A session of `dialect` whose first valid line is due by `first_line_due`. [common/limit-1]
    pub fn new(dialect: &'static dyn Dialect, first_line_due: Time) -> Session {
        Session {
            dialect,
            state: State::Fresh,
            framer: Framer::default(),
            name: None,
            overhead: 0,
            request: None,
            deadline: first_line_due,
            ending: None,
        }
    }

    /// Takes input up to the first request it leads to, and returns how many bytes it consumed:
    /// all of them if no request follows, none while a request is outstanding. Input after the
    /// departure is discarded. [common/close-1]
    pub fn feed(&mut self, input: &[u8]) -> usize {
        match self.state {
            State::Fresh => self.feed_first_line(input),
            State::Member => self.feed_lines(input),
            State::Entering | State::Publishing | State::Held => 0,
            State::Departing | State::Over => input.len(),
        }
    }

    /// The client sends nothing more: a departure, after every whole line before it. What an
    /// unfinished line has brought is dropped. [common/eos-1] [common/eos-3] [common/eos-2]
    pub fn end_of_stream(&mut self) {
        self.depart(Event::EndOfStream, Ending::Flush, b"");
    }

    /// The connection is broken: a departure at once. [common/eos-5]
    pub fn reset(&mut self) {
        self.depart(Event::Reset, Ending::Abort, b"");
    }

    /// It is `now`. Before [`deadline`](Session::deadline) this does nothing.
    pub fn time(&mut self, now: Time) {
        if now < self.deadline {
            return;
        }
        match self.state {
            State::Fresh => self.depart(Event::Late, Ending::Silent, b""),
            State::Held => self.retry(),
            _ => {}
        }
    }

    /// A recipient that this session waits for may have caught up: the held request is made again.
    pub fn retry(&mut self) {
        if self.state == State::Held {
            self.advance(Event::Retry);
            self.deadline = Time::NEVER;
        }
    }

    /// The registry's answer to the request taken last.
    pub fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Entered => {
                if self.advance(Event::Entered) {
                    self.deadline = Time::NEVER;
                }
            }
            Answer::Published => {
                self.advance(Event::Published);
            }
            Answer::Wait { request, until } => {
                if self.advance(Event::Wait) {
                    self.request = Some(request);
                    self.deadline = until;
                }
            }
            Answer::Departed => {
                self.advance(Event::Departed);
            }
            Answer::Gone => self.gone(),
        }
    }

    /// The client was evicted or the server shuts down. How that closes is the caller's to know.
    pub fn gone(&mut self) {
        if self.state != State::Over && self.advance(Event::Gone) {
            self.over();
            self.ending = Some(Ending::Abort);
        }
    }

    /// The request to submit now, at most once for each time it is asked for.
    pub fn take_request(&mut self) -> Option<Request> {
        if self.state == State::Held {
            return None;
        }
        self.request.take()
    }

    /// When [`time`](Session::time) must be called, [`Time::NEVER`] if it need not be.
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// How to close, once the session is [over](State::Over).
    pub fn ending(&self) -> Option<Ending> {
        self.ending.filter(|_| self.state == State::Over)
    }

    /// What the session is doing.
    pub fn state(&self) -> State {
        self.state
    }

    /// Bytes held for an unfinished line; the only memory that input can make a session keep,
    /// beside a held request.
    pub fn unfinished_len(&self) -> usize {
        self.framer.unfinished_len()
    }

    fn feed_first_line(&mut self, input: &[u8]) -> usize {
        let (frame, used) = self.framer.next(input);
        let command = match frame {
            Frame::Unfinished => return input.len(),
            Frame::TooLong => Err(Fault::LineTooLong),
            Frame::Line(line) => match self.dialect.parse(Stage::Fresh, line) {
                Ok(Command::Enter { room, name }) => Ok((room, name)),
                Ok(Command::Say(_)) => Err(Fault::Syntax),
                Err(fault) => Err(fault),
            },
        };
        match command {
            Ok((room, name)) => {
                self.advance(Event::Enter);
                let mut empty_line = Vec::new();
                self.dialect.said(&name, b"", &mut empty_line);
                self.overhead = empty_line.len();
                self.name = Some(name.clone());
                self.request = Some(Request::Enter { room, name });
                used
            }
            Err(fault) => {
                self.fail(fault);
                input.len()
            }
        }
    }

    /// Renders consecutive lines of text into one run. [common/outbox-1]
    fn feed_lines(&mut self, input: &[u8]) -> usize {
        let name =
            self.name.clone().expect("a member has a name: it was set when it asked to enter");
        let mut run = Vec::new();
        let mut consumed = 0;
        let mut fault = None;
        while consumed < input.len() && fault.is_none() {
            let held = self.framer.unfinished_len();
            let rest = &input[consumed..];
            let (frame, used) = self.framer.next(rest);
            match frame {
                Frame::Unfinished => {}
                Frame::TooLong => fault = Some(Fault::LineTooLong),
                Frame::Line(line) => match self.dialect.parse(Stage::Member, line) {
                    Ok(Command::Say(text)) => {
                        if run.is_empty() {
                            run = Vec::with_capacity(run_len_max(held, rest, self.overhead));
                        } else if run.len() + self.overhead + text.len() > CHUNK_BYTES_MAX {
                            break;
                        }
                        self.dialect.said(&name, text, &mut run);
                    }
                    Ok(Command::Enter { .. }) => fault = Some(Fault::Syntax),
                    Err(found) => fault = Some(found),
                },
            }
            if fault.is_none() {
                consumed += used;
            }
        }
        if !run.is_empty() {
            // What follows the run, a fault included, is seen again when it is fed again.
            self.advance(Event::Say);
            self.request = Some(Request::Publish { lines: run });
            return consumed;
        }
        if let Some(fault) = fault {
            self.fail(fault);
        }
        input.len()
    }

    fn fail(&mut self, fault: Fault) {
        let farewell = self.dialect.farewell(fault);
        self.depart(Event::Fault, Ending::Linger, farewell);
    }

    fn depart(&mut self, event: Event, ending: Ending, farewell: &'static [u8]) {
        if self.advance(event) {
            self.over();
            self.ending = Some(ending);
            self.request = Some(Request::Depart { farewell });
        }
    }

    /// Nothing of the peer's input is wanted any more.
    fn over(&mut self) {
        self.framer.clear();
        self.request = None;
        self.deadline = Time::NEVER;
    }

    fn advance(&mut self, event: Event) -> bool {
        let next = self.state.after(event);
        debug_assert!(next.is_some(), "{event:?} cannot happen in state {:?}", self.state);
        self.state = next.unwrap_or(self.state);
        next.is_some()
    }
}

/// The most that the lines which end in `input`, the first of them begun with `held` bytes, can
/// have when rendered, so that a run is rendered into one allocation. It is too much where the run ends
/// before the input does; the registry's chunk gives the rest back.
fn run_len_max(held: usize, input: &[u8], overhead: usize) -> usize {
    let input = &input[..input.len().min(CHUNK_BYTES_MAX)];
    let whole = memrchr(b'\n', input).map_or(0, |last| last + 1);
    let lines = memchr_iter(b'\n', &input[..whole]).count();
    (held + whole + lines * overhead).min(CHUNK_BYTES_MAX)
}
