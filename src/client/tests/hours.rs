//! The loop of the program over hours.
//!
//! Goal: what the client does by the clock, it does by the clock of the connection, after hours as
//! in the first minute. Method: the loop of the program in a world whose time passes at once; the
//! server is played by [`Manner`]. Limits: the real clock, socket and user are not here.

use super::super::input::Typed;
use super::super::render::Shown;
use super::super::run::Client;
use super::super::stream::Stream;
use super::super::terminal::Wants;
use super::super::vocabulary::Vocabulary;
use super::super::world::{Person, World};
use crate::Options;
use futures_lite::io::{AsyncRead, AsyncWrite};
use parlance_core::time::Time;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// How much the network takes at once.
const WRITE_BYTES: usize = 5;

/// How the server treats one connection.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Refuses,
    /// It accepts the connection and says nothing.
    Ignores,
    /// It answers every line at once, and closes as the client does or after a time.
    Serves {
        lasts: Duration,
    },
    /// It answers every line at once for a time, and never closes.
    Speaks {
        lasts: Duration,
    },
}

const FOR_EVER: Manner = Manner::Serves { lasts: Duration::MAX };

fn closes_after(lasts: Duration) -> Manner {
    Manner::Serves { lasts }
}

fn silent_after(lasts: Duration) -> Manner {
    Manner::Speaks { lasts }
}

/// One attempt to connect, and what was sent.
#[derive(Debug)]
struct Attempt {
    began: Time,
    manner: Manner,
    /// Bytes for the client.
    down: VecDeque<u8>,
    closed: bool,
    /// Bytes of the client's unfinished line.
    up: Vec<u8>,
    /// The lines of the client, each with its time.
    lines: Vec<(Time, String)>,
    half_closed: Option<Time>,
}

impl Attempt {
    /// Answers the client's line, in the login dialect.
    fn take(&mut self, line: String, now: Time) {
        let speaks = match self.manner {
            Manner::Serves { lasts } | Manner::Speaks { lasts } => now < self.began + lasts,
            Manner::Refuses | Manner::Ignores => false,
        };
        let answer = match line.split(' ').next() {
            _ if !speaks => String::new(),
            Some("LOGIN") => "OK\n".to_owned(),
            Some("PING") => "PONG\n".to_owned(),
            Some("MSG") => format!("MSG bob {}\n", &line[4..]),
            _ => panic!("{line} is not of this play"),
        };
        self.down.extend(answer.into_bytes());
        self.lines.push((now, line));
    }

    fn closes_at(&self) -> Time {
        match self.manner {
            _ if self.closed => Time::NEVER,
            Manner::Serves { lasts } => self.began + lasts,
            Manner::Refuses | Manner::Ignores | Manner::Speaks { .. } => Time::NEVER,
        }
    }

    /// When the client sent `line`.
    fn times(&self, line: &str) -> Vec<Time> {
        let sent = self.lines.iter().filter(|(_, sent)| sent == line);
        sent.map(|(at, _)| *at).collect()
    }
}

/// Everything but the client.
#[derive(Debug, Default)]
struct State {
    now: Time,
    /// The moments that the client waits for.
    due: Vec<Time>,
    /// Of the attempts to come; the last one stands for all that follow.
    manners: VecDeque<Manner>,
    attempts: Vec<Attempt>,
    /// What the user will type.
    typed: VecDeque<(Time, Typed)>,
    shown: Vec<(Time, String)>,
    is_at_a_terminal: bool,
}

#[derive(Clone, Debug, Default)]
struct Play(Rc<RefCell<State>>);

/// The connection of one attempt.
#[derive(Clone)]
struct Wire {
    play: Play,
    attempt: usize,
}

impl Play {
    fn new(manners: &[Manner]) -> Play {
        let play = Play::default();
        play.0.borrow_mut().manners = manners.iter().copied().collect();
        play
    }

