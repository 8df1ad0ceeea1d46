//! Goal: however poor a server is, the suite ends in time, with the right status and a useful
//! message.
//!
//! Method: this test program starts itself as the server (`POOR` is its kind), through the suite.
//! Limits: the bounds are generous, because machines are slow; few cases are run.

use super::servers::Fault;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The output of a run of the suite.
struct Run {
    status: Option<i32>,
    text: String,
    took: Duration,
}

fn judged(kind: &str, arguments: &[&str]) -> Run {
    let own = std::env::current_exe().expect("a program knows its place");
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", "rooms", "--quick", "--seed", "1"]).args(arguments);
    // The port is the last argument, where the helper looks for it; as a filter it matches no other
    // test.
    suite.arg("--").arg(own).args([
        "conform::poor::poor_server",
        "--exact",
        "--nocapture",
        "{port}",
    ]);
    let begun = Instant::now();
    let output = suite.env("POOR", kind).output().expect("the suite is built");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Run { status: output.status.code(), text, took: begun.elapsed() }
}

/// A few cases, and little patience: the test judges the suite.
const FEW: [&str; 6] =
    ["--patience", "0.3", "--select", "rooms/join-1/*", "--select", "rooms/text-1/*"];

fn fails(kind: &str, words: &str) {
    let run = judged(kind, &FEW);
    assert_ne!(run.status, Some(0), "{kind}: {}", run.text);
    assert_ne!(run.status, Some(2), "{kind}: {}", run.text);
    assert!(run.text.contains(words), "{kind}: {}", run.text);
    assert!(run.took < Duration::from_secs(90), "{kind} took {:?}", run.took);
    assert!(run.text.len() < 200_000, "{kind}: {} bytes of pages", run.text.len());
}

#[test]
fn one_client_at_a_time() {
    fails("one-at-a-time", "nothing came for");
}

#[test]
fn http_is_no_chat() {
    fails("http", "byte 1 is wrong");
}

#[test]
fn bytes_without_end() {
    fails("endless", "byte 1 is wrong");
}

#[test]
fn accepts_and_resets() {
    fails("resets", "reset");
}

#[test]
fn accepts_and_is_silent() {
    fails("silent", "nothing came for");
}

/// A server's output while several cases run is on the page of the case whose names are in it, and
/// on no other.
#[test]
fn standard_error_is_on_the_right_page() {
    let run = judged("talks", &FEW);
    let pages: Vec<&str> = run.text.split("FAIL rooms/").skip(1).collect();
    assert!(!pages.is_empty(), "{}", run.text);
    let (mut own, mut others) = (0, 0);
    for page in pages {
        // The first name is that of the room, which no other attempt has.
        let mut events = page.lines().filter_map(|line| line.split_once(" ms  "));
        let sent = events.find_map(|(_, event)| event.split_once(" > "));
        let room = sent.and_then(|(_, sent)| sent.split(' ').nth(1)).unwrap_or("no room");
        for line in page.lines().filter(|line| line.contains(" ms  stderr · ")) {
            assert!(line.contains(room), "{line} is on the page\n{page}");
            own += 1;
        }
        others += usize::from(page.contains("Meanwhile the server said "));
    }
    assert!(own > 0 && others > 0, "{own} and {others}: {}", run.text);
}

#[test]
fn a_crash_is_a_finding_and_the_rest_goes_on() {
    let run = judged("crashes", &FEW);
    assert_eq!(run.status, Some(1), "{}", run.text);
    assert!(run.text.contains("it exited with status 7"), "{}", run.text);
    assert!(run.took < Duration::from_secs(90), "{:?}", run.took);
}

#[test]
fn a_server_that_does_not_restart_leaves_the_rest_unknown() {
    // The file that records that the server was started once.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("poor-dies");
    // The file may be missing.
    let _ = std::fs::remove_file(&place);
    let run = judged("dies", &FEW);
    assert_eq!(run.status, Some(1), "{}", run.text);
    assert!(run.text.contains("and then not started again"), "{}", run.text);
    let rest = "Because of it 6 cases could not be judged: rooms/join-1/joins ";
    assert!(run.text.contains(rest), "{}", run.text);
    assert!(run.took < Duration::from_secs(90), "{:?}", run.took);
}

#[test]
fn a_server_that_exits_at_once_has_not_started() {
    let run = judged("exits", &FEW);
    assert_eq!(run.status, Some(2), "{}", run.text);
    assert!(run.text.contains("the server did not start: it exited with status 3"), "{}", run.text);
    assert!(run.text.contains("no such file: config"), "{}", run.text);
}

#[test]
fn a_server_that_never_listens_is_given_up() {
    let run = judged("deaf", &["--patience", "0.1", "--select", "rooms/join-1/*"]);
    assert_eq!(run.status, Some(2), "{}", run.text);
    assert!(run.text.contains("does not accept connections"), "{}", run.text);
    assert!(run.took < Duration::from_secs(60), "{:?}", run.took);
}

#[test]
fn the_whole_run_has_a_deadline() {
    let run = judged("silent", &["--deadline", "2", "--patience", "3"]);
    assert_ne!(run.status, Some(0), "{}", run.text);
    assert!(run.took < Duration::from_secs(30), "{:?}", run.took);
}

