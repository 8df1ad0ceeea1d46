//! One connection's protocol state, as a pure state machine.

use super::close_reason::{CloseReason, Ending};
use super::dialect::{Command, Dialect, Fault, Stage};
use super::exchange::{Answer, Request};
use super::extensions::Extensions;
use super::framing::{Frame, Framer};
use super::http::is_request;
use super::name::Name;
use super::pace::{Asks, Pace};
use super::step::{Speaker, Step, fault_line};
use super::table::{Event, State};
use super::tls_hello::BEGINNING;
use super::websocket::HEADER_BYTES_MAX;
use crate::limits::{CHUNK_BYTES_MAX, HELD_INTERVAL, Limits};
use crate::rate::{Rates, Rule};
use crate::time::Time;
use std::time::Duration;

/// The protocol of one connection: bytes in, requests to the registry out.
///
/// # Contract
///
/// A session performs nothing itself. Its caller carries values, with these calls:
///
/// * **From the network**: [`feed`](Session::feed), [`end_of_stream`](Session::end_of_stream),
///   [`reset`](Session::reset).
/// * **From the clock**: [`time`](Session::time), due at [`deadline`](Session::deadline).
/// * **From the registry**: [`answer`](Session::answer), once for each request taken;
///   [`retry`](Session::retry), when a held request may be made again;
///   [`gone`](Session::gone), when the client was evicted or the server shuts down.
/// * **Outputs**: [`take_request`](Session::take_request), [`deadline`](Session::deadline),
///   [`ending`](Session::ending), [`close_reason`](Session::close_reason),
///   [`state`](Session::state).
///
/// After every call from the first three groups the caller takes the request, if there is one,
/// submits it and gives the answer back before it makes another call. The one exception is an
/// answer of *wait*: the session then is [`Held`](State::Held), takes no input (`feed` consumes
/// nothing) and may see `time`, `retry`, `reset` or `gone` only. `feed` stops after each request
/// and returns how much it consumed, so that a caller can look at the outbox between requests. The
/// caller feeds the rest after the answer.
///
/// The same bytes give the same lines, independently of their segmentation. [common/framing-6] A
/// call that [`State::after`] does not allow is a bug of the caller: it trips a debug assertion and
/// changes nothing.
///
/// ```
/// use parlance_core::limits::Limits;
/// use parlance_core::protocol::{Answer, Request, Session, rooms::Rooms};
/// use parlance_core::time::Time;
///
/// let now = Time::ZERO;
/// let mut session = Session::new(&Rooms, &Limits::default(), now);
/// let input = b"JOIN den joe\nhi\n\n";
/// let used = session.feed(input, now);
/// assert!(matches!(session.take_request(), Some(Request::Enter { .. })));
/// session.answer(Answer::Entered);
/// session.feed(&input[used..], now);
/// let lines = b"joe: hi\njoe: \n".to_vec(); // the empty line is a line
/// assert_eq!(session.take_request(), Some(Request::Publish { lines }));
/// ```
pub struct Session {
    dialect: &'static dyn Dialect,
    /// The extensions that the client may use. [extensions/frame-1]
    extensions: Extensions,
    state: State,
    framer: Framer,
    /// The client's name, or the name that it requests at the moment.
    name: Option<Name>,
    /// The client's room, or the room that it requests at the moment.
    room: Option<Name>,
    /// Bytes that rendering adds to each line of this client in its room.
    overhead: u16,
    /// Boxed, because it exists for a moment and its size would cost every idle session memory.
    request: Option<Box<Request>>,
    /// The deadline of the next line, or of the first valid one.
    line_due: Time,
    /// The deadline for making a held request again.
    retry_due: Time,
    /// The idle limit, if the dialect has one.
    idle: Option<Duration>,
    /// Why the client departs or departed.
    close_reason: Option<CloseReason>,
    /// How fast the client may be, if there are rules. [common/rate-1]
    pace: Option<Box<Pace>>,
    /// Whole lines that were taken so far.
    lines: u64,
    /// Whether input that was taken may have had a password in it, until somebody asks.
    has_taken_secret: bool,
    /// Why a line was refused last, until somebody asks. Boxed, because it is seldom.
    fault: Option<Box<Fault>>,
}

