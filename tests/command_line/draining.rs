//! SIGUSR2: a drain.
//!
//! Goal: an operator takes a server out of service without throwing anybody out. Method: the
//! signal, and clients that are there before and come later. Limits: for how long clients may stay
//! is tested in virtual time.

use crate::process::{Chat, Daemon};
use rustix::process::Signal;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};

fn is_refused(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn draining() -> (Daemon, Chat) {
    let options = ["--log", "info", "--drain-time", "0"];
    let daemon = Daemon::serving(&["rooms", "http"], &options);
    let chat = Chat::join(daemon.addresses()[0], "r", "u");
    daemon.signal(Signal::USR2);
    daemon.line_logged("draining");
    (daemon, chat)
}

/// [common/drain-1]
#[test]
fn clients_go_on_in_a_drain_and_its_end_is_that_of_the_last_client() {
    let (daemon, mut chat) = draining();
    for _ in 0..3 {
        assert_eq!(chat.fence("u"), Vec::<String>::new());
    }
    for address in daemon.addresses() {
        let closes = (0..1_000).any(|_| {
            chat.fence("u");
            is_refused(*address)
        });
        assert!(closes, "{address} is closed");
    }
    daemon.signal(Signal::USR1);
    daemon.line_logged("ignored: SIGUSR1");
    daemon.signal(Signal::USR2);
    daemon.line_logged("ignored: the drain has begun already");
    chat.fence("u");
    chat.leave();
    let ended = daemon.ended();
    assert_eq!(ended.status, Some(0));
    let last = |line: &String| line.contains("the last client has gone");
    assert!(ended.stderr.iter().any(last), "{:?}", ended.stderr);
}

/// [common/drain-1]
#[test]
fn a_drain_without_clients_ends_at_once_and_one_with_clients_by_its_time() {
    let daemon = Daemon::start(&["--drain-time", "0"]);
    daemon.signal(Signal::USR2);
    assert_eq!(daemon.ended().status, Some(0));
    let daemon = Daemon::start(&["--drain-time", "1ms"]);
    let mut chat = Chat::join(daemon.address(), "r", "u");
    daemon.signal(Signal::USR2);
    chat.expect_end();
    assert_eq!(daemon.ended().status, Some(0));
}

/// [common/drain-1] [common/shutdown-3]
#[test]
fn sigterm_ends_a_drain() {
    let (daemon, mut chat) = draining();
    daemon.signal(Signal::TERM);
    chat.expect_end();
    let ended = daemon.ended();
    assert_eq!(ended.status, Some(0));
    assert!(ended.stderr[0].contains("it was asked to stop"), "{:?}", ended.stderr);
}
