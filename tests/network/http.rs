//! Goal: a request of HTTP is answered as `spec/` says however its head is cut, and no head is
//! taken for two things.
//!
//! Method: requests over the scripted network to an arrival of HTTP, behind a service of one
//! dialect, and behind a reception to several. Each answer is compared as a whole or by its status.
//!
//! Limits: the page itself is tested in a browser; a proxy in front on real sockets.

use super::clock::VirtualClock;
use super::executor::Executor;
use super::house::{House, LOOPBACK, Network, TICK, before};
use super::layer::websocket::request;
use super::random::Random;
use super::replay::each_seed;
use super::stream::{Door, ScriptedListener};
use super::wire::{Client, Quirks, Wire};
use crate::speech::ROOMS;
use parlance_core::limits::{ARRIVAL, HTTP_HEAD_BYTES_MAX, Limits};
use parlance_core::protocol::{CloseReason, DIALECTS};
use parlance_server::http::{Origin, Origins, OverHttp};
use parlance_server::transport::Clock;
use parlance_server::{Reception, Service, serve};
use std::net::IpAddr;
use std::sync::Arc;

fn on_http(scenario: impl Fn(&mut House)) {
    each_seed(6, |seed| {
        let mut house = House::on(Network::WebSocket, &ROOMS, seed, Limits::default());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// The answer to `bytes`.
fn answer(house: &mut House, bytes: impl AsRef<[u8]>) -> String {
    let client = house.connect_plainly();
    client.post(bytes.as_ref());
    house.settle();
    String::from_utf8(client.take_received()).expect("text")
}

/// The number in the status of the answer to `bytes`; nothing if there is no answer yet.
fn status(house: &mut House, bytes: impl AsRef<[u8]>) -> u16 {
    let answer = answer(house, bytes);
    let number = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// [common/http-2]
#[test]
fn a_sign_of_life_is_a_short_text() {
    on_http(|house| {
        let text = "200 OK\nthe server takes connections\n";
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            text.len()
        );
        for (method, body) in [("GET", text), ("HEAD", "")] {
            let client = house.connect_plainly();
            client.post(format!("{method} /healthz HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
            house.settle();
            assert_eq!(client.heard(), format!("{head}{body}"));
            assert!(client.end() != super::wire::End::Open, "one request a connection");
        }
    });
}

/// [common/http-2]
#[test]
fn everything_else_is_an_error_that_says_why() {
    on_http(|house| {
        for (line, expected, word) in [
            ("GET /nothing", 404, "/healthz"),
            ("GET /ws/irc", 404, "channels"),
            ("GET /ws/", 404, "channels"),
            ("GET /ws/rooms/", 404, "channels"),
            ("POST /", 405, "Allow: GET, HEAD"),
            ("get /", 405, "Allow: GET, HEAD"),
            ("DELETE /healthz", 405, "Allow: GET, HEAD"),
            ("HEAD /ws/rooms", 405, "Allow: GET\r\n"),
            ("GET /ws/rooms", 426, "Upgrade: websocket"),
            ("GET http://h/", 400, "path"),
            ("OPTIONS *", 400, "path"),
            ("CONNECT h:80", 400, "path"),
            ("GET /#part", 400, "path"),
        ] {
            let bytes = format!("{line} HTTP/1.1\r\nHost: h\r\n\r\n");
            let answer = answer(house, bytes);
            assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{line}: {answer}");
            assert!(answer.contains(word), "{line}: {answer}");
        }
        assert_eq!(status(house, "GET / HTTP/1.0\r\n\r\n"), 200, "old clients ask too");
        assert_eq!(status(house, "GET /?a=b HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    });
}

/// [common/http-3]
#[test]
fn a_head_that_two_readers_could_take_for_two_things_is_refused() {
    on_http(|house| {
        for (fields, expected) in [
            ("", 400),
            ("Host: a\r\nHost: a\r\n", 400),
            ("Host: a\r\nhOST: b\r\n", 400),
            ("Host: \r\n", 400),
            ("Host: a b\r\n", 400),
            ("Host: a@b\r\n", 400),
            ("Host: a/b\r\n", 400),
            ("Host : a\r\n", 400),
            (" Host: a\r\n", 400),
            ("Host: a\r\n b\r\n", 400),
            ("Host: a\nX: b\r\n", 400),
            ("Host: a\r\rX: b\r\n", 400),
            ("Host: a\r\nX: \0\r\n", 400),
            ("Host: a\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Host: a\r\ntransfer-encoding: identity\r\n", 400),
            ("Host: a\r\nTransfer-Encoding : chunked\r\n", 400),
            ("Host: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400),
            ("Host: a\r\nContent-Length: 0\r\ncontent-length: 5\r\n", 400),
            ("Host: a\r\nContent-Length: 5\r\n", 400),
            ("Host: a\r\nContent-Length: +0\r\n", 400),
            ("Host: a\r\nContent-Length: 0, 0\r\n", 400),
            ("Host: a\r\nContent-Length: \r\n", 400),
            ("Host: a\r\nContent-Length: 0\r\n", 200),
            ("Host: a\r\nX: 1\r\nX: 2\r\n", 200),
            ("Host: [::1]:80\r\nX:\t a \t\r\n", 200),
        ] {
            let bytes = format!("GET /healthz HTTP/1.1\r\n{fields}\r\n");
            assert_eq!(status(house, bytes), expected, "{fields:?}");
        }
        for (line, expected) in [
            ("GET  /healthz HTTP/1.1", 400),
            ("GET /healthz  HTTP/1.1", 400),
            ("GET /healthz HTTP/1.1 ", 400),
            ("GET\t/healthz\tHTTP/1.1", 400),
            ("GET /healthz", 400),
            ("GET /healthz HTTP/2.0", 505),
            ("G@T /healthz HTTP/1.1", 400),
        ] {
            let found = status(house, format!("{line}\r\nHost: h\r\n\r\n"));
            assert_eq!(found, expected, "{line:?}");
        }
    });
}

/// [common/http-6]
#[test]
fn the_page_runs_its_own_script_and_style_alone() {
    on_http(|house| {
        let page = answer(house, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        let (head, body) = page.split_once("\r\n\r\n").expect("there is a body");
        for field in [
            "Content-Type: text/html; charset=utf-8",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
            "Cross-Origin-Opener-Policy: same-origin",
        ] {
            assert!(head.contains(field), "{field} is not in {head}");
        }
        let policy = head.lines().find_map(|line| line.strip_prefix("Content-Security-Policy: "));
        let policy = policy.expect("there is a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        for word in ["unsafe", "*", "http:", "https:"] {
            assert!(!policy.contains(word), "{word} in {policy}");
        }
        for part in ["connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{part} is not in {policy}");
        }
        assert!(body.starts_with("<!DOCTYPE html>"));
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
    });
}

/// [common/http-3]
#[test]
fn every_input_of_the_fuzz_target_has_one_meaning() {
    let inputs = crate::corpus::inputs("http_head");
    assert!(inputs.len() >= 23, "only {} inputs were found", inputs.len());
    for (name, input) in &inputs {
        eprintln!("{name}");
        crate::http_head::http_head(input);
    }
}

/// A second request behind the first is not answered. [common/http-2]
#[test]
fn a_second_request_behind_the_first_is_discarded() {
    on_http(|house| {
        let one = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
        let found = answer(house, one.repeat(3));
        assert_eq!(found.matches("HTTP/1.1 ").count(), 1, "{found}");
        let post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 38\r\n\r\n";
        let found = answer(house, format!("{post}{one}"));
        assert!(found.starts_with("HTTP/1.1 405 ") && found.matches("HTTP/1.1").count() == 1);
    });
}

/// A client of another protocol need not wait for the deadline. [common/http-3]
#[test]
fn a_client_of_another_protocol_is_told_at_once() {
    on_http(|house| {
        for bytes in
            [&b"JOIN den joe\n"[..], b"\x16\x03\x01\x02\0\x01", b"\xff\xfd\x01\r\nGET", b"\0"]
        {
            assert_eq!(status(house, bytes), 400, "{:?}", bytes.escape_ascii());
        }
    });
}

/// [common/http-3]
#[test]
fn a_head_of_8_kib_is_taken_and_a_longer_one_is_not() {
    on_http(|house| {
        let head = |length: usize| {
            let bare = "GET /healthz HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n".len();
            let filler = "x".repeat(length - bare);
            format!("GET /healthz HTTP/1.1\r\nHost: h\r\nX: {filler}\r\n\r\n")
        };
        assert_eq!(status(house, head(HTTP_HEAD_BYTES_MAX)), 200);
        assert_eq!(status(house, head(HTTP_HEAD_BYTES_MAX + 1)), 431);
        assert_eq!(status(house, "x".repeat(100_000)), 431);
        let many = |count: usize| "X: y\r\n".repeat(count);
        let with = |fields| format!("GET /healthz HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
        assert_eq!(status(house, with(many(63))), 200);
        assert_eq!(status(house, with(many(64))), 431);
    });
}

/// [common/http-3] [common/http-4]
#[test]
fn a_head_is_the_same_wherever_it_is_cut() {
    let whole = request("rooms", "Origin: http://localhost:8080\r\n");
    on_http(|house| {
        for cut in 1..whole.len() {
            let client = house.connect_plainly();
            let (first, rest) = whole.split_at(cut);
            client.post(first.as_bytes());
            house.settle();
            assert_eq!(client.received_len(), 0, "cut at {cut}");
            client.post(rest.as_bytes());
            house.settle();
            let heard = client.heard();
            let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
            assert!(heard.starts_with("HTTP/1.1 101 ") && heard.ends_with(accept), "{heard}");
            client.reset(true);
        }
    });
}

/// [common/http-4]
#[test]
fn an_upgrade_is_granted_to_a_right_request_alone() {
    on_http(|house| {
        let right = request("rooms", "");
        assert_eq!(status(house, &right), 101);
        for (old, new, expected) in [
            ("Upgrade: websocket", "Upgrade: h2c", 426),
            ("Upgrade: websocket", "Upgrade: h2c, WebSocket", 101),
            ("Version: 13", "Version: 8", 426),
            ("Version: 13", "Version: 13, 8", 426),
            ("keep-alive, Upgrade", "keep-alive", 400),
            ("keep-alive, Upgrade", "upgrade", 101),
            ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ", 400),
            ("dGhlIHNhbXBsZSBub25jZQ==", "", 400),
            ("HTTP/1.1", "HTTP/1.0", 400),
            ("GET", "POST", 405),
            (
                "Sec-WebSocket-Key:",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key:",
                400,
            ),
            ("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: websocket", 400),
        ] {
            let found = status(house, right.replacen(old, new, 1));
            assert_eq!(found, expected, "{new:?} for {old:?}");
        }
        let old = answer(house, right.replace("Version: 13", "Version: 8"));
        assert!(old.contains("Sec-WebSocket-Version: 13\r\n"), "{old}");
    });
}

/// [common/http-5]
#[test]
fn a_page_of_another_host_is_refused() {
    on_http(|house| {
        for (host, origin, expected) in [
            ("localhost:8080", "http://localhost:8080", 101),
            ("localhost:8080", "http://LOCALHOST:8080", 101),
            ("127.0.0.1", "http://127.0.0.1", 101),
            ("127.0.0.1:80", "http://127.0.0.1", 101),
            ("[::1]:8080", "http://[::1]:8080", 101),
            ("127.0.0.1", "https://127.0.0.1:443", 101),
            ("localhost:8080", "http://localhost:8081", 403),
            ("localhost:8080", "http://localhost", 403),
            ("localhost:8080", "http://evil.example", 403),
            ("localhost:8080", "http://localhost:8080.evil.example", 403),
            ("localhost:8080", "null", 403),
            ("localhost:8080", "", 403),
            ("localhost:8080", "file://", 403),
            // Its name was made to mean this machine. [common/http-5]
            ("evil.example:8080", "http://evil.example:8080", 403),
        ] {
            let whole = request("rooms", &format!("Origin: {origin}\r\n"));
            let found =
                status(house, whole.replace("localhost:8080\r\nConn", &format!("{host}\r\nConn")));
            assert_eq!(found, expected, "{origin} on {host}");
        }
        let refused = answer(house, request("rooms", "Origin: http://evil.example\r\n"));
        assert!(refused.contains("--ws-origin"), "{refused}");
    });
}

/// A reception to every dialect, and visitors at its door.
struct Place {
    executor: Executor,
    clock: VirtualClock,
    services: Vec<Arc<Service<VirtualClock>>>,
    reception: Arc<Reception<VirtualClock>>,
    door: Door,
    random: Random,
    origins: Origins,
    clients: Vec<Client>,
}

impl Place {
    fn new(limits: &Limits, origins: &[&str]) -> Place {
        let mut random = Random::new(1);
        let (executor, clock) = (Executor::new(random.fork()), VirtualClock::default());
        let service = |dialect: &&'static dyn parlance_core::protocol::Dialect| {
            Service::new(*dialect, limits.clone(), clock.clone())
        };
        let services: Vec<_> = DIALECTS.iter().map(service).collect();
        let reception = Reception::new(&services, limits.clone());
        let door = Door::default();
        let origins: Vec<Origin> = origins.iter().map(|text| text.parse().expect("one")).collect();
        let arrival = OverHttp::new(clock.clone(), &origins);
        let origins = arrival.origins();
        let listener = ScriptedListener(door.clone());
        executor.start(serve(listener, arrival, Arc::clone(&reception), executor.clone()));
        Place { executor, clock, services, reception, origins, door, random, clients: Vec::new() }
    }

    fn connect(&mut self, from: IpAddr) -> Client {
        let client = Wire::new(self.random.fork(), Quirks::NONE);
        self.clients.push(Arc::clone(&client));
        self.door.knock(&client, from);
        self.settle();
        client
    }

    fn settle(&self) {
        loop {
            self.executor.run();
            let clients = self.clients.iter();
            let moved = clients.map(|client| client.deliver(usize::MAX) + client.read(usize::MAX));
            if moved.sum::<usize>() == 0 {
                return;
            }
        }
    }

    fn ask(&mut self, from: IpAddr, bytes: &str) -> (Client, String) {
        let client = self.connect(from);
        client.post(bytes.as_bytes());
        self.settle();
        let heard = String::from_utf8_lossy(&client.take_received()).into_owned();
        (client, heard)
    }

    fn pass(&self, span: std::time::Duration) {
        self.settle();
        let until = self.clock.now() + span;
        while let Some(due) = self.clock.next_due().filter(|due| *due <= until) {
            self.clock.set(due.max(self.clock.now()));
            self.settle();
        }
        self.clock.set(until);
        self.settle();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.executor.clear();
    }
}

const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

/// [common/http-7]
#[test]
fn a_connection_is_a_client_of_the_dialect_that_it_asks_for() {
    let mut place = Place::new(&Limits::default(), &[]);
    let mut kept = Vec::new();
    for (number, dialect) in DIALECTS.iter().enumerate() {
        let (client, heard) = place.ask(ELSEWHERE, &request(dialect.name(), ""));
        assert!(heard.starts_with("HTTP/1.1 101 "), "{heard}");
        assert_eq!(place.services[number].connections(), 1, "{}", dialect.name());
        assert_eq!(place.reception.visitors(), 0);
        kept.push(client);
    }
}

/// [common/http-7] [common/limit-2]
#[test]
fn visitors_are_bounded_in_number_and_per_address_and_in_time() {
    let limits = Limits { clients_max: 3, clients_per_address_max: 2, ..Limits::default() };
    let mut place = Place::new(&limits, &[]);
    let (first, second) = (place.connect(ELSEWHERE), place.connect(ELSEWHERE));
    let (third, heard) = place.ask(ELSEWHERE, "");
    assert!(heard.starts_with("HTTP/1.1 503 "), "{heard}");
    assert!(third.is_closed());
    place.connect(LOOPBACK);
    assert!(place.connect(LOOPBACK).is_closed(), "three in all");
    assert_eq!(place.reception.visitors(), 3);
    place.pass(before(ARRIVAL));
    assert!(!first.is_closed() && !second.is_closed());
    place.pass(TICK);
    assert!(first.is_closed() && second.is_closed());
    assert_eq!(place.reception.visitors(), 0);
}

/// The client is told in the words of the dialect, and by the code. [common/http-7] [common/ws-8]
#[test]
fn an_upgrade_to_a_full_dialect_is_granted_and_closed_with_a_word() {
    let limits = Limits { clients_max: 1, ..Limits::default() };
    let mut place = Place::new(&limits, &[]);
    let (_first, _) = place.ask(ELSEWHERE, &request("rooms", ""));
    let (second, heard) = place.ask(ELSEWHERE, &request("rooms", ""));
    assert!(heard.starts_with("HTTP/1.1 101 "), "{heard}");
    assert!(heard.contains("\u{6}ERROR\n"), "{heard}");
    assert!(second.is_closed());
    assert_eq!(place.services[0].closings(CloseReason::TooManyClients), 1);
    let (_third, heard) = place.ask(ELSEWHERE, &request("lobby", ""));
    assert!(heard.starts_with("HTTP/1.1 101 "), "another dialect has a place: {heard}");
}

/// [common/http-5]
#[test]
fn the_origins_that_an_operator_names_anew_count_from_then_on() {
    let mut place = Place::new(&Limits::default(), &["https://chat.example"]);
    for (named, expected) in [("https://chat.example", 101), ("https://other.example", 403)] {
        place.origins.set(&[named.parse().expect("one")]);
        let asked = request("rooms", "Origin: https://chat.example\r\n");
        let (_, heard) = place.ask(ELSEWHERE, &asked);
        assert!(heard.starts_with(&format!("HTTP/1.1 {expected} ")), "{named}: {heard}");
    }
}

/// [common/http-5]
#[test]
fn the_origins_that_an_operator_names_are_let_in_and_no_others() {
    let mut place =
        Place::new(&Limits::default(), &["https://chat.example", "http://b.example:81"]);
    for (origin, expected) in [
        ("Origin: https://chat.example\r\n", 101),
        ("Origin: https://Chat.Example:443\r\n", 101),
        ("Origin: http://b.example:81\r\n", 101),
        ("Origin: http://chat.example\r\n", 403),
        ("Origin: http://localhost:8080\r\n", 403),
        ("", 101),
    ] {
        let (_, heard) = place.ask(ELSEWHERE, &request("rooms", origin));
        assert!(heard.starts_with(&format!("HTTP/1.1 {expected} ")), "{origin}: {heard}");
    }
}

/// [common/http-7] [common/shutdown-2]
#[test]
fn a_visitor_does_not_delay_the_end_of_the_server() {
    let mut place = Place::new(&Limits::default(), &[]);
    let visitor = place.connect(ELSEWHERE);
    for service in &place.services {
        service.shutdown();
    }
    place.settle();
    assert!(visitor.is_closed());
    assert_eq!(place.reception.visitors(), 0);
}

/// An answer that is not read is given up with the arrival. [common/http-7]
#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let mut place = Place::new(&Limits::default(), &[]);
    let client = Wire::new(place.random.fork(), Quirks { down_max: 10, ..Quirks::NONE });
    client.stall();
    place.clients.push(Arc::clone(&client));
    place.door.knock(&client, ELSEWHERE);
    client.post(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    place.pass(before(ARRIVAL));
    assert!(!client.is_closed());
    place.pass(TICK);
    assert!(client.is_closed());
}
