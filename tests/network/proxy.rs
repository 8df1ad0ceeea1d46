//! Goal: a connection from a proxy is its client's, beneath every layer; a header that is missing,
//! wrong or from elsewhere opens nothing and is named in one line of the log.
//!
//! Method: clients that write the header themselves, whole and cut, behind an arrival that knows
//! one network of proxies; then the first bytes of what is behind it.
//!
//! Limits: every kind of header is in `src/server/proxy/header_tests.rs` and in the fuzz target;
//! sockets are in `sockets::proxy`.

use super::house::{House, LOOPBACK, TICK, before};
use super::layer::tls;
use super::log::events_in;
use super::observing::of;
use super::replay::each_seed;
use super::stream::ScriptedStream;
use super::wire::{Client, End, Quirks};
use crate::proxy_header::proxy_header;
use crate::speech::ROOMS;
use parlance_core::limits::{ARRIVAL, Limits, PROXY_HEADER_BYTES_MAX};
use parlance_core::protocol::CloseReason;
use parlance_core::rate::{Rate, Rates};
use parlance_server::arrival::{Arrival, Plain};
use parlance_server::http::OverHttp;
use parlance_server::network::Network;
use parlance_server::proxy::OverProxy;
use parlance_server::telnet::OverTelnet;
use parlance_server::tls::OverTls;
use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;
use tracing::Level;

const NETWORKS: u64 = 12;

/// In the network of the proxies.
const PROXY: &str = "10.1.2.3";

/// Not in it.
const ELSEWHERE: &str = "192.0.2.77";

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

fn over_proxy<A>(then: A) -> OverProxy<A> {
    let network: Network = "10.0.0.0/8".parse().expect("a network");
    OverProxy::new(&[network], then)
}

fn behind<A>(arrival: &A, limits: &Limits, scenario: impl Fn(&mut House))
where
    A: Arrival<ScriptedStream> + Clone,
{
    each_seed(NETWORKS, |seed| {
        let mut house = House::behind(arrival.clone(), &ROOMS, seed, limits.clone());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

fn behind_a_proxy(limits: &Limits, scenario: impl Fn(&mut House)) {
    behind(&over_proxy(Plain), limits, scenario);
}

/// A connection from `address` that has sent `bytes`.
fn from(house: &mut House, address: &str, bytes: impl AsRef<[u8]>) -> Client {
    let client = house.knock(address.parse().expect("an address"));
    client.post(bytes.as_ref());
    house.settle();
    client
}

/// A connection from the proxy that has sent `bytes`.
fn through(house: &mut House, bytes: impl AsRef<[u8]>) -> Client {
    from(house, PROXY, bytes)
}

/// A header of version 1 for a client at `address`.
fn line(address: &str) -> String {
    let family = if address.contains(':') { "TCP6 " } else { "TCP4 " };
    format!("PROXY {family}{address} {address} 56324 443\r\n")
}

/// A header of version 2 for a client at `address`, with `more` behind the addresses.
fn binary(address: &str, more: &[u8]) -> Vec<u8> {
    let (family, octets) = match address.parse().expect("an address") {
        IpAddr::V4(address) => (0x11, address.octets().to_vec()),
        IpAddr::V6(address) => (0x21, address.octets().to_vec()),
    };
    let rest = [&octets[..], &octets, &[0xdc, 4, 1, 0xbb], more].concat();
    let length = u16::try_from(rest.len()).expect("it is short").to_be_bytes();
    [SIGNATURE, &[0x21, family], &length, &rest].concat()
}

/// [common/proxy-1]
#[test]
fn bytes_behind_a_header_are_the_clients_however_they_are_cut() {
    behind_a_proxy(&Limits::default(), |house| {
        let headers = [
            line("198.51.100.1").into_bytes(),
            line("2001:db8::1").into_bytes(),
            binary("198.51.100.1", b""),
            binary("2001:db8::1", b"\x04\0\x03abc"),
        ];
        for header in headers {
            let text = b"JOIN den joe\nhello\n".as_slice();
            let whole = [&header, text].concat();
            let joe = through(house, &whole);
            assert_eq!(joe.heard(), "joe has joined\njoe: hello\n");
            let ann = through(house, b"");
            for byte in whole {
                ann.post(&[byte]);
                house.settle();
            }
            assert!(ann.heard().ends_with("joe: hello\n"), "as another member of the name");
            for client in [joe, ann] {
                client.half_close();
                house.settle();
            }
        }
        house.assert_empty();
    });
}

/// [common/proxy-1] [common/framing-1]
#[test]
fn everything_that_came_with_the_header_is_read_in_its_order() {
    behind_a_proxy(&Limits::default(), |house| {
        let lines = |before: &str| -> Vec<String> {
            (0..800).map(|number| format!("{before}{number:05}\n")).collect()
        };
        let joe = through(house, line("198.51.100.1") + "JOIN den joe\n" + &lines("").concat());
        joe.half_close();
        house.settle();
        assert_eq!(joe.heard(), format!("joe has joined\n{}", lines("joe: ").concat()));
        assert_eq!(joe.end(), End::Closed);
    });
}

/// [common/proxy-2]
#[test]
fn a_connection_without_a_right_header_is_closed_without_a_byte_and_logged_once() {
    behind_a_proxy(&Limits::default(), |house| {
        let too_long = [SIGNATURE, b"\x21\x11\xff\xff"].concat();
        let wrong: [&[u8]; 6] = [
            b"JOIN den joe\n",
            b"PROXY TCP4 nowhere 198.51.100.1 56324 443\r\nJOIN den joe\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\nJOIN den joe\n",
            &[b'P'; 200],
            &too_long,
            b"\x16\x03\x01",
        ];
        for (count, bytes) in (1..).zip(wrong) {
            let logged = events_in(Level::INFO, || {
                let client = through(house, bytes);
                assert_eq!((client.end(), client.received_len()), (End::Closed, 0));
            });
            assert_eq!(logged.len(), 1, "nobody has come: {logged:?}");
            let why = r#"reason="arrival_failed" why="no PROXY header: "#;
            assert!(logged[0].contains(PROXY) && logged[0].contains(why), "{logged:?}");
            assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, count)]);
        }
        house.assert_empty();
    });
}

