//! Racing clients of the daemon in channels.
//!
//! Goal: what they did and received is a behaviour of the formal model, module Names. Method: each
//! client has a thread of its own, and does the next thing as soon as it has heard the answer to
//! the one before. All want one name; half of them go in and out of one room and write to the
//! others, who move between two; then all go at once. The acceptor must find steps of the model
//! that explain all of it together.
//!
//! Limits: the races are those that the scheduler happens to make, and nobody is slow. In the model
//! everyone is sent what a step sends at once, in the server one after the other, and a receipt
//! comes after its message: with threads, somebody may answer a private line before its sender has
//! the receipt, or hear of a line from who heard it a moment earlier. No clause forbids that. So
//! nobody here writes to anybody who can tell: who is written to neither writes nor sits with who
//! writes, nor goes before all is written.

use crate::acceptor::names::lines::{Shown, name, room, shown, text};
use crate::acceptor::names::relation::{Id, Line};
use crate::acceptor::names::trace::{Part, Run, What, accept};
use crate::acceptor::search::Rejected;
use crate::process::{Chat, Daemon};
use parlance_core::limits::HISTORY_LINES_MAX;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

const CLIENTS: usize = 6;
/// The name that all want; the others are each client's own.
const WANTED: Id = CLIENTS;
/// Where those are who write; the others move between this and the next.
const WRITERS: Id = 0;
const LISTENERS: Id = 1;
const ROUNDS: usize = 4;
const RUNS: usize = 5;
/// How often all wait for each other.
const PASSES: usize = 3;

/// One client, and what it did and heard so far.
struct Racer {
    id: Id,
    chat: Chat,
    did: Vec<(What, usize)>,
    heard: Vec<String>,
    said: usize,
    told: usize,
}

impl Racer {
    /// Sends `line`, and hears all before the answer, and that.
    fn does(&mut self, what: What, line: &str, is_answer: impl Fn(&str) -> bool) {
        self.did.push((what, self.heard.len()));
        self.chat.send(line);
        loop {
            self.heard.push(self.chat.line());
            if self.heard.last().is_some_and(|line| is_answer(line)) {
                return;
            }
        }
    }

    fn claims(&mut self, claimed: Id) {
        let line = format!("USERNAME {}\n", name(claimed));
        let answers = |line: &str| line.starts_with("OK Welcome") || line.ends_with("taken\r");
        self.does(What::Name(claimed), &line, answers);
    }

    fn is_named(&self) -> bool {
        self.heard.iter().any(|line| line.starts_with("OK Welcome"))
    }

    fn joins(&mut self, to: Id) {
        let answer = format!("OK Joined {} ", room(to));
        self.does(What::Join(to), &format!("JOIN {}\n", room(to)), |line| {
            line.starts_with(&answer)
        });
    }

    fn leaves(&mut self) {
        self.does(What::Leave, "LEAVE\n", |line| line.starts_with("OK Left "));
    }

    fn says(&mut self) {
        self.said += 1;
        let text = text(Line { who: self.id, n: self.said });
        let end = format!(" {text}\r");
        let answers = |line: &str| line.starts_with("ROOM ") && line.ends_with(&end);
        self.does(What::Say, &format!("MSG {text}\n"), answers);
    }

    fn tells(&mut self, to: Id) {
        self.told += 1;
        let text = text(Line { who: self.id, n: self.told });
        let answers = |line: &str| line == "OK Sent\r" || line == "ERROR User not found\r";
        self.does(What::Tell(to), &format!("PRIVMSG {} {text}\n", name(to)), answers);
    }

    fn writes(&mut self) {
        for round in 0..ROUNDS {
            self.joins(WRITERS);
            self.says();
            // Nobody has the own name of who got the one that all wanted.
            let to = CLIENTS / 2 + (self.id + round) % (CLIENTS / 2);
            self.tells(to);
            self.says();
            self.leaves();
        }
        self.joins(WRITERS);
    }

    fn listens(&mut self) {
        for round in 0..ROUNDS {
            self.joins(LISTENERS + (self.id + round) % 2);
            self.says();
            self.says();
        }
    }