impl Session {
    /// A session of `dialect` with a client that connected at `now`.
    /// [common/limit-1] [common/idle-1]
    pub fn new(dialect: &'static dyn Dialect, limits: &Limits, now: Time) -> Session {
        let idle = dialect.policy().limits_idleness.then_some(limits.idle);
        Session {
            dialect,
            extensions: Extensions::OFF,
            state: State::Open(Stage::Fresh),
            framer: Framer::default(),
            name: None,
            room: None,
            overhead: 0,
            request: None,
            line_due: now + idle.unwrap_or(limits.first_line),
            retry_due: Time::NEVER,
            idle,
            close_reason: None,
            pace: None,
            lines: 0,
            has_taken_secret: false,
            fault: None,
        }
    }

    /// Lets the client use these extensions. [extensions/frame-1]
    pub fn offer(&mut self, extensions: Extensions) {
        self.extensions = extensions;
        self.framer.wipes(extensions.accounts);
    }

    /// Has the client wait while it is faster than these rates. [common/rate-1]
    pub fn limit_rates(&mut self, rates: &Rates) {
        self.pace = Pace::under(rates);
    }

    /// The rule that the client's request waits for at `now`, if it does.
    pub fn waits_for(&self, now: Time) -> Option<Rule> {
        let pace = self.pace.as_ref().filter(|pace| self.state.is_held() && now < pace.due);
        pace.map(|pace| pace.rule)
    }

    /// Takes input up to the first request it leads to, and returns how many bytes it consumed:
    /// all of them if no request follows, none while a request is outstanding. Input after the
    /// departure is discarded. [common/close-1]
    pub fn feed(&mut self, input: &[u8], now: Time) -> usize {
        match self.state {
            State::Open(stage) if self.pace.is_none() => {
                self.take_lines::<false>(stage, input, now)
            }
            State::Open(stage) => self.take_lines::<true>(stage, input, now),
            State::Asking(_) | State::Held(_) => 0,
            State::Departing | State::Over => input.len(),
        }
    }

    /// The client sends nothing more: a departure, after every whole line before it. The bytes of
    /// an unfinished line are dropped. [common/eos-1] [common/eos-3] [common/eos-2]
    pub fn end_of_stream(&mut self) {
        self.depart(Event::EndOfStream, CloseReason::EndOfStream, Vec::new());
    }

    /// The connection is broken: a departure at once. [common/eos-5]
    pub fn reset(&mut self) {
        self.depart(Event::Reset, CloseReason::Reset, Vec::new());
    }

    /// Reports the time. Before [`deadline`](Session::deadline) this does nothing. Feed all input
    /// that has arrived first: a line that is not read yet is not late.
    pub fn time(&mut self, now: Time) {
        if now < self.deadline() {
            return;
        }
        match self.state {
            State::Held(_) => self.retry(now),
            State::Open(_) if self.idle.is_some() => {
                let farewell = fault_line(self.dialect, &Fault::Idle);
                self.depart(Event::Late, CloseReason::Idle, farewell);
            }
            State::Open(_) => {
                self.depart(Event::Late, CloseReason::FirstLineLate, Vec::new());
            }
            _ => {}
        }
    }

    /// The wait of a held request may be over at `now`: the request is made again, unless it waits
    /// for the client's rate.
    pub fn retry(&mut self, now: Time) {
        if !self.state.is_held() || self.waits_for_rate(now) {
            return;
        }
        self.advance(Event::Retry);
        self.retry_due = Time::NEVER;
    }

    /// Whether the client was faster than its rate allows, and when to look after it: its
    /// connection may be reset meanwhile. [common/rate-2] [common/flow-6]
    fn waits_for_rate(&mut self, now: Time) -> bool {
        let Some(pace) = &self.pace else { return false };
        let waits = now < pace.due;
        if waits {
            self.retry_due = pace.due.min(now + HELD_INTERVAL);
        }
        waits
    }