    /// Lets the user type `line` at a time.
    fn types(&self, at: Duration, line: Typed) {
        self.0.borrow_mut().typed.push_back((Time::ZERO + at, line));
    }

    /// Runs the program with `options` for `span` at most; returns how it ended, if it did.
    fn run(&self, options: &[&str], span: Duration) -> Option<bool> {
        let given = ["chat", "--dialect", "login", "--username", "bob"];
        let options = Options::from_arguments(given.iter().chain(options)).expect("valid options");
        let mut client = Client::new(&options, self, self.clone(), None);
        let mut converse = pin!(client.converse());
        let until = Time::ZERO + span;
        for _ in 0..1_000_000 {
            self.0.borrow_mut().due.clear();
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(good) = converse.as_mut().poll(&mut context) {
                return Some(good.expect("no I/O fails here"));
            }
            // Nothing moves before the next moment that somebody waits for.
            let mut state = self.0.borrow_mut();
            let closes = state.attempts.iter().map(Attempt::closes_at).min();
            let next = state.due.iter().copied().chain(closes).min().unwrap_or(Time::NEVER);
            if next > until {
                return None;
            }
            state.now = next.max(state.now);
            let now = state.now;
            for attempt in state.attempts.iter_mut().filter(|one| one.closes_at() <= now) {
                attempt.closed = true;
            }
        }
        panic!("the client does a million things in {span:?}");
    }

    /// When the attempts began.
    fn begun(&self) -> Vec<Time> {
        self.0.borrow().attempts.iter().map(|attempt| attempt.began).collect()
    }

    /// When a line like this was shown.
    fn shown(&self, part: &str) -> Vec<Time> {
        let state = self.0.borrow();
        let shown = state.shown.iter().filter(|(_, line)| line.contains(part));
        shown.map(|(at, _)| *at).collect()
    }

    fn wait_for<T>(&self, at: Time, done: impl FnOnce(&mut State) -> T) -> Poll<T> {
        let mut state = self.0.borrow_mut();
        if state.now >= at {
            return Poll::Ready(done(&mut state));
        }
        state.due.push(at);
        Poll::Pending
    }
}

impl World for Play {
    type Stream = Wire;

    fn now(&self) -> Time {
        self.0.borrow().now
    }

    async fn until(&self, at: Time) {
        poll_fn(|_| self.wait_for(at, |_| ())).await;
    }

    /// Pauses have their whole length.
    fn chance(&self) -> f64 {
        1.0
    }

    async fn connect(&self, _: &str, _: u16, _: Duration) -> io::Result<Wire> {
        let mut state = self.0.borrow_mut();
        let manner = match state.manners.len() {
            1 => state.manners[0],
            _ => state.manners.pop_front().expect("the last one stays"),
        };
        let (down, up, lines) = Default::default();
        let (began, closed, half_closed) = (state.now, false, None);
        state.attempts.push(Attempt { began, manner, down, closed, up, lines, half_closed });
        match manner {
            Manner::Refuses => Err(io::ErrorKind::ConnectionRefused.into()),
            _ => Ok(Wire { play: self.clone(), attempt: state.attempts.len() - 1 }),
        }
    }
}

impl Person for Play {
    fn is_at_a_terminal(&self) -> bool {
        self.0.borrow().is_at_a_terminal
    }

    async fn next(&mut self, wants: Wants, _: &Vocabulary) -> io::Result<Typed> {
        let next = self.0.borrow().typed.front().map(|(at, _)| *at);
        let at = next.filter(|_| wants == Wants::Lines).unwrap_or(Time::NEVER);
        let take = |state: &mut State| state.typed.pop_front().expect("it is there").1;
        Ok(poll_fn(|_| self.wait_for(at, take)).await)
    }

