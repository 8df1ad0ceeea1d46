//! Where the daemon listens.
//!
//! Goal: it is reached where it says it listens, on IPv4 and IPv6, and a port that is taken is an
//! error. Method: ports that the system has just given out; PORT cannot be 0, so another program
//! may take such a port first, and then another is tried. Limits: a machine without IPv6 skips it.

use super::places::assert_refused;
use crate::process::{Chat, DEADLINE, Daemon, Ended, command, loopback};
use parlance_server::config::options::Options;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::process::Command;
use std::time::Instant;

/// Starts the daemon on a port that was free a moment ago.
fn on_a_free_port(options: &[&str]) -> Daemon {
    on_a_free_port_with(command, options)
}

fn on_a_free_port_with(base: impl Fn() -> Command, options: &[&str]) -> Daemon {
    for _ in 0..10 {
        let port = TcpListener::bind(loopback(0)).unwrap().local_addr().unwrap().port();
        match Daemon::launch(base().arg(port.to_string()).args(options), 1) {
            Ok(daemon) => {
                assert_eq!(daemon.address().port(), port);
                return daemon;
            }
            Err(ended) => assert!(ended.stderr[0].contains("in use"), "{ended:?}"),
        }
    }
    panic!("ten free ports were taken");
}

/// [rooms/daemon-1]
#[test]
fn the_port_argument_is_served_on_ipv4_and_ipv6() {
    for options in [&[][..], &["--host", "::"]] {
        if !options.is_empty() && !has_ipv6() {
            continue;
        }
        let daemon = on_a_free_port(options);
        let port = daemon.address().port();
        let mut four = Chat::join(loopback(port), "r", "four");
        if has_ipv6() {
            let six: SocketAddr = (Ipv6Addr::LOCALHOST, port).into();
            let mut six = Chat::join(six, "r", "six");
            four.expect("six has joined\n");
            six.send("hello\n");
            four.expect("six: hello\n");
        }
    }
}

/// [rooms/daemon-1]
#[test]
fn a_name_is_served_on_each_of_its_addresses() {
    let known: BTreeSet<IpAddr> = ("localhost", 0)
        .to_socket_addrs()
        .expect("every machine knows it")
        .map(|address| address.ip())
        .collect();
    let listen = ["--listen", "rooms://localhost:0"];
    let daemon = Daemon::launch(command().args(listen), known.len()).unwrap();
    let served: BTreeSet<IpAddr> = daemon.addresses().iter().map(SocketAddr::ip).collect();
    assert_eq!(served, known);
    for (number, address) in daemon.addresses().iter().enumerate() {
        Chat::join(*address, &format!("r{number}"), "u");
    }
    let parsed = Options::from_arguments(["parlance", "--host", "localhost", "5000"]).unwrap();
    let endpoints = parsed.endpoints(|_| None).unwrap();
    let there: BTreeSet<IpAddr> = endpoints.iter().map(|place| place.address.ip()).collect();
    assert_eq!(there, known);
    assert!(endpoints.iter().all(|place| place.address.port() == 5000));
}

/// The loopback interface has the number 1, and no link-local address. [rooms/daemon-4]
#[test]
fn a_link_local_address_may_have_a_zone() {
    let places = |arguments: &[&str]| {
        let options = Options::from_arguments([&["parlance"], arguments].concat()).unwrap();
        let places = options.endpoints(|_| None).unwrap();
        places.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for zone in ["lo", "1"] {
        let listen = format!("rooms://[fe80::1%{zone}]:5000");
        assert_eq!(places(&["--listen", &listen]), ["rooms://[fe80::1%1]:5000"]);
        let host = format!("fe80::1%{zone}");
        assert_eq!(places(&["--host", &host, "5000"]), ["rooms://[fe80::1%1]:5000"]);
    }
    for (option, value) in
        [("--listen", "rooms://[fe80::1%nosuch0]:5000"), ("--host", "fe80::1%nosuch0")]
    {
        assert_refused(&[], &[option, value], &["fe80::1%nosuch0"]);
    }
}

fn has_ipv6() -> bool {
    let here = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    if !here {
        println!("this machine has no IPv6: not tested on it");
    }
    here
}

/// What is typed beats the environment. [rooms/daemon-1]
#[test]
fn the_port_argument_replaces_the_listeners_of_the_environment() {
    let base = || {
        let mut command = command();
        command.env("PARLANCE_LISTEN", "rooms://127.0.0.2:0");
        command
    };
    let daemon = on_a_free_port_with(base, &["--host", "127.0.0.1"]);
    assert_eq!(daemon.address().ip().to_string(), "127.0.0.1");
}

/// [rooms/daemon-1]
#[test]
fn the_host_option_narrows_where_the_port_is_served() {
    let daemon = on_a_free_port(&["--host", "127.0.0.2"]);
    let port = daemon.address().port();
    assert_eq!(daemon.address().ip().to_string(), "127.0.0.2");
    Chat::join(daemon.address(), "r", "u");
    assert!(std::net::TcpStream::connect(loopback(port)).is_err(), "it listens on 127.0.0.1 too");
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let taken = TcpListener::bind(loopback(0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let listen = format!("rooms://127.0.0.1:{port}");
    let first_free = ["--listen", "rooms://127.0.0.1:0", "--listen", &listen];
    for arguments in [&[&*port][..], &["--listen", &listen], &first_free] {
        let Ended { status, stdout, stderr } = match Daemon::launch(command().args(arguments), 1) {
            Err(ended) => ended,
            Ok(daemon) => panic!("it listens on {}", daemon.address()),
        };
        assert_ne!(status, Some(0));
        assert!(status.is_some(), "it ends by itself");
        assert_eq!(stdout, Vec::<String>::new(), "nothing is announced before all are bound");
        assert!(stderr.len() == 1 && stderr[0].contains(&port), "{stderr:?}");
    }
}

/// [rooms/join-7] [rooms/text-1]
#[test]
fn two_listeners_of_one_dialect_share_its_rooms() {
    let listen = "rooms://127.0.0.1:0";
    let daemon = Daemon::launch(command().args(["--listen", listen, "--listen", listen]), 2);
    let daemon = daemon.unwrap();
    let [one, two] = *daemon.addresses() else { panic!("two listeners") };
    assert_ne!(one, two);
    let mut a = Chat::join(one, "r", "a");
    let mut b = Chat::join(two, "r", "b");
    a.expect("b has joined\n");
    a.send("hi\n");
    b.expect("a: hi\n");
    a.leave();
    b.expect("a has left\n");
}

/// [rooms/text-1]
#[test]
fn it_serves_with_as_many_threads_as_it_is_told() {
    for (threads, names) in [("1", &["parlance"][..]), ("2", &["parlance", "parlance-1"])] {
        let daemon = Daemon::start(&["--threads", threads]);
        let mut a = Chat::join(daemon.address(), "r", "a");
        let mut b = Chat::join(daemon.address(), "r", "b");
        a.expect("b has joined\n");
        let executors = || {
            let mut found = daemon.thread_names();
            found.retain(|name| name.starts_with("parlance"));
            found.sort();
            found
        };
        let begun = Instant::now();
        let mut rounds = 0;
        // A thread that has only just begun has the name of the one that made it.
        while rounds < 100 || executors() != names {
            assert!(begun.elapsed() < DEADLINE, "{:?} are not {names:?}", executors());
            a.send(format!("{rounds}\n"));
            b.expect(format!("a: {rounds}\n"));
            rounds += 1;
        }
    }
}
