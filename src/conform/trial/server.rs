//! A server that plays a part for each connection.

use socket2::SockRef;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the server does with one connection, once a line has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It says this.
    Says(&'static str),
    /// It says the first if the line came in one piece, and the second otherwise.
    SaysIfWhole(&'static str, &'static str),
    /// It says nothing, and stays.
    Silent,
    /// It ends the stream.
    Ends,
    /// It resets the connection.
    Resets,
}

/// The parts that are left of each kind; the last one is played for all further connections.
struct Parts {
    attempts: Vec<Part>,
    proofs: Vec<Part>,
}

/// Starts it; a connection whose first line is `ping` is a proof, any other an attempt. It ends
/// with the test program.
pub(super) fn play(attempts: &[Part], proofs: &[Part]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let parts = Parts { attempts: attempts.to_vec(), proofs: proofs.to_vec() };
    let parts = Arc::new(Mutex::new(parts));
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let parts = Arc::clone(&parts);
            std::thread::spawn(move || serve(stream, &parts));
        }
    });
    address
}

fn serve(mut stream: TcpStream, parts: &Mutex<Parts>) {
    let mut line = Vec::new();
    let mut pieces = 0;
    while !line.ends_with(b"\n") {
        let mut buffer = [0; 1024];
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return };
        line.extend_from_slice(&buffer[..read]);
        pieces += 1;
    }
    let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
    let kind = if line == b"ping\n" { &mut parts.proofs } else { &mut parts.attempts };
    let part = if kind.len() > 1 { kind.remove(0) } else { kind[0] };
    drop(parts);
    // A client that has gone away is no fault.
    let mut says = |line: &str| drop(stream.write_all(line.as_bytes()));
    match part {
        Part::Says(line) => says(line),
        Part::SaysIfWhole(whole, cut) => says(if pieces == 1 { whole } else { cut }),
        Part::Silent => {}
        Part::Ends => return,
        Part::Resets => {
            let reset = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            return reset.expect("every socket has this option");
        }
    }
    // Until the client goes.
    while let Ok(1..) = stream.read(&mut [0; 1024]) {}
}
