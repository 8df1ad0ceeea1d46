//! Faults that need time or load to show.

use crate::process::Chat;
use parlance_conform::mutants::{Handle, mutations, serve_with};
use parlance_model::{Config, Dialect};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const LINE: usize = 10_000;

/// More lines than the system buffers for a reader that stopped and that never had a large buffer.
const FLOOD: usize = 1500;

fn server(mutation: Option<&str>) -> Handle {
    server_with(mutation, &Config::default())
}

fn server_with(mutation: Option<&str>, config: &Config) -> Handle {
    let mutation = mutation.map(|name| mutations().find(|one| one.name == name).unwrap());
    assert!(mutation.is_none_or(|one| one.slow));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    serve_with(Dialect::Rooms, mutation, *config, listener).unwrap()
}

/// Says a line and waits for its echo; false if the echo does not come in time.
fn echoes(stream: &mut TcpStream, user: &str, length: usize) -> bool {
    stream.write_all(format!("{}\n", "x".repeat(length)).as_bytes()).unwrap();
    stream.read_exact(&mut vec![0; user.len() + 2 + length + 1]).is_ok()
}

/// A member whose reads time out.
fn member(server: &Handle, room: &str, user: &str, patience: Duration) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(format!("JOIN {room} {user}\n").as_bytes()).unwrap();
    stream.read_exact(&mut vec![0; user.len() + 12]).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    stream
}

#[test]
fn each_answer_takes_forty_milliseconds() {
    let server = server(Some("answers-after-forty-milliseconds"));
    let start = Instant::now();
    let mut ann = member(&server, "r", "ann", Duration::from_secs(20));
    assert!((0..4).all(|_| echoes(&mut ann, "ann", 1)));
    assert!(start.elapsed() >= Duration::from_millis(200));
}

/// Whether a client in another room is still served when a member stopped reading and its room went
/// on.
fn others_are_served(mutation: Option<&str>, patience: Duration) -> bool {
    let server = server(mutation);
    let _asleep = Chat::connect_keeping(4096, server.address()).joined("r", "bob");
    let mut other = member(&server, "s", "cyd", patience);
    let mut loud = member(&server, "r", "ann", patience);
    thread::scope(|scope| {
        let shouting = scope.spawn(move || (0..FLOOD).all(|_| echoes(&mut loud, "ann", LINE)));
        while !shouting.is_finished() {
            if !echoes(&mut other, "cyd", 1) {
                return false;
            }
        }
        true
    })
}

#[test]
fn a_reader_that_stops_blocks_all_or_none() {
    assert!(others_are_served(None, Duration::from_secs(20)));
    assert!(!others_are_served(Some("slow-reader-blocks-all"), Duration::from_secs(1)));
}

/// Whether the departure of a member is announced that had pending bytes when it reset.
fn ghost_is_announced(mutation: Option<&str>, patience: Duration) -> bool {
    // With its own bound the server would close a client with this many pending bytes before it can
    // reset.
    let config = Config { outbox_bytes_max: 2 * FLOOD * LINE, ..Config::default() };
    let server = server_with(mutation, &config);
    let mut ann = member(&server, "r", "ann", Duration::from_secs(20));
    let asleep = Chat::connect_keeping(4096, server.address()).joined("r", "bob");
    ann.read_exact(&mut [0; "bob has joined\n".len()]).unwrap();
    assert!((0..FLOOD).all(|_| echoes(&mut ann, "ann", LINE)));
    asleep.reset();
    ann.set_read_timeout(Some(patience)).unwrap();
    let mut notice = [0; "bob has left\n".len()];
    ann.read_exact(&mut notice).is_ok() && notice == *b"bob has left\n"
}

#[test]
fn a_ghost_is_announced_or_not() {
    assert!(ghost_is_announced(None, Duration::from_secs(20)));
    // Between two writes nothing may be pending for a moment, and then the departure is announced:
    // not every time.
    let patience = Duration::from_millis(800);
    let forgotten = |_| !ghost_is_announced(Some("ghost-of-a-reader-that-stopped"), patience);
    assert!((0..20).any(forgotten));
}