/// [common/proxy-2]
#[test]
fn a_header_has_its_time_and_its_end() {
    behind_a_proxy(&Limits::default(), |house| {
        let (mute, slow) = (through(house, b""), through(house, b"PROXY"));
        house.pass(before(ARRIVAL));
        assert_eq!([mute.end(), slow.end()], [End::Open; 2]);
        house.pass(TICK);
        assert_eq!([mute.end(), slow.end()], [End::Closed; 2]);
        assert_eq!(house.endings(), [(CloseReason::ArrivalLate, 2)]);
        let gone = through(house, b"PROXY TCP4");
        gone.half_close();
        house.settle();
        assert_eq!(gone.end(), End::Closed);
        let wanted = [(CloseReason::ArrivalFailed, 1), (CloseReason::ArrivalLate, 2)];
        assert_eq!(house.endings(), wanted);
        let long = binary("198.51.100.1", &[b'x'; PROXY_HEADER_BYTES_MAX - 16 - 12]);
        let joe = through(house, [&long[..], b"JOIN den joe\n"].concat());
        assert_eq!(joe.heard(), "joe has joined\n");
    });
}

/// [common/proxy-3]
#[test]
fn a_header_that_names_nobody_is_one_of_the_proxy() {
    behind_a_proxy(&Limits { clients_per_address_max: 1, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // the farewell is tried once, so the wire must take it
        let local = [SIGNATURE, b"\x20\0\0\0"].concat();
        for header in [&local[..], b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN 1 2 3\r\n"] {
            let joe = through(house, [header, b"JOIN den joe\n"].concat());
            assert_eq!(joe.heard(), "joe has joined\n");
            let second = through(house, b"");
            assert_eq!((second.heard().as_str(), second.end()), ("ERROR\n", End::Closed));
            joe.half_close();
            house.settle();
        }
    });
}

/// [common/proxy-4]
#[test]
fn a_header_from_elsewhere_is_refused_and_logged_once() {
    behind_a_proxy(&Limits::default(), |house| {
        house.quirks.percent = 0; // the empty lines of a header that comes in parts are lines
        let headers = [line("198.51.100.1").into_bytes(), binary("198.51.100.1", b"")];
        for (count, header) in (1..).zip(headers) {
            let logged = events_in(Level::INFO, || {
                let client = from(house, ELSEWHERE, [&header, &b"JOIN den joe\n"[..]].concat());
                assert_eq!((client.end(), client.received_len()), (End::Closed, 0));
            });
            let closed = of(&logged, "closed");
            assert!(closed.len() == 1 && logged.len() == 2, "it has come and gone: {logged:?}");
            let why = r#"reason="reset" why="a PROXY header comes from outside"#;
            assert!(closed[0].contains(ELSEWHERE) && closed[0].contains(why), "{closed:?}");
            assert_eq!(house.endings(), [(CloseReason::Reset, count)]);
        }
        house.assert_empty();
    });
}

