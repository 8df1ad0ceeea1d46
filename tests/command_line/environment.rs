//! The environment.
//!
//! Goal: every option can be set by a variable, and the command line has the last word. Method:
//! two options whose effect clients can see. Limits: the others go the same way through the parser.

use super::places::{ELSEWHERE, assert_refused, first_place};
use crate::process::{Chat, Daemon, command};

/// [common/limit-2]
#[test]
fn variables_set_options() {
    let mut command = command();
    command.env("PARLANCE_LISTEN", "rooms://127.0.0.1:0,rooms://127.0.0.2:0");
    command.env("PARLANCE_CLIENTS_MAX", "1");
    let daemon = Daemon::launch(&mut command, 2).unwrap();
    assert_eq!(daemon.addresses()[1].ip().to_string(), "127.0.0.2");
    let _only = Chat::join(daemon.addresses()[0], "r", "u");
    Chat::connect(daemon.addresses()[1]).expect("ERROR\n");
}

/// [common/limit-2]
#[test]
fn options_override_variables() {
    let mut command = command();
    command.env("PARLANCE_LISTEN", "rooms://127.0.0.2:0").env("PARLANCE_CLIENTS_MAX", "1");
    command.args(["--listen", "rooms://127.0.0.1:0", "--clients-max", "2"]);
    let daemon = Daemon::launch(&mut command, 1).unwrap();
    assert_eq!(daemon.address().ip().to_string(), "127.0.0.1");
    let _one = Chat::join(daemon.address(), "r", "u");
    let _two = Chat::join(daemon.address(), "s", "u");
    Chat::connect(daemon.address()).expect("ERROR\n");
}

/// Every variable of the daemon.
const VARIABLES: [&str; 44] = [
    "PARLANCE_CONFIG",
    "PARLANCE_PORT",
    "PARLANCE_DIALECT",
    "PARLANCE_ALL",
    "PARLANCE_HOST",
    "PARLANCE_LISTEN",
    "PARLANCE_TLS_CERT",
    "PARLANCE_TLS_KEY",
    "PARLANCE_TLS_SELF_SIGNED",
    "PARLANCE_WS_ORIGIN",
    "PARLANCE_PROXY_PROTOCOL",
    "PARLANCE_CLIENTS_MAX",
    "PARLANCE_CLIENTS_PER_ADDRESS_MAX",
    "PARLANCE_RATE_LIMITS",
    "PARLANCE_RATE_LINES",
    "PARLANCE_RATE_BYTES",
    "PARLANCE_RATE_JOINS",
    "PARLANCE_RATE_NAMES",
    "PARLANCE_RATE_ROOMS",
    "PARLANCE_RATE_CONNECTS",
    "PARLANCE_OUTBOX_BYTES_MAX",
    "PARLANCE_TOTAL_BYTES_MAX",
    "PARLANCE_FIRST_LINE_TIMEOUT",
    "PARLANCE_IDLE_TIMEOUT",
    "PARLANCE_STALL_TIMEOUT",
    "PARLANCE_DRAIN_TIMEOUT",
    "PARLANCE_DRAIN_TIME",
    "PARLANCE_KEEPALIVE",
    "PARLANCE_USER_TIMEOUT",
    "PARLANCE_NAGLE",
    "PARLANCE_THREADS",
    "PARLANCE_METRICS",
    "PARLANCE_ADMIN",
    "PARLANCE_BAN",
    "PARLANCE_DATA",
    "PARLANCE_DURABILITY",
    "PARLANCE_HISTORY_LINES",
    "PARLANCE_HISTORY_DAYS",
    "PARLANCE_HISTORY_BYTES",
    "PARLANCE_ACCOUNTS",
    "PARLANCE_REGISTER",
    "PARLANCE_INSECURE_PASSWORDS",
    "PARLANCE_LOG",
    "PARLANCE_LOG_FORMAT",
];

/// [login/daemon-2]
#[test]
fn a_variable_that_is_set_and_empty_is_not_set() {
    let mut help = command();
    let Ok(text) = help.arg("--help").output().map(|output| output.stdout) else { panic!() };
    let text = String::from_utf8(text).expect("it is text");
    let named = text.matches("[env: PARLANCE_").count();
    assert_eq!(named, VARIABLES.len(), "one for each of them");
    let host = ["--host", ELSEWHERE];
    for variable in VARIABLES {
        assert!(text.contains(&format!("[env: {variable}=")), "{variable}");
        let place = first_place(&[(variable, "")], &host);
        assert_eq!(place, format!("rooms://{ELSEWHERE}:1234"), "{variable}");
    }
    let login = [&["--dialect", "login"][..], &host].concat();
    assert_eq!(first_place(&[("CHAT_PORT", "")], &login), format!("login://{ELSEWHERE}:4000"));
}

/// Kubernetes sets such variables for services called parlance and chat. [login/daemon-2]
#[test]
fn the_ports_of_kubernetes_are_not_ours() {
    let host = ["--host", ELSEWHERE];
    for protocol in ["tcp", "udp", "sctp"] {
        let address = format!("{protocol}://10.96.0.10:5000");
        let set = [("PARLANCE_PORT", &*address), ("CHAT_PORT", &*address)];
        assert_eq!(first_place(&set, &host), format!("rooms://{ELSEWHERE}:1234"));
        let login = [&["--dialect", "login"][..], &host].concat();
        assert_eq!(first_place(&set, &login), format!("login://{ELSEWHERE}:4000"));
        let listen = format!("login://{ELSEWHERE}:5001");
        assert_eq!(first_place(&set, &["--listen", &listen]), listen);
        assert_eq!(first_place(&[set[0], ("PARLANCE_LISTEN", &listen)], &[]), listen);
    }
    assert_refused(&[("PARLANCE_PORT", "10.96.0.10:5000")], &[], &["'10.96.0.10:5000'"]);
    assert_refused(&[("PARLANCE_THREADS", "tcp://10.96.0.10:1")], &[], &["'tcp://10.96.0.10:1'"]);
}

#[test]
fn a_bad_variable_that_is_overruled_is_not_looked_at() {
    let bad = [
        ("PARLANCE_PORT", "http"),
        ("PARLANCE_DIALECT", "irc"),
        ("PARLANCE_ALL", "maybe"),
        ("PARLANCE_HOST", "no where"),
        ("PARLANCE_LISTEN", "irc://127.0.0.1:1"),
    ];
    let listen = format!("rooms://{ELSEWHERE}:5001");
    assert_eq!(first_place(&bad, &["--listen", &listen]), listen);
    let typed = ["--dialect", "rooms", "--host", ELSEWHERE, "5001"];
    assert_eq!(first_place(&bad, &typed), listen);
    for (name, value) in bad {
        assert_refused(&[(name, value)], &["--clients-max", "1"], &[value]);
    }
}
