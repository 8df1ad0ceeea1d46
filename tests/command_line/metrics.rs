//! Metrics.
//!
//! Goal: whoever looks on gets an answer whatever the server is doing, and costs its clients
//! nothing. Method: requests over sockets of our own to a daemon with `--metrics`, whose page is
//! read as text. Limits: that the page is one for Prometheus is for `scripts/metrics` to say.

use crate::process::{Chat, Daemon, Ended, command, in_shell};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Instant;

pub(super) const METRICS: [&str; 2] = ["--metrics", "127.0.0.1:0"];

/// A daemon of rooms with metrics and these options.
fn watched(options: &[&str]) -> Daemon {
    let mut command = command();
    command.args(["--listen", "rooms://127.0.0.1:0"]).args(METRICS).args(options);
    Daemon::launch(&mut command, 2).expect("the daemon starts")
}

/// What these bytes are answered with, up to the end of the stream.
fn ask(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(crate::process::DEADLINE)).expect("a socket");
    stream.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text, and then the end");
    answer
}

pub(super) fn get(daemon: &Daemon, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
    ask(daemon.address_of("metrics"), &request)
}

/// The value of a sample, by its name and labels.
fn sample(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).parse().expect("a number")
}

/// Waits until a sample has this value: what a connection has done may be counted at its end.
pub(super) fn await_sample(daemon: &Daemon, name: &str, value: f64) {
    let begun = Instant::now();
    loop {
        let page = get(daemon, "/metrics");
        let found = sample(&page, name);
        if (found - value).abs() < 1e-9 {
            return;
        }
        assert!(begun.elapsed() < crate::process::DEADLINE, "{name} is {found}, not {value}");
    }
}

/// [common/limit-2]
#[test]
fn a_full_server_shows_its_metrics_to_those_that_are_no_clients() {
    let daemon = watched(&["--clients-max", "2"]);
    let mut joe = Chat::join(daemon.address(), "den", "joe");
    let mut ann = Chat::join(daemon.address(), "den", "ann");
    joe.expect("ann has joined\n");
    Chat::connect(daemon.address()).discard();
    joe.send("hi\n");
    joe.expect("joe: hi\n");
    ann.expect("joe: hi\n");
    let dialect = r#"{dialect="rooms"}"#;
    await_sample(&daemon, &format!("parlance_clients{dialect}"), 2.0);
    await_sample(&daemon, &format!("parlance_rooms{dialect}"), 1.0);
    await_sample(&daemon, &format!("parlance_received_lines_total{dialect}"), 3.0);
    // joe: two joins and a line; ann: a join and a line.
    await_sample(&daemon, &format!("parlance_sent_lines_total{dialect}"), 5.0);
    await_sample(&daemon, &format!("parlance_deliveries_total{dialect}"), 5.0);
    let turned_away = r#"{dialect="rooms",reason="too_many_clients"}"#;
    await_sample(&daemon, &format!("parlance_closed_connections_total{turned_away}"), 1.0);
    await_sample(&daemon, &format!("parlance_fan_out_seconds_count{dialect}"), 1.0);
    let listener = format!("{{listener=\"rooms://{}\"}}", daemon.address());
    await_sample(&daemon, &format!("parlance_accepted_connections_total{listener}"), 3.0);
    joe.leave();
    let left = r#"{dialect="rooms",reason="end_of_stream"}"#;
    await_sample(&daemon, &format!("parlance_closed_connections_total{left}"), 1.0);
    await_sample(&daemon, &format!("parlance_sent_lines_total{dialect}"), 6.0);
}

#[test]
fn the_figures_of_the_process_are_those_of_the_system() {
    let daemon = watched(&[]);
    let page = get(&daemon, "/metrics");
    let resident = sample(&page, "process_resident_memory_bytes");
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let expected = daemon.resident_bytes() as f64;
    assert!((expected / 2.0..expected * 2.0).contains(&resident), "{resident}, not {expected}");
    assert!(sample(&page, "process_open_fds") >= 8.0);
    assert!(sample(&page, "process_cpu_seconds_total") > 0.0);
    let day = 86_400.0;
    let started = sample(&page, "process_start_time_seconds");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert!((0.0..day).contains(&(now.as_secs_f64() - started)), "{started}");
}

#[test]
fn other_requests_are_refused_in_words() {
    let daemon = watched(&[]);
    let address = daemon.address_of("metrics");
    let post = "POST /metrics HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n";
    assert!(ask(address, post).starts_with("HTTP/1.1 405 "));
    assert!(get(&daemon, "/").starts_with("HTTP/1.1 404 "));
    assert!(ask(address, "JOIN den joe\n").starts_with("HTTP/1.1 400 "));
    let long = format!("GET /metrics HTTP/1.1\r\nHost: here\r\nX: {}\r\n\r\n", "x".repeat(9_000));
    assert!(ask(address, &long).starts_with("HTTP/1.1 431 "));
    let head = ask(address, "HEAD /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{head}");
}

