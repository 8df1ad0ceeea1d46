//! Racing clients of the daemon.
//!
//! Goal: what they did and received is a behaviour of the formal model, module Rooms. Method: each
//! client has a thread of its own, and says its next line as soon as it has heard the one before;
//! then
//! `acceptor` must find steps of the model that explain all of it together. Limits: the races are
//! those that the scheduler happens to make, and nobody is slow.

use crate::acceptor::rooms::trace::{Part, Run, What, accept, events, name};
use crate::acceptor::search::Rejected;
use crate::process::{Chat, Daemon};
use std::net::SocketAddr;
use std::thread;

const CLIENTS: usize = 6;
const ROOMS: usize = 2;
const LINES: usize = 6;
const RUNS: usize = 5;

fn client(address: SocketAddr, id: usize) -> Part {
    let (user, room) = (name(id), id % ROOMS);
    let (mut did, mut received) = (vec![(What::Join, 0)], Vec::new());
    let mut chat = Chat::connect(address);
    chat.send(format!("JOIN r{room} {user}\n"));
    let mut hear_until = |chat: &mut Chat, last: &str| {
        received.extend(chat.lines_before(last));
        received.push(last.to_owned());
        received.len()
    };
    let mut heard = hear_until(&mut chat, &format!("{user} has joined"));
    for line in 1..=LINES {
        did.push((What::Say, heard));
        chat.send(format!("{line}\n"));
        heard = hear_until(&mut chat, &format!("{user}: {line}"));
    }
    if id < ROOMS {
        did.push((What::Fail, heard));
        chat.send(vec![b'x'; 20_000]);
    } else {
        did.push((What::EndOfStream, heard));
        chat.finish();
    }
    let rest = String::from_utf8(chat.rest()).expect("everyone sends text");
    received.push(rest);
    let text = received.join("\n");
    Part { room, did, received: events(&text, room).unwrap(), whole: true }
}

/// [common/order-1] [common/order-2] [common/eos-3] [common/eos-4] [common/eos-6] [rooms/room-1]
/// [rooms/error-3]
#[test]
fn racing_clients_behave_as_the_model() {
    let daemon = Daemon::start(&[]);
    let address = daemon.address();
    for _ in 0..RUNS {
        let threads: Vec<_> =
            (0..CLIENTS).map(|id| thread::spawn(move || client(address, id))).collect();
        let parts: Vec<Part> =
            threads.into_iter().map(|thread| thread.join().expect("no client fails")).collect();
        let mut run = Run { rooms: ROOMS, parts, shutdown: false };
        accept(&run).unwrap_or_else(|why| panic!("{why}: {run:?}"));
        let heard = &mut run.parts[0].received;
        let last_line = heard.len() - 2;
        heard.swap(0, last_line);
        assert!(matches!(accept(&run), Err(Rejected::Never { .. })));
    }
}