    /// Half of them with a farewell.
    fn goes(mut self) -> Part {
        let what = if self.id.is_multiple_of(2) { What::Quit } else { What::EndOfStream };
        self.did.push((what, self.heard.len()));
        match what {
            What::Quit => self.chat.send("QUIT\n"),
            _ => self.chat.finish(),
        }
        let rest = String::from_utf8(self.chat.rest()).expect("everyone sends text");
        let heard: String = self.heard.iter().map(|line| [line, "\n"].concat()).collect();
        Part { did: self.did, received: shown(&(heard + &rest)).unwrap(), whole: true }
    }
}

/// Where a client waits until all have come so far. Unlike a barrier it fails for all if one fails.
struct Gate {
    ready: Sender<()>,
    go: Receiver<()>,
}

/// The test's end of a gate.
struct Keeper {
    ready: Receiver<()>,
    go: Sender<()>,
}

fn gate() -> (Gate, Keeper) {
    let ((ready, is_ready), (go, goes)) = (channel(), channel());
    (Gate { ready, go: goes }, Keeper { ready: is_ready, go })
}

impl Gate {
    fn pass(&self) {
        self.ready.send(()).expect("the others are there");
        self.go.recv().expect("the others are there");
    }
}

fn client(address: SocketAddr, id: Id, gate: &Gate) -> Part {
    let (did, heard) = (Vec::new(), Vec::new());
    let mut racer = Racer { id, chat: Chat::connect(address), did, heard, said: 0, told: 0 };
    gate.pass();
    racer.claims(WANTED);
    if !racer.is_named() {
        racer.claims(id);
    }
    gate.pass();
    if id < CLIENTS / 2 {
        racer.writes();
    } else {
        racer.listens();
    }
    gate.pass();
    racer.goes()
}

fn race(address: SocketAddr) -> Run {
    let (gates, keepers): (Vec<_>, Vec<_>) = (0..CLIENTS).map(|_| gate()).unzip();
    let start = |(id, gate)| thread::spawn(move || client(address, id, &gate));
    let threads: Vec<_> = gates.into_iter().enumerate().map(start).collect();
    for _ in 0..PASSES {
        for keeper in &keepers {
            keeper.ready.recv().expect("no client fails");
        }
        for keeper in &keepers {
            keeper.go.send(()).expect("no client fails");
        }
    }
    let parts = threads.into_iter().map(|thread| thread.join().expect("no client fails"));
    Run { names: CLIENTS + 1, rooms: 3, kept: HISTORY_LINES_MAX, parts: parts.collect() }
}

/// What no server can have sent, whatever it did in which order.
fn forged(run: &Run) -> Vec<Run> {
    let forge = |change: fn(&mut Run)| {
        let mut forged = run.clone();
        change(&mut forged);
        forged
    };
    let place = |heard: &[Shown], is: fn(&Shown) -> bool| heard.iter().position(is);
    let told = run.parts.iter().position(|part| {
        place(&part.received, |line| matches!(line, Shown::Private { .. })).is_some()
    });
    let told = told.expect("a listener has a name of its own, and is written to");
    let mut without = run.clone();
    without.parts[told].received.retain(|line| !matches!(line, Shown::Private { .. }));
    vec![
        without,
        forge(|run| run.parts[0].received.swap(0, 1)),
        forge(|run| {
            let last = run.parts[1].received.len() - 1;
            run.parts[1].received.insert(last, Shown::Sent);
        }),
        forge(|run| _ = run.parts[2].received.pop()),
    ]
}

/// [channels/name-1] [channels/name-4] [channels/join-4] [channels/move-2] [channels/leave-1]
/// [channels/msg-1] [channels/tell-1] [channels/tell-2] [channels/history-1] [channels/quit-1]
/// [common/unique-1] [common/order-1] [common/tell-1] [channels/room-1]
#[test]
fn racing_clients_with_names_behave_as_the_model() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let address = daemon.address();
    for _ in 0..RUNS {
        let run = race(address);
        accept(&run).unwrap_or_else(|why| panic!("{why}: {run:?}"));
        for (number, forged) in forged(&run).iter().enumerate() {
            let verdict = accept(forged);
            let never = matches!(verdict, Err(Rejected::Never { .. }));
            assert!(never, "forgery {number}, and: {verdict:?} of {forged:?}");
        }
    }
}