/// [common/proxy-4]
#[test]
fn a_header_from_elsewhere_is_refused_however_it_is_cut() {
    behind_a_proxy(&Limits::default(), |house| {
        for header in [line("198.51.100.1").into_bytes(), binary("198.51.100.1", b"")] {
            let client = from(house, ELSEWHERE, b"");
            for byte in header {
                client.post(&[byte]);
                house.settle();
            }
            assert_eq!(client.end(), End::Closed);
        }
        house.assert_empty();
    });
}

/// [common/proxy-4]
#[test]
fn a_client_from_elsewhere_is_served_without_a_header() {
    behind_a_proxy(&Limits::default(), |house| {
        let joe = from(house, ELSEWHERE, b"JOIN den joe\n");
        assert_eq!(joe.heard(), "joe has joined\n");
        let ann = from(house, "::1", b"");
        for byte in *b"JOIN den ann\nPROXY TCP4 is a word\n" {
            ann.post(&[byte]);
            house.settle();
        }
        assert_eq!(ann.heard(), "ann has joined\nann: PROXY TCP4 is a word\n");
        assert_eq!(joe.heard(), "ann has joined\nann: PROXY TCP4 is a word\n");
    });
}

/// [common/proxy-5]
#[test]
fn a_client_has_a_place_of_its_own_address_from_its_header_on() {
    let limits = Limits { clients_per_address_max: 1, ..Limits::default() };
    behind_a_proxy(&limits, |house| {
        house.quirks.percent = 0; // as above
        let first = through(house, line("2001:db8::1") + "JOIN den joe\n");
        assert_eq!(first.heard(), "joe has joined\n");
        let second = through(house, binary("2001:db8::2", b""));
        assert_eq!((second.heard().as_str(), second.end()), ("ERROR\n", End::Closed));
        let third = through(house, line("2001:db8:0:1::") + "JOIN den tom\n");
        assert_eq!(third.heard(), "tom has joined\n");
        first.reset(true);
        house.settle();
        let again = through(house, line("2001:db8::2") + "JOIN den ann\n");
        assert_eq!(again.heard(), "ann has joined\n");
    });
}