#[test]
fn silent_connections_keep_neither_clients_nor_others_from_their_answer() {
    let daemon = watched(&[]);
    let address = daemon.address_of("metrics");
    let silent: Vec<TcpStream> =
        (0..40).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    for mut stream in &silent {
        let _ = stream.write_all(b"GET /metrics HT"); // the oldest are closed
    }
    let mut joe = Chat::join(daemon.address(), "den", "joe");
    assert!(get(&daemon, "/healthz").starts_with("HTTP/1.1 200 "));
    assert!(joe.fence("joe").is_empty());
    assert_eq!(daemon.thread_names().iter().filter(|name| *name == "parlance-watch").count(), 1);
}

/// [common/limit-3]
#[test]
fn a_server_without_descriptors_still_shows_its_metrics() {
    let mut shell = in_shell("ulimit -n 40 && exec \"$0\" \"$@\"");
    shell.args(["--listen", "rooms://127.0.0.1:0", "--first-line-timeout", "0"]).args(METRICS);
    let daemon = Daemon::launch(&mut shell, 2).expect("it starts");
    let mut joe = Chat::join(daemon.address(), "den", "joe");
    let crowd: Vec<Chat> = (0..40).map(|_| Chat::connect(daemon.address())).collect();
    let begun = Instant::now();
    while daemon.descriptors_free_below(40) > 0 {
        assert!(begun.elapsed() < crate::process::DEADLINE);
        joe.fence("joe");
    }
    let listener = format!("{{listener=\"rooms://{}\"}}", daemon.address());
    let errors = format!("parlance_accept_errors_total{listener}");
    while sample(&get(&daemon, "/metrics"), &errors) < 1.0 {
        assert!(begun.elapsed() < crate::process::DEADLINE);
    }
    drop(crowd);
}

#[test]
fn it_is_ready_until_it_drains() {
    let limitless = ["--drain-timeout", "0", "--stall-timeout", "0", "--outbox-bytes-max", "0"];
    let daemon = watched(&limitless);
    assert!(get(&daemon, "/readyz").starts_with("HTTP/1.1 200 "));
    let mut ann = Chat::join(daemon.address(), "den", "ann");
    let sleepy = Chat::connect_keeping(64 * 1024, daemon.address()).joined("den", "sleepy");
    ann.expect("sleepy has joined\n");
    let line = "x".repeat(19_000);
    for _ in 0..450 {
        ann.send(format!("{line}\n"));
        ann.expect(format!("ann: {line}\n"));
    }
    daemon.signal(Signal::TERM);
    ann.expect_end();
    let answer = get(&daemon, "/readyz");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("draining\n"), "{answer}");
    assert!(get(&daemon, "/healthz").starts_with("HTTP/1.1 200 "));
    await_sample(&daemon, "parlance_ready", 0.0);
    drop(sleepy);
    assert_eq!(daemon.ended().status, Some(0));
}

#[test]
fn an_address_that_cannot_be_served_is_named() {
    let taken = watched(&[]);
    let address = taken.address_of("metrics").to_string();
    for (value, expected) in [
        ("localhost:9464", "an address and a port, like 127.0.0.1:9464"),
        ("9464", "an address and a port, like 127.0.0.1:9464"),
        (&*address, "cannot serve metrics on"),
    ] {
        let listen = ["--listen", "rooms://127.0.0.1:0", "--metrics", value];
        let Err(Ended { status, stderr, .. }) = Daemon::launch(command().args(listen), 1) else {
            panic!("it starts with {value}")
        };
        let said = stderr.join("\n");
        assert_eq!(status, Some(2), "{said}");
        assert!(said.contains(expected) && said.contains(value), "{said}");
    }
}

/// The names of metrics in a query.
fn metrics_of(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("parlance_") || word.starts_with("process_"))
}

/// And every metric of ours is in the dashboard.
#[test]
fn every_metric_of_the_dashboard_is_exported() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/grafana.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().expect("a list").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().expect("a list"));
    let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 20);
    let page = get(&watched(&[]), "/metrics");
    let samples: BTreeSet<&str> =
        page.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    for name in queries.iter().flat_map(|query| metrics_of(query)) {
        assert!(samples.contains(name), "{name} is not exported");
    }
    let shown: String = queries.concat();
    for name in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(shown.contains(name), "{name} is in no panel");
    }
}
