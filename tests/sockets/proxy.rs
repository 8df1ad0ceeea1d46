//! The PROXY protocol over real sockets.
//!
//! Goal: a daemon takes headers from the networks that it was told, on every kind of listener.
//! Method: clients that write the header themselves, from loopback addresses in and out of the
//! network. Limits: a real proxy writes the same bytes; headers that are cut are the matter of
//! `tests/network/proxy.rs`.

use crate::process::{Chat, Daemon};

const HEADER: &str = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";

/// [common/proxy-1] [common/proxy-5]
#[test]
fn clients_of_a_proxy_have_the_limit_of_their_own_address() {
    let options = ["--proxy-protocol", "127.0.0.0/8,::1", "--clients-per-address-max", "1"];
    let daemon = Daemon::serving(&["rooms", "rooms+telnet", "http"], &options);
    let mut joe = Chat::connect(daemon.address_of("rooms"));
    joe.ask(HEADER.to_owned() + "JOIN den joe\n", "joe has joined\n");
    let mut second = Chat::connect(daemon.address_of("rooms+telnet"));
    second.send(HEADER);
    second.expect("ERROR\r\n");
    second.expect_end();
    let mut ann = Chat::connect(daemon.address_of("rooms+telnet"));
    let header = HEADER.replace("192.0.2.1", "192.0.2.2");
    ann.ask(header + "JOIN den ann\r\n", "ann has joined\r\n");
    joe.expect("ann has joined\n");
    let mut health = Chat::connect(daemon.address_of("http"));
    health.send(HEADER.to_owned() + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    health.expect("HTTP/1.1 200 OK\r\n");
}

/// [common/proxy-2]
#[test]
fn a_client_without_a_header_is_closed_and_named_in_the_log() {
    let daemon = Daemon::start(&["--proxy-protocol", "127.0.0.1", "--log", "info"]);
    let mut joe = Chat::connect(daemon.address());
    joe.send("JOIN den joe\n");
    joe.expect_end();
    let logged = daemon.logged();
    let lines = logged.lines().filter(|line| line.contains("no PROXY header"));
    let lines: Vec<&str> = lines.collect();
    assert!(lines.len() == 1 && lines[0].contains("127.0.0.1"), "{logged}");
}

/// [common/proxy-4]
#[test]
fn a_header_from_elsewhere_is_refused_and_clients_from_there_are_served() {
    let daemon = Daemon::start(&["--proxy-protocol", "10.0.0.0/8"]);
    let mut joe = Chat::connect(daemon.address());
    joe.ask("JOIN den joe\n", "joe has joined\n");
    let mut other = Chat::connect(daemon.address());
    other.send(HEADER.to_owned() + "JOIN den ann\n");
    other.expect_end();
    assert_eq!(joe.fence("joe"), Vec::<String>::new(), "nobody has joined");
}