/// [common/proxy-5] [common/http-7]
#[test]
fn a_request_that_is_not_there_yet_counts_for_its_client_and_not_for_the_proxy() {
    let limits = Limits { clients_per_address_max: 1, ..Limits::default() };
    behind(
        &over_proxy(OverHttp::new(super::clock::VirtualClock::default(), &[])),
        &limits,
        |house| {
            house.quirks.percent = 0; // as above
            let slow = through(house, line("198.51.100.1") + "GET / HTTP");
            let other =
                through(house, line("198.51.100.2") + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
            assert!(other.heard().starts_with("HTTP/1.1 200 "));
            let same = through(house, line("198.51.100.1"));
            assert!(same.heard().starts_with("HTTP/1.1 503 "));
            assert_eq!((slow.end(), slow.received_len()), (End::Open, 0));
        },
    );
}

/// [common/proxy-5] [common/rate-5]
#[test]
fn connections_through_a_proxy_count_for_their_clients() {
    let connects = Rate::new(1, Duration::from_secs(1), 1);
    let limits = Limits { rates: Rates { connects, ..Rates::OFF }, ..Limits::default() };
    behind_a_proxy(&limits, |house| {
        house.quirks.percent = 0; // as above
        let comes = |house: &mut House, header: String| through(house, header).end() == End::Open;
        assert!(comes(house, line("198.51.100.1")) && comes(house, line("198.51.100.2")));
        assert!(!comes(house, line("198.51.100.1")));
        house.pass(Duration::from_secs(1));
        assert!(comes(house, line("198.51.100.1")));
    });
}

/// [common/proxy-1] [common/telnet-3]
#[test]
fn telnet_begins_behind_the_header() {
    behind(&over_proxy(OverTelnet), &Limits::default(), |house| {
        let joe =
            through(house, [line("198.51.100.1").as_bytes(), b"\xff\xf1JOIN den joe\r\n"].concat());
        assert_eq!(joe.heard(), "joe has joined\r\n");
    });
}

/// [common/proxy-1] [common/tls-1]
#[test]
fn a_handshake_begins_behind_the_header() {
    behind(&over_proxy(OverTls::new(tls::config(), Plain)), &Limits::default(), |house| {
        let mut end = tls::client(true);
        let client = through(house, line("198.51.100.1"));
        let mut said = false;
        let mut heard = Vec::new();
        for _ in 0..10 {
            let mut sealed = Vec::new();
            if !end.is_handshaking() && !std::mem::replace(&mut said, true) {
                std::io::Write::write_all(&mut end.writer(), b"JOIN den joe\n").expect("room");
            }
            tls::write(&mut end, &mut sealed);
            client.post(&sealed);
            house.settle();
            let received = client.take_received();
            let mut sealed = &received[..];
            while !sealed.is_empty() {
                end.read_tls(&mut sealed).expect("there is room");
                let state = end.process_new_packets().expect("the records are whole");
                let from = heard.len();
                heard.resize(from + state.plaintext_bytes_to_read(), 0);
                end.reader().read_exact(&mut heard[from..]).expect("so much is there");
            }
        }
        assert_eq!(heard, b"joe has joined\n");
    });
}

/// [common/proxy-4] [common/tls-3]
#[test]
fn a_header_from_elsewhere_is_logged_once_beneath_tls() {
    behind(&over_proxy(OverTls::new(tls::config(), Plain)), &Limits::default(), |house| {
        house.quirks.percent = 0; // the beginning of a header that comes in parts is no TLS
        let logged = events_in(Level::INFO, || {
            let client = from(house, &LOOPBACK.to_string(), line("198.51.100.1"));
            assert_eq!((client.end(), client.received_len()), (End::Closed, 0));
        });
        let closed = of(&logged, "closed");
        assert!(closed.len() == 1 && logged.len() == 2, "it has come and gone: {logged:?}");
        assert!(closed[0].contains(r#"why="a PROXY header comes from outside"#), "{closed:?}");
    });
}

/// [common/proxy-1]
#[test]
fn the_log_has_the_client_and_not_its_proxy() {
    behind_a_proxy(&Limits::default(), |house| {
        for header in [line("198.51.100.1").into_bytes(), binary("198.51.100.1", b"")] {
            let logged = events_in(Level::INFO, || {
                let joe = through(house, [&header, &b"JOIN den joe\n"[..]].concat());
                joe.half_close();
                house.settle();
            });
            for kind in ["connected", "entered", "closed"] {
                assert_eq!(of(&logged, kind).len(), 1, "{kind}: {logged:?}");
            }
            let of_joe = |event: &String| event.contains(" peer=198.51.100.1 ");
            assert!(logged.iter().all(of_joe), "{logged:?}");
        }
    });
}

/// What is logged of a client through the proxy that is refused for the `limit`, and not let in.
fn assert_refused_for(limit: &str, logged: &[String]) {
    assert_eq!(logged.len(), 1, "{logged:?}");
    let peer = " peer=198.51.100.1 ";
    let reason = format!(r#" reason="too_many_clients" limit="{limit}""#);
    assert!(logged[0].contains(peer) && logged[0].contains(&reason), "{logged:?}");
}

/// [common/proxy-5] [common/rate-5]
#[test]
fn a_client_without_a_place_is_logged_once_with_its_address_and_its_limit() {
    let connects = Rate::new(1, Duration::from_secs(1), 1);
    let limits = Limits { rates: Rates { connects, ..Rates::OFF }, ..Limits::default() };
    let over_http = over_proxy(OverHttp::new(super::clock::VirtualClock::default(), &[]));
    let scenario = |house: &mut House, limit: &str| {
        house.quirks.percent = 0;
        let _first = through(house, line("198.51.100.1"));
        let logged = events_in(Level::INFO, || {
            through(house, line("198.51.100.1"));
        });
        assert_refused_for(limit, &logged);
        assert_eq!(house.endings(), [(CloseReason::TooManyClients, 1)]);
    };
    behind_a_proxy(&limits, |house| scenario(house, "rate-connects"));
    let limits = Limits { clients_per_address_max: 1, ..Limits::default() };
    behind_a_proxy(&limits, |house| scenario(house, "clients-per-address-max"));
    behind(&over_http, &limits, |house| scenario(house, "clients-per-address-max"));
}

/// [common/proxy-1] [common/proxy-2]
#[test]
fn every_input_of_the_fuzz_target_is_read_as_it_is_written() {
    let inputs = crate::corpus::inputs("proxy_header");
    assert!(inputs.len() >= 12, "only {} inputs were found", inputs.len());
    for (name, input) in &inputs {
        eprintln!("{name}");
        proxy_header(input);
    }
}
