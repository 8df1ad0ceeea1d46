//! Whole runs against servers that are right, or wrong in one way.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use clap::Parser as _;

use super::{LoadError, Options, Value, measure};

/// Starts a server of rooms of one member that answers its `n`-th line with `answer(n, line)`, and
/// runs a short load against it.
fn run(answer: fn(u64, String) -> String) -> Result<super::Report, LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
    let target = listener.local_addr().expect("bound").to_string();
    thread::spawn(move || {
        let (socket, _) = listener.accept()?;
        serve(&socket, answer)
    });
    let arguments = ["parlance-load", &target, "--members", "1", "--seconds", "1", "--warmup", "0"];
    measure(&Options::parse_from(arguments))
}

fn serve(mut socket: &TcpStream, answer: fn(u64, String) -> String) -> std::io::Result<()> {
    let mut lines = BufReader::new(socket).lines();
    let join = lines.next().expect("a request")?;
    let user = join.rsplit(' ').next().expect("a user").to_owned();
    socket.write_all(format!("{user} has joined\n").as_bytes())?;
    for (n, line) in (0..).zip(lines) {
        socket.write_all(answer(n, format!("{user}: {}\n", line?)).as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_right_server_is_measured() {
    let report = run(|_, line| line).expect("all deliveries are right");
    let Some(Value::Amount(rate)) = report.get("deliveries_per_second") else {
        panic!("no rate: {report:?}");
    };
    assert!(rate > 0.0);
    assert_eq!(report.get("cpu_ns_per_delivery"), None, "no process was named");
}

#[test]
fn a_repeated_line_fails_the_run() {
    let error = run(|n, line| if n == 9 { line.repeat(2) } else { line }).expect_err("repeated");
    assert!(matches!(error, LoadError::Mismatch { .. }), "{error}");
    assert_eq!(error.exit_status(), 1);
}

#[test]
fn an_altered_line_fails_the_run() {
    let error = run(|n, line| if n == 9 { line.replace('x', "y") } else { line });
    assert!(matches!(error, Err(LoadError::Mismatch { .. })), "{error:?}");
}

#[test]
fn arguments_name_what_they_refuse() {
    let refused = Options::try_parse_from(["parlance-load", "192.0.2.1:80"]).expect_err("remote");
    assert!(refused.to_string().contains("192.0.2.1:80"), "{refused}");
    assert_eq!(refused.exit_code(), 2);
    let refused = Options::try_parse_from(["parlance-load", "[::1]:80", "--idle", "5"]);
    assert!(refused.is_err(), "idle clients need a process");
}