    /// A request that the client makes faster than its rate allows waits as one that the registry
    /// has answered with *wait*. [common/rate-2]
    fn hold_for_rate(&mut self, now: Time) {
        if matches!(self.state, State::Asking(_)) && self.waits_for_rate(now) {
            self.advance(Event::Wait);
            if let Some(Request::Publish { lines }) = self.request.as_deref_mut() {
                lines.shrink_to_fit(); // it is one line, and room was made for all that came
            }
            if let (Some(idle), Some(pace)) = (self.idle, &self.pace) {
                self.line_due = pace.due + idle; // it counts when it is acted on
            }
        }
    }

    /// The registry's answer to the request taken last.
    pub fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Named => self.settled(Event::Named),
            Answer::Entered => self.settled(Event::Entered),
            Answer::Left => {
                self.room = None;
                self.settled(Event::Left);
            }
            Answer::LoggedOut => {
                (self.name, self.room) = (None, None);
                self.settled(Event::LoggedOut);
                self.line_due = Time::NEVER; // it was in time once [channels/name-8]
            }
            Answer::Published => self.settled(Event::Published),
            Answer::Done => self.settled(Event::Done),
            Answer::Refused => {
                if self.state == State::Asking(Stage::Fresh) {
                    (self.name, self.room) = (None, None);
                }
                self.settled(Event::Refused);
            }
            Answer::Wait { request, until } => {
                if self.advance(Event::Wait) {
                    self.request = Some(Box::new(request));
                    self.retry_due = until;
                }
            }
            Answer::Departed => self.settled(Event::Departed),
            Answer::Gone => self.gone(),
        }
    }

    /// The client was evicted or the server shuts down;
    /// [`Client::close_reason`](crate::registry::Client::close_reason) says which.
    pub fn gone(&mut self) {
        self.forget_claim();
        if self.state != State::Over && self.advance(Event::Gone) {
            self.over();
            self.close_reason = None; // the registry ended the client first
        }
    }

    /// The request to submit now; each request is returned once, and once more after each retry.
    pub fn take_request(&mut self) -> Option<Request> {
        if self.state.is_held() {
            return None;
        }
        self.request.take().map(|request| *request)
    }

    /// When [`time`](Session::time) must be called, or [`Time::NEVER`].
    pub fn deadline(&self) -> Time {
        match self.state {
            State::Held(_) => self.retry_due,
            State::Open(_) => self.line_due,
            _ => Time::NEVER,
        }
    }

    /// How to close, once the session is [over](State::Over).
    pub fn ending(&self) -> Option<Ending> {
        let ending = self.close_reason.map_or(Ending::Abort, CloseReason::ending);
        (self.state == State::Over).then_some(ending)
    }

    /// Why the session ends or has ended. `None` while it is served, and for a session that ended
    /// because the client was [`gone`](Session::gone): then
    /// [`Client::close_reason`](crate::registry::Client::close_reason) knows the reason.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason
    }

    /// The client's name, or the one that it requests at the moment.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// The client's room, or the one that it requests at the moment.
    pub fn room(&self) -> Option<&Name> {
        self.room.as_ref()
    }

    /// How many lines were taken so far, those that were refused included.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Why the session refused a line, or ended the connection, since it was asked last.
    pub fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take().map(|fault| *fault)
    }

    /// Whether input that was taken since the last call may have had a password in it: then the
    /// caller overwrites it. [extensions/account-7]
    pub fn take_secret(&mut self) -> bool {
        std::mem::take(&mut self.has_taken_secret)
    }

    /// The state of the session.
    pub fn state(&self) -> State {
        self.state
    }

    /// Bytes that a held request keeps; zero while none is held.
    pub fn held_bytes(&self) -> usize {
        match self.request.as_deref() {
            Some(Request::Publish { lines } | Request::Tell { line: Ok(lines), .. }) => lines.len(),
            _ => 0,
        }
    }

    /// Bytes held for an unfinished line, at most
    /// [`LINE_BYTES_MAX`](crate::limits::LINE_BYTES_MAX). Besides a held request this is the only
    /// memory that input can make a session keep.
    pub fn unfinished_len(&self) -> usize {
        self.framer.unfinished_len()
    }

    /// Bytes of memory kept for an unfinished line, at most
    /// [`LINE_BYTES_MAX`](crate::limits::LINE_BYTES_MAX), and none after a line.
    /// [common/framing-9]
    pub fn unfinished_memory_len(&self) -> usize {
        self.framer.memory_len()
    }

    /// Renders consecutive lines of text into one run [common/outbox-1]; every other line is a step
    /// of its own, and ends the run before it. A client is `PACED` if there are rules about its
    /// rates; one without pays nothing for them. [common/rate-2]
    fn take_lines<const PACED: bool>(&mut self, stage: Stage, input: &[u8], now: Time) -> usize {
        let mut run = Vec::new();
        let mut consumed = 0;
        let mut lines = 0;
        let mut step = None;
        while consumed < input.len() {
            let held = self.framer.unfinished_len();
            let rest = &input[consumed..];
            if stage == Stage::Fresh && self.framer.line_begins_with(rest, &BEGINNING) {
                // Its line may never end. [common/tls-9]
                let speaker = Speaker { dialect: self.dialect, name: None, room: None };
                step = Some(speaker.step(Err(Fault::TlsHello)));
                lines += 1;
                break;
            }
            let (frame, used) = self.framer.next(rest);
            let meaning = match frame {
                Frame::Unfinished => {
                    self.has_taken_secret |= self.extensions.accounts;
                    consumed = input.len();
                    break;
                }
                Frame::TooLong => Err(Fault::LineTooLong),
                Frame::Line(line) => self.dialect.parse(stage, line),
            };
            if let (Ok(Command::Say(text)), Some(room), Some(name)) =
                (&meaning, &self.room, &self.name)
            {
                let overhead = usize::from(self.overhead);
                if run.is_empty() {
                    let line = text.len() + overhead;
                    run = Vec::with_capacity(run_capacity(line, held + used, rest.len() - used));
                } else if run.len() + overhead + text.len() > CHUNK_BYTES_MAX
                    || PACED && self.pace.as_ref().is_some_and(|pace| now < pace.line_due())
                {
                    break;
                }
                if let (true, Some(pace)) = (PACED, &mut self.pace) {
                    // Of the first line alone it is later than now.
                    pace.due = pace.due.max(pace.count(Asks::default(), held + used, now));
                }
                self.dialect.said(room, name, text, &mut run);
                consumed += used;
                lines += 1;
                continue;
            }
            // A line that ends a run, a fault included, is fed again after the run.
            if run.is_empty() {
                consumed += used;
                lines += 1;
                let offers = (self.dialect, self.extensions);
                let command = meaning.or_else(|fault| mistaken(fault, frame, offers, stage));
                let (name, room) = (self.name.as_ref(), self.room.as_ref());
                step = Some(Speaker { dialect: self.dialect, name, room }.step(command));
                if let (true, Some(pace), Some(step)) = (PACED, &mut self.pace, &step) {
                    pace.due = pace.count(Asks::of(step, stage), held + used, now);
                }
            }
            break;
        }
        self.lines += lines;
        self.framer.end_line();
        if let (Some(idle), true) = (self.idle, step.is_some() || !run.is_empty()) {
            self.line_due = now + idle; // [common/idle-1]
        }
        if !run.is_empty() {
            self.ask(Request::Publish { lines: run });
        } else if let Some(step) = step {
            self.take_step(step);
        }
        if PACED {
            self.hold_for_rate(now);
        }
        // The input after a departure is discarded.
        if self.state == State::Departing { input.len() } else { consumed }
    }

    fn take_step(&mut self, step: Step) {
        match step {
            Step::Ask(request) => {
                if let Request::Name { name } = &request {
                    self.name = Some(name.clone());
                } else if self.extensions.accounts {
                    self.note_claim(&request);
                }
                self.ask(request);
            }
            Step::Enter { room, name } => {
                let mut empty_line = Vec::new();
                self.dialect.said(&room, &name, b"", &mut empty_line);
                let overhead = u16::try_from(empty_line.len());
                self.overhead = overhead.expect("two names and a few signs");
                (self.room, self.name) = (Some(room.clone()), Some(name.clone()));
                self.ask(Request::Enter { room, name });
            }
            Step::Refuse(fault, lines) => {
                self.has_taken_secret |= self.extensions.accounts;
                self.fault = Some(Box::new(fault));
                self.ask(Request::Reply { lines });
            }
            Step::Close(reason, farewell, fault) => {
                self.fault = fault.map(Box::new);
                self.depart(Event::Quit, reason, farewell);
            }
        }
    }

    /// The client may claim a name, and may have sent a password.
    #[cold]
    fn note_claim(&mut self, request: &Request) {
        if let Request::LogIn { name, .. }
        | Request::Ghost { name }
        | Request::Register { name, .. } = request
        {
            self.name = Some(name.clone());
        }
        self.has_taken_secret = true;
    }

    #[inline]
    fn ask(&mut self, request: Request) {
        if self.advance(Event::Ask) {
            self.request = Some(Box::new(request));
        }
    }

    /// Takes an answer that ends the request. The first valid line was in time once the client has
    /// its name. [common/limit-1] [channels/name-8]
    fn settled(&mut self, event: Event) {
        if self.advance(event) && self.idle.is_none() && self.state != State::Open(Stage::Fresh) {
            self.line_due = Time::NEVER;
        }
    }

    /// A name that the client has claimed and did not get is nobody's business: it may be a
    /// password that was typed in the wrong place. [extensions/account-7]
    fn forget_claim(&mut self) {
        let claims = matches!(self.state, State::Asking(Stage::Fresh) | State::Held(Stage::Fresh));
        if claims && self.extensions.accounts {
            self.name = None;
        }
    }

    fn depart(&mut self, event: Event, reason: CloseReason, farewell: Vec<u8>) {
        self.forget_claim();
        if self.advance(event) {
            self.over();
            self.close_reason = Some(reason);
            self.request = Some(Box::new(Request::Depart { farewell }));
        }
    }

    /// Discards the peer's input from now on.
    fn over(&mut self) {
        self.framer.clear();
        self.request = None;
    }

    fn advance(&mut self, event: Event) -> bool {
        let next = self.state.after(event);
        debug_assert!(next.is_some(), "{event:?} cannot happen in state {:?}", self.state);
        self.state = next.unwrap_or(self.state);
        next.is_some()
    }
}

