//! Sockets that a service manager has opened (socket activation).

use super::{Supervised, listening};
use crate::process::Chat;
use rustix::process::Signal;
use std::net::{TcpStream, UdpSocket};
use std::os::fd::OwnedFd;

/// [common/service-1]
#[test]
fn sockets_without_names_are_served_in_the_order_of_the_listeners() {
    let ((one, at_one), (other, at_other)) = (listening(), listening());
    let options = ["--listen", "rooms://127.0.0.1:1", "--listen", "simple://127.0.0.1:2"];
    // Names as systemd and its tools give them to sockets without one.
    for names in ["", "parlance.socket:unknown"] {
        let daemon = Supervised::start(&[&one, &other], &[("LISTEN_FDNAMES", names)], &options);
        assert_eq!(daemon.line(), format!("Listening on {at_one} (rooms)"));
        assert_eq!(daemon.line(), format!("Listening on {at_other} (simple)"));
        let _member = Chat::join(at_one, "r", "u");
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended(), (Some(0), Vec::new()));
    }
}

/// [common/service-1]
#[test]
fn the_name_of_a_socket_is_the_scheme_of_its_listener() {
    let ((one, at_one), (other, at_other)) = (listening(), listening());
    let names = ("LISTEN_FDNAMES", "channels+telnet:http");
    // In another order, and at addresses that do not count.
    let options = ["--listen", "http://127.0.0.1:1", "--listen", "channels+telnet://127.0.0.1:2"];
    let daemon = Supervised::start(&[&one, &other], &[names], &options);
    assert_eq!(daemon.line(), format!("Listening on {at_one} (channels+telnet)"));
    assert_eq!(daemon.line(), format!("Listening on {at_other} (http)"));
    Chat::connect(at_other).ask("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 ");
}

/// [common/service-1]
#[test]
fn sockets_that_do_not_fit_are_named_by_the_error() {
    let (socket, _) = listening();
    let datagrams = OwnedFd::from(UdpSocket::bind(("127.0.0.1", 0)).expect("port 0 is free"));
    let (_listener, address) = listening();
    let connected = OwnedFd::from(TcpStream::connect(address).expect("it listens"));
    let name = |names| ("LISTEN_FDNAMES", names);
    let cases: [(&[&OwnedFd], _, &[&str], &[&str]); 7] = [
        (&[&socket], name(""), &["--all"], &["1 sockets", "login://", "one --listen"]),
        (&[&socket], name("irc"), &[], &["\"irc\"", "channels", "http"]),
        (&[&socket], name("rooms+ssl"), &[], &["\"+ssl\"", "+tls"]),
        (&[&socket, &socket], name("rooms:"), &[], &["1 of the 2", "FileDescriptorName="]),
        (&[&socket], name("rooms"), &["--dialect", "simple"], &["for rooms", "for simple"]),
        (&[&datagrams], name("rooms"), &[], &["socket 1", "tcp"]),
        (&[&connected], name("connection"), &[], &["socket 1", "Accept=no"]),
    ];
    for (sockets, names, options, expected) in cases {
        let (status, said) = Supervised::start(sockets, &[names], options).ended();
        let said = said.join("\n");
        assert_eq!(status, Some(2), "{names:?}: {said}");
        for word in expected {
            assert!(said.contains(word), "{word:?} is not in {said:?}");
        }
    }
    let (status, said) = Supervised::start(&[], &[("LISTEN_FDS", "two")], &[]).ended();
    assert!(status == Some(2) && said[0].contains("LISTEN_FDS is \"two\""), "{said:?}");
}

/// [common/service-1]
#[test]
fn sockets_for_another_process_do_not_count() {
    let (socket, address) = listening();
    let other = ("FOR", "1"); // the process that the shell says they are for
    let daemon = Supervised::start(&[&socket], &[other], &["--listen", "rooms://127.0.0.1:0"]);
    let line = daemon.line();
    assert!(line.ends_with("(rooms)") && !line.contains(&address.to_string()), "{line}");
}

/// [common/service-1]
#[test]
fn a_client_that_comes_between_two_runs_is_served_by_the_second() {
    let (socket, address) = listening();
    let name = [("LISTEN_FDNAMES", "rooms")];
    let first = Supervised::start(&[&socket], &name, &[]);
    assert_eq!(first.line(), format!("Listening on {address} (rooms)"));
    let mut old = Chat::join(address, "r", "u");
    first.signal(Signal::TERM);
    old.expect_end();
    assert_eq!(first.ended().0, Some(0));
    let mut new = Chat::connect(address);
    new.send("JOIN r u\n");
    let second = Supervised::start(&[&socket], &name, &[]);
    new.expect("u has joined\n");
    drop(second);
}
