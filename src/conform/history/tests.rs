//! Goal: histories of running servers, right and wrong, are judged correctly.

use super::super::attempt::{Attempt, Findings, Played, Setting};
use super::super::bounds::Bounds;
use super::super::failure::{Outcome, Trouble};
use super::super::nonces::Nonces;
use super::super::readings::Readings;
use super::super::script::Book;
use super::super::server::Server;
use super::super::transcript::Transcript;
use super::{Size, histories};
use crate::mutants::{Handle, Mutation, mutations, serve, serve_other_readings};
use parlance_model::Dialect;
use parlance_speech::Dialect as Spoken;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

const SIZE: Size = Size { rooms: 2, participants: 12, lines: 12 };

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

fn dialect(spoken: Spoken) -> Dialect {
    match spoken {
        Spoken::Rooms => Dialect::Rooms,
        Spoken::Lobby => Dialect::Lobby,
        Spoken::Simple => Dialect::Simple,
        Spoken::Login => Dialect::Login,
        Spoken::Channels => Dialect::Channels,
    }
}

/// The known readings of the second right server.
fn other_readings() -> Readings {
    let mut readings = Readings::default();
    readings.note("channels/move-1", "refuses", "a case").expect("nothing else is known");
    readings
}

/// The result of this many histories, with the transcript and the findings.
fn played(
    name: &str,
    address: SocketAddr,
    count: u64,
    patience: f64,
    readings: Readings,
) -> (Played, Transcript, Findings) {
    let bounds = Bounds { patience, end: Instant::now() + Duration::from_secs(60) };
    let (book, nonces) = (Book::default(), Nonces::default());
    let server = Server::attach(address, bounds);
    let setting = Setting {
        habits: crate::habits::Habits::default(),
        server: &server,
        address,
        seed: 1,
        bounds,
        book: &book,
        readings,
        document_only: false,
        nonces: &nonces,
    };
    let mut attempt = Attempt::new(setting, "abcdefg".to_owned());
    let played = histories(name, &mut attempt, (1, count), SIZE);
    (played, attempt.transcript, attempt.findings)
}

#[test]
fn right_servers_are_right() {
    for spoken in Spoken::ALL {
        let here = dialect(spoken);
        let handles: [(Handle, Readings); 2] = [
            (serve(here, None, listener()).expect("a server"), Readings::default()),
            (serve_other_readings(here, listener()).expect("a server"), other_readings()),
        ];
        for (handle, readings) in handles {
            let (played, transcript, findings) =
                played(spoken.name(), handle.address(), 3, 3.0, readings);
            let lines = transcript.lines(None).join("\n");
            assert!(played.is_ok(), "{spoken}: {played:?}\n{lines}");
            assert!(findings.facts > 300, "{spoken}: few facts");
            println!("{spoken}: {:?}", findings.proofs);
        }
    }
}

/// The failure that these histories find in a mutation, if any.
fn found(spoken: Spoken, mutation: &Mutation) -> Option<(String, String)> {
    let handle = serve(dialect(spoken), Some(mutation), listener()).expect("a server");
    let (played, transcript, _) =
        played(spoken.name(), handle.address(), 4, 0.3, Readings::default());
    match played {
        Err(Trouble::Failure(failure)) => match failure.outcome {
            Outcome::Rule(words) => Some((words, transcript.lines(None).join("\n"))),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn wrong_servers_are_found_in_every_dialect() {
    let names = [
        "one-line-in-thirty-lost",
        "one-line-in-thirty-twice",
        "one-line-in-fifty-lost-for-all",
        "order-differs-between-readers",
        "every-seventh-departure-told-to-some",
        "departures-twice",
        "joins-twice",
        "text-leaks-into-other-rooms",
        "text-leaks-into-other-channels",
    ];
    let tried = std::sync::atomic::AtomicUsize::new(0);
    let tried = &tried;
    std::thread::scope(|scope| {
        for spoken in Spoken::ALL {
            // The threads mostly wait.
            scope.spawn(move || {
                for name in names {
                    let mutation = mutations().find(|one| one.name == name).expect("a mutation");
                    if mutation.dialects.contains(&dialect(spoken)) {
                        tried.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let (words, lines) =
                            found(spoken, mutation).unwrap_or_else(|| panic!("{spoken}: {name}"));
                        println!("{spoken} {name}\n  {words}\n{lines}");
                        let events = lines.lines().filter(|line| line.contains("< ")).count();
                        assert!((1..=6).contains(&events), "{lines}");
                    }
                }
            });
        }
    });
    let tried = tried.load(std::sync::atomic::Ordering::Relaxed);
    assert!(tried > 30, "few were tried: {tried}");
}
