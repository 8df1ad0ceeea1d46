//! What the pure parts cost: work that `scripts/instructions` runs under callgrind, and counts.
//!
//! `core PART TIMES` does one part so many times. What one time costs is the difference of two
//! runs, so that what a process needs to start does not count.

use parlance_core::limits::Limits;
use parlance_core::protocol::framing::{Frame, Framer};
use parlance_core::protocol::{Answer, Name, Request, Session, channels::Channels, rooms::Rooms};
use parlance_core::registry::{CallContext, Client, Registry, Taken};
use parlance_core::time::Time;
use std::hint::black_box;
use std::process::ExitCode;
use std::task::Waker;

/// A part: its name and what does it so many times.
type Part = (&'static str, fn(u32));

const PARTS: [Part; 6] = [
    ("framing: 1,000 lines of 64 bytes", framing),
    ("session: 1,000 lines of 64 bytes in one read", pipelined),
    ("session: a line of 64 bytes", lone),
    ("session: 5,000 lines and 5,000 commands in turn in one read", in_turn),
    ("fan-out: a line to 100 idle members, written by each", fan_out),
    ("arrival: connect, join a room of 100, depart", arrival),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let part = arguments.next().and_then(|name| PARTS.iter().find(|part| part.0 == name));
    let times = arguments.next().and_then(|times| times.parse().ok());
    if let (Some((_, work)), Some(times)) = (part, times) {
        work(times);
        return ExitCode::SUCCESS;
    }
    // Without arguments, as from `cargo bench`, it prints the names of the parts.
    for (name, _) in PARTS {
        println!("{name}");
    }
    ExitCode::SUCCESS
}

/// `lines` lines, each of 64 bytes with its LF.
fn text(lines: usize) -> Vec<u8> {
    [&[b'x'; 63][..], b"\n"].concat().repeat(lines)
}

fn framing(times: u32) {
    let input = text(1_000);
    let mut framer = Framer::default();
    for _ in 0..times {
        let mut rest = &input[..];
        while !rest.is_empty() {
            let (frame, used) = framer.next(rest);
            assert!(matches!(black_box(frame), Frame::Line(_)));
            rest = &rest[used..];
        }
    }
}

/// A session whose client has joined.
fn joined() -> Session {
    let mut session = Session::new(&Rooms, &Limits::default(), Time::ZERO);
    session.feed(b"JOIN den joe\n", Time::ZERO);
    session.take_request().expect("it asks to enter");
    session.answer(Answer::Entered);
    session
}

fn publish(times: u32, input: &[u8]) {
    feed(joined(), times, input);
}

fn feed(mut session: Session, times: u32, input: &[u8]) {
    for _ in 0..times {
        let mut rest = input;
        while !rest.is_empty() {
            rest = &rest[session.feed(rest, Time::ZERO)..];
            while let Some(request) = session.take_request() {
                let answer = match black_box(request) {
                    Request::Publish { .. } => Answer::Published,
                    _ => Answer::Done,
                };
                session.answer(answer);
            }
        }
    }
}

fn pipelined(times: u32) {
    publish(times, &text(1_000));
}

fn lone(times: u32) {
    publish(times, &text(1));
}

/// Each line is a run of its own: what is done once for a run must not grow with the read.
/// [common/prompt-2]
fn in_turn(times: u32) {
    let mut session = Session::new(&Channels, &Limits::default(), Time::ZERO);
    session.feed(b"USERNAME joe\n", Time::ZERO);
    session.take_request().expect("it asks for its name");
    session.answer(Answer::Named);
    session.feed(b"JOIN den\n", Time::ZERO);
    session.take_request().expect("it asks to enter");
    session.answer(Answer::Entered);
    feed(session, times, &b"hi\nROOMS\n".repeat(5_000));
}

/// A client of the room "den".
fn member(registry: &Registry, call: &mut CallContext<'_>) -> Client {
    let mut client = registry.connect();
    let name = |text: &str| Name::new(text.as_bytes(), 20).expect("a valid name");
    let request = Request::Enter { room: name("den"), name: name("joe") };
    assert_eq!(client.submit(request, call), Answer::Entered);
    client
}

/// Writes all pending lines of `clients`.
fn write(clients: &[Client], call: &mut CallContext<'_>) {
    let mut batch = Vec::new();
    for client in clients {
        let outlet = client.outlet();
        while outlet.take(&mut batch, Waker::noop()) == Taken::Batch {
            let pending = batch.iter().map(|entry| entry.bytes().len()).sum();
            if !outlet.settle(&mut batch, pending, false, call) {
                break;
            }
        }
    }
}

fn fan_out(times: u32) {
    let registry = Registry::new(&Rooms, Limits::default());
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    let mut clients: Vec<_> = (0..100).map(|_| member(&registry, &mut call)).collect();
    write(&clients, &mut call);
    for _ in 0..times {
        let lines = text(1);
        assert_eq!(clients[0].submit(Request::Publish { lines }, &mut call), Answer::Published);
        call.wake();
        write(&clients, &mut call);
    }
}

fn arrival(times: u32) {
    let registry = Registry::new(&Rooms, Limits::default());
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    let clients: Vec<_> = (0..100).map(|_| member(&registry, &mut call)).collect();
    for _ in 0..times {
        drop(member(&registry, &mut call));
        call.wake();
        write(&clients, &mut call);
    }
}