/// The daemon behind a script that makes it hard to handle.
fn conforms_behind(script: &str) -> Run {
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", "rooms", "--quick", "--select", "rooms/join-1/*", "--", "sh", "-c"]);
    suite.args([
        script,
        crate::process::program("parlance").to_str().expect("a path in UTF-8"),
        "{port}",
    ]);
    let begun = Instant::now();
    let output = suite.output().expect("the suite is built");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let run = Run { status: output.status.code(), text, took: begun.elapsed() };
    assert_eq!(run.status, Some(0), "{script}: {}", run.text);
    assert!(run.took < Duration::from_secs(60), "{script} took {:?}", run.took);
    run
}

#[test]
fn slow_to_start() {
    assert!(conforms_behind(r#"sleep 1.5; exec "$0" "$1""#).took > Duration::from_millis(1500));
}

#[test]
fn ten_megabytes_of_standard_error() {
    conforms_behind(
        r#"head -c 10000000 /dev/zero | tr '\0' x >&2; yes noise | head -c 10000000 >&2
        exec "$0" "$1""#,
    );
}

#[test]
fn ignores_being_told_to_stop() {
    conforms_behind(r#"trap '' TERM; "$0" "$1" & wait; sleep 60"#);
}

#[test]
fn a_child_holds_the_port_and_is_ended_too() {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("poor-child.pid");
    let script = format!(r#""$0" "$1" & echo $! > '{}'; wait"#, place.display());
    conforms_behind(&script);
    let pid = std::fs::read_to_string(place).expect("the script wrote it");
    let path = format!("/proc/{}/stat", pid.trim());
    let until = Instant::now() + Duration::from_secs(10);
    // The system takes a moment to end the processes.
    loop {
        let stat = std::fs::read_to_string(&path).unwrap_or_default();
        let state = stat.rsplit_once(") ").map_or("", |(_, rest)| &rest[..1]);
        if matches!(state, "" | "Z" | "X") {
            break;
        }
        assert!(Instant::now() < until, "the child {pid} still runs: {stat}");
        std::thread::yield_now();
    }
}

/// The poor servers; without `POOR` there is nothing to do.
#[test]
fn poor_server() {
    let Ok(kind) = std::env::var("POOR") else { return };
    let port = std::env::args().next_back().and_then(|port| port.parse().ok()).expect("a port");
    match kind.as_str() {
        "exits" => {
            eprintln!("no such file: config");
            std::process::exit(3);
        }
        "dies" => {
            let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("poor-dies");
            if place.exists() {
                std::process::exit(5);
            }
            std::fs::write(place, "").expect("the folder is there");
            serve(&kind, port);
        }
        "deaf" => {
            // It listens, but at another port, like a server that ignores its argument.
            let elsewhere = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
            let _ = elsewhere.accept();
        }
        _ => serve(&kind, port),
    }
    std::process::exit(0);
}

fn serve(kind: &str, port: u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
    if kind == "talks" {
        super::servers::on(listener, Fault::LettersAlone);
        loop {
            std::thread::park();
        }
    }
    for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
        if matches!(kind, "crashes" | "dies") && number >= 3 {
            std::process::exit(7);
        }
        let own = kind.to_owned();
        let serve = std::thread::spawn(move || match own.as_str() {
            "one-at-a-time" => alone(&stream),
            own => one(own, stream),
        });
        if serve.is_finished() || kind == "one-at-a-time" {
            // A client that goes away early ends only its own thread.
            let _ = serve.join();
        }
    }
}

/// Serves one client as the documents say, as long as it stays; the fault is only that the next
/// client waits.
fn alone(mut stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let user = first.rsplit(' ').next().unwrap_or_default().to_owned();
    let joined = std::iter::once(format!("{user} has joined\n"));
    for line in joined.chain(lines.map(|line| format!("{user}: {line}\n"))) {
        if stream.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
}

/// Serves one client, as long as it stays.
fn one(kind: &str, mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        let answer: &[u8] = match kind {
            "http" => b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
            "endless" => loop {
                if stream.write_all(&[b'x'; 4096]).is_err() {
                    return;
                }
            },
            "resets" => {
                // With unread input left, or by the option: a reset either way.
                let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
                return;
            }
            "silent" => continue,
            _ => &buffer[..read],
        };
        if stream.write_all(answer).is_err() || kind == "http" {
            return;
        }
    }
}

/// A user who interrupts the suite does not want the server to continue.
#[test]
#[cfg(target_os = "linux")]
fn no_server_outlives_a_suite_that_is_told_to_stop() {
    let note = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("told-{}", std::process::id()));
    let server = format!("echo $$ >{0}.new; mv {0}.new {0}; exec sleep 600", note.display());
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"))
        .args(["--dialect", "rooms", "--", "sh", "-c", &server, "{port}"])
        .spawn()
        .expect("the suite is built");
    let end = Instant::now() + Duration::from_secs(60);
    // The suite waits for the server to listen, which never happens.
    let pid = loop {
        if let Ok(pid) = std::fs::read_to_string(&note) {
            break pid.trim().to_owned();
        }
        assert!(Instant::now() < end, "the server does not start");
        std::thread::yield_now();
    };
    let told = rustix::process::kill_process(
        rustix::process::Pid::from_child(&suite),
        rustix::process::Signal::TERM,
    );
    told.expect("it runs");
    let status = suite.wait().expect("it was started here");
    assert_eq!(status.code(), Some(128 + 15));
    // A process that nobody has waited for yet is dead all the same.
    let stat = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    while stat().rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z')) {
        assert!(Instant::now() < end, "the server lives on: {}", stat());
        std::thread::yield_now();
    }
    std::fs::remove_file(note).expect("the server wrote it");
}
