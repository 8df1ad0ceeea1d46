//! One request for metrics on its connection: read, answered, closed, all in a bounded time.

use crate::http::{Outcome, Request, Response, read_head};
use rustix::event::PollFlags;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How long a connection may take from its beginning to its end.
const VISIT: Duration = Duration::from_secs(5);

/// How much is read behind a request before the connection is closed, in reads.
const DISCARDS_MAX: usize = 16;

/// A connection.
pub(super) struct Visit {
    pub(super) stream: TcpStream,
    pub(super) until: Instant,
    step: Step,
}

enum Step {
    /// The head of the request, as far as it has come.
    Reading(Vec<u8>),
    /// The answer, and how much of it was written.
    Writing(Vec<u8>, usize),
    /// The answer is written; so many reads are discarded at most, because closing with unread
    /// input would destroy the answer.
    Closing(usize),
    Over,
}

impl Visit {
    pub(super) fn new(stream: TcpStream, now: Instant) -> Visit {
        Visit { stream, until: now + VISIT, step: Step::Reading(Vec::new()) }
    }

    /// What to wait for.
    pub(super) fn waits_for(&self) -> PollFlags {
        match self.step {
            Step::Writing(..) => PollFlags::OUT,
            Step::Reading(_) | Step::Closing(_) | Step::Over => PollFlags::IN,
        }
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        matches!(self.step, Step::Over) || now >= self.until
    }

    /// Goes on as far as possible without waiting; `answer` says what a request gets.
    pub(super) fn go_on(&mut self, answer: impl FnOnce(&Request) -> Response) {
        let mut answer = Some(answer);
        loop {
            let next = match &mut self.step {
                Step::Reading(head) => {
                    let mut chunk = [0; 2048];
                    match self.stream.read(&mut chunk) {
                        Ok(0) => Step::Over,
                        Ok(count) => {
                            head.extend_from_slice(&chunk[..count]);
                            match read_head(head) {
                                None => continue,
                                Some(outcome) => Step::Writing(answered(&outcome, &mut answer), 0),
                            }
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                        Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                        Err(_) => Step::Over,
                    }
                }
                Step::Writing(bytes, written) => match self.stream.write(&bytes[*written..]) {
                    Ok(count) => {
                        *written += count;
                        if *written < bytes.len() {
                            continue;
                        }
                        let _ = self.stream.shutdown(Shutdown::Write);
                        Step::Closing(DISCARDS_MAX)
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                    Err(_) => Step::Over,
                },
                Step::Closing(0) | Step::Over => return self.step = Step::Over,
                Step::Closing(left) => match self.stream.read(&mut [0; 2048]) {
                    Ok(1..) => Step::Closing(*left - 1),
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                    Ok(0) | Err(_) => Step::Over,
                },
            };
            self.step = next;
        }
    }
}

/// The bytes of the answer to what was read.
fn answered(outcome: &Outcome, answer: &mut Option<impl FnOnce(&Request) -> Response>) -> Vec<u8> {
    match outcome {
        Outcome::Request { request, .. } => {
            let answer = answer.take().expect("a connection has one request");
            answer(request).bytes(request.method != "HEAD")
        }
        Outcome::Wrong(response) => response.bytes(true),
    }
}