    fn show(&mut self, shown: &[Shown]) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        let now = state.now;
        state.shown.extend(shown.iter().map(|shown| (now, shown.text())));
        Ok(())
    }

    fn set_prompt(&mut self, _: Option<&[u8]>, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn left_over(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Wire {
    fn with<T>(&self, act: impl FnOnce(&mut Attempt, Time) -> T) -> T {
        let mut state = self.play.0.borrow_mut();
        let now = state.now;
        act(&mut state.attempts[self.attempt], now)
    }
}

impl Stream for Wire {
    fn half_close(&self) -> io::Result<()> {
        self.with(|attempt, now| {
            attempt.half_closed = Some(now);
            attempt.closed |= matches!(attempt.manner, Manner::Serves { .. });
        });
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|attempt, _| {
            let count = attempt.down.len().min(buffer.len());
            for (place, byte) in buffer.iter_mut().zip(attempt.down.drain(..count)) {
                *place = byte;
            }
            if count > 0 || attempt.closed { Poll::Ready(Ok(count)) } else { Poll::Pending }
        })
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.with(|attempt, now| {
            assert_eq!(attempt.half_closed, None, "nothing is sent after the half-close");
            let taken = bytes.len().min(WRITE_BYTES);
            for &byte in &bytes[..taken] {
                match byte {
                    b'\n' => {
                        let line = String::from_utf8(std::mem::take(&mut attempt.up));
                        attempt.take(line.expect("text"), now);
                    }
                    byte => attempt.up.push(byte),
                }
            }
            Poll::Ready(Ok(taken))
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn at(span: Duration) -> Time {
    Time::ZERO + span
}

/// The lengths of the pauses between moments.
fn steps(times: &[Time]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1].since(pair[0])).collect()
}

/// The idle limit of the server is 60 s, so three of its pings may be late. [login/idle-1]
#[test]
fn a_silent_client_pings_every_20_s_for_hours_and_in_each_of_its_connections() {
    let play = Play::new(&[closes_after(5 * HOUR + 7 * SECOND), FOR_EVER]);
    assert_eq!(play.run(&["--reconnect", "1"], 10 * HOUR), None);
    let state = play.0.borrow();
    let [first, second] = &state.attempts[..] else { panic!("{:?}", state.attempts.len()) };
    for (attempt, pings) in [(first, 900), (second, 899)] {
        let times: Vec<_> = attempt.lines.iter().map(|(at, _)| *at).collect();
        assert_eq!(times[0], attempt.began);
        assert!(steps(&times).iter().all(|step| *step == 20 * SECOND), "{:?}", steps(&times));
        assert_eq!(attempt.times("PING").len(), pings);
    }
    assert_eq!(state.shown.len(), 4, "connected, lost, again, connected: {:?}", state.shown);
}

/// Its own lines count, and the time of the next ping is counted from them.
#[test]
fn a_line_of_the_user_after_hours_delays_the_next_ping_by_20_s() {
    let play = Play::new(&[FOR_EVER]);
    let said = 3 * HOUR + 13 * SECOND;
    play.types(said, Typed::Line(b"still here".into()));
    assert_eq!(play.run(&[], 4 * HOUR), None);
    let state = play.0.borrow();
    let pings = state.attempts[0].times("PING");
    let around: Vec<_> = pings.into_iter().filter(|ping| *ping > at(3 * HOUR)).take(2).collect();
    assert_eq!(around, [at(said), at(said + 20 * SECOND)], "the fence of the line, and the next");
    assert_eq!(play.shown("<bob> still here"), [at(said)]);
}

#[test]
fn a_server_that_falls_silent_after_hours_is_lost_30_s_after_the_unanswered_ping() {
    let play = Play::new(&[silent_after(5 * HOUR), closes_after(SECOND)]);
    assert_eq!(play.run(&["--reconnect", "1"], 10 * HOUR), Some(false));
    let lost = at(5 * HOUR) + 30 * SECOND;
    assert_eq!(play.shown("has not answered for 30 s"), [lost]);
    assert_eq!(play.begun()[1..], [lost + SECOND / 4]);
}

#[test]
fn a_server_that_never_answers_is_lost_30_s_after_each_connection_began() {
    let play = Play::new(&[closes_after(2 * HOUR), Manner::Ignores]);
    assert_eq!(play.run(&["--reconnect", "2"], 10 * HOUR), Some(false));
    let first = at(2 * HOUR) + SECOND / 4;
    let second = first + 30 * SECOND + SECOND / 2;
    assert_eq!(play.begun(), [Time::ZERO, first, second]);
    let lost = [first + 30 * SECOND, second + 30 * SECOND];
    assert_eq!(play.shown("has not answered for 30 s"), lost);
}

/// However old the program is: pauses grow and tries are counted from the last long connection on.
#[test]
fn a_row_of_tries_is_judged_by_the_life_of_its_connections() {
    let short = closes_after(29 * SECOND);
    let play = Play::new(&[closes_after(3 * HOUR), short]);
    assert_eq!(play.run(&["--reconnect", "4"], 10 * HOUR), Some(false));
    let pauses = [250, 500, 1_000, 2_000].map(Duration::from_millis);
    let begun = play.begun();
    assert_eq!(begun[1], at(3 * HOUR) + pauses[0]);
    assert_eq!(steps(&begun[1..]), [1, 2, 3].map(|place| 29 * SECOND + pauses[place]));
    assert_eq!(begun.len(), 5, "and then it gives up");
}

#[test]
fn a_connection_that_lasted_ends_a_row_of_tries_and_its_pauses() {
    let mut manners = vec![Manner::Refuses; 5];
    manners.extend([closes_after(30 * SECOND), Manner::Refuses]);
    let play = Play::new(&manners);
    assert_eq!(play.run(&["--reconnect", "6"], 10 * HOUR), Some(false));
    let row = [250, 500, 1_000, 2_000, 4_000].map(Duration::from_millis);
    let mut expected = row.to_vec();
    expected.push(30 * SECOND + row[0]);
    expected.extend(&row[1..]);
    expected.push(8 * SECOND);
    assert_eq!(steps(&play.begun()), expected);
}

#[test]
fn a_person_who_was_let_in_gets_ten_tries_and_a_script_none() {
    let began = |is_at_a_terminal, manners: &[Manner]| {
        let play = Play::new(manners);
        play.0.borrow_mut().is_at_a_terminal = is_at_a_terminal;
        assert_eq!(play.run(&[], 10 * HOUR), Some(false));
        play.begun().len()
    };
    let lost = [closes_after(HOUR), Manner::Refuses];
    assert_eq!(began(true, &lost), 1 + 10);
    assert_eq!(began(false, &lost), 1);
    assert_eq!(began(true, &[Manner::Refuses]), 1, "a person who was never let in is told why");
}

#[test]
fn pauses_of_a_long_row_are_30_s_and_the_row_ends_as_told() {
    let play = Play::new(&[Manner::Refuses]);
    assert_eq!(play.run(&["--reconnect", "300"], 10 * HOUR), Some(false));
    let steps = steps(&play.begun());
    assert_eq!(steps.len(), 300);
    assert!(steps[7..].iter().all(|pause| *pause == 30 * SECOND), "{steps:?}");
}

/// A server that does not close changes nothing: everything is answered.
#[test]
fn the_end_of_the_input_after_hours_is_a_half_close_and_5_s_for_the_server() {
    let leaves = HOUR + 3_599 * SECOND;
    for (manner, waits) in [(FOR_EVER, Duration::ZERO), (silent_after(2 * HOUR), 5 * SECOND)] {
        let play = Play::new(&[manner]);
        play.types(leaves, Typed::Line(b"bye".into()));
        play.types(leaves, Typed::End);
        assert_eq!(play.run(&[], 3 * HOUR), Some(true));
        let state = play.0.borrow();
        assert_eq!(state.attempts[0].times("MSG bye"), [at(leaves)]);
        assert_eq!(state.attempts[0].half_closed, Some(at(leaves)));
        assert_eq!(state.now, at(leaves + waits));
    }
}