/// What a line means that is no command of the dialect, for this `fault`. A line that a browser may
/// have sent ends the connection of a client without a name; otherwise the lines behind it, which a
/// web page can choose, would be obeyed. [common/http-1]
#[cold]
fn mistaken<'line>(
    fault: Fault,
    frame: Frame<'line>,
    (dialect, extensions): (&dyn Dialect, Extensions),
    stage: Stage,
) -> Result<Command<'line>, Fault> {
    let Frame::Line(line) = frame else { return Err(fault) };
    // [extensions/frame-1]
    let meaning = if fault == Fault::UnknownCommand && !extensions.is_off() {
        dialect.extension(extensions, stage, line)
    } else {
        Err(fault)
    };
    if stage == Stage::Fresh && meaning.is_err() && is_request(line) {
        return Err(Fault::HttpRequest);
    }
    meaning
}

/// The memory to begin a run with, so that it seldom has to move: enough if every line of the
/// `more` bytes of input after the first line is like the first, which came in `used` bytes and is
/// `line` bytes as rendered, and the registry puts a header in front. If the run ends before the
/// input, the registry's chunk returns the rest of the memory.
///
/// It does not look at the input: a run may end after its first line, and a read that is looked
/// through for each of its runs costs the square of its length. [common/prompt-2]
fn run_capacity(line: usize, used: usize, more: usize) -> usize {
    (line + more.div_ceil(used) * line).min(CHUNK_BYTES_MAX) + HEADER_BYTES_MAX
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{HEADER_BYTES_MAX, run_capacity};
    use crate::limits::CHUNK_BYTES_MAX;

    /// Less would cost an allocation each time that the run outgrows its memory, more would waste
    /// memory.
    #[test]
    fn a_run_gets_the_memory_that_its_lines_need() {
        let room = HEADER_BYTES_MAX;
        assert_eq!(run_capacity(2 + 5 + 1, 3, 0), 8 + room, "a line alone");
        assert_eq!(run_capacity(63 + 5 + 1, 64, 9 * 64), 10 * 69 + room, "ten of a kind");
        assert_eq!(run_capacity(6, 1, CHUNK_BYTES_MAX - 1), CHUNK_BYTES_MAX + room);
    }
}
