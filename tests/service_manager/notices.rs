//! What the service manager is told.

use super::{Supervised, listening, notice};
use rustix::process::Signal;
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// A socket for notices with a name that no other test has, and its address.
fn manager(name: &str) -> (UnixDatagram, String) {
    let name = format!("parlance-test-{}-{name}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a short name");
    (UnixDatagram::bind_addr(&address).expect("nobody has it"), format!("@{name}"))
}

/// [common/service-2]
#[test]
fn the_manager_is_told_of_start_reload_and_stop() {
    let (socket, at) = listening();
    let (notices, address) = manager("notices");
    let variables = [("NOTIFY_SOCKET", &*address), ("LISTEN_FDNAMES", "rooms")];
    let daemon = Supervised::start(&[&socket], &variables, &[]);
    assert!(notice(&notices).starts_with("READY=1\n"));
    drop(TcpStream::connect(at).expect("it listens"));
    daemon.signal(Signal::HUP);
    let reloading = notice(&notices);
    let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect("a reload");
    assert!(time.parse::<u64>().is_ok_and(|time| time > 0), "{reloading}");
    assert!(notice(&notices).starts_with("READY=1\n"));
    daemon.signal(Signal::TERM);
    assert!(notice(&notices).starts_with("STOPPING=1\n"));
    assert_eq!(daemon.ended().0, Some(0));
}

/// [common/service-2]
#[test]
fn a_start_that_fails_is_never_ready() {
    let (notices, address) = manager("failed");
    let variables = [("NOTIFY_SOCKET", &*address)];
    let daemon = Supervised::start(&[], &variables, &["--listen", "rooms://192.0.2.1:1"]);
    assert_eq!(daemon.ended().0, Some(2));
    notices.set_nonblocking(true).expect("it is open");
    assert!(notices.recv(&mut [0; 64]).is_err(), "a notice came");
}

/// [common/service-3]
#[test]
fn a_manager_that_waits_for_signs_of_life_gets_them() {
    let (notices, address) = manager("watchdog");
    let variables = [("NOTIFY_SOCKET", &*address), ("WATCHDOG_USEC", "20000")];
    let _daemon = Supervised::start(&[], &variables, &["--listen", "rooms://127.0.0.1:0"]);
    assert!(notice(&notices).starts_with("READY=1\n"));
    for _ in 0..3 {
        assert_eq!(notice(&notices), "WATCHDOG=1");
    }
}

/// [common/service-2]
#[test]
fn a_manager_that_is_gone_is_no_reason_not_to_serve() {
    let (socket, at) = listening();
    for address in ["@parlance-test-nobody", "/nowhere/notify", "no address"] {
        let variables = [("NOTIFY_SOCKET", address), ("LISTEN_FDNAMES", "rooms")];
        let daemon = Supervised::start(&[&socket], &variables, &["--log", "warn"]);
        let (one, other) = (daemon.line(), daemon.line());
        let announced = format!("Listening on {at} (rooms)");
        assert!(one == announced || other == announced, "{one}\n{other}");
        daemon.signal(Signal::TERM);
        let (status, rest) = daemon.ended();
        assert_eq!(status, Some(0));
        assert!([&[one, other], &rest[..]].concat().iter().any(|line| line.contains("WARN")));
    }
}
