//! Which dialects are served where.
//!
//! Goal: what is typed, then the environment, then the defaults decide where the daemon listens,
//! for every dialect there is, and what cannot be meant is an error that says what to write.
//! Method: the options are parsed in this process; where the environment matters the program is
//! started with an address that is not this machine's, and its error names the first place where it
//! would listen. Limits: the values are samples.

use super::arguments::refused_with;
use crate::process::Ended;
use parlance_core::protocol::{DIALECTS, Dialect};
use parlance_server::config::endpoint::Endpoint;
use parlance_server::config::options::Options;
use std::ffi::OsString;

/// An address of documentation, which no machine has.
pub(super) const ELSEWHERE: &str = "192.0.2.1";

fn endpoints(
    arguments: &[&str],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<Endpoint>, String> {
    let arguments = [&["parlance"], arguments].concat();
    Options::from_arguments(arguments).unwrap().endpoints(variable)
}

/// Where the arguments say to listen, with no variable set.
fn places(arguments: &[&str]) -> Vec<String> {
    let endpoints = endpoints(arguments, |_| None).unwrap();
    endpoints.iter().map(ToString::to_string).collect()
}

/// The first place where the program would listen.
#[track_caller]
pub(super) fn first_place(variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let Ended { stderr, .. } = refused_with(variables, arguments);
    let place = stderr[0].strip_prefix("error: cannot listen on ");
    let place = place.and_then(|rest| rest.split_once(": "));
    place.unwrap_or_else(|| panic!("{stderr:?} names no place")).0.to_owned()
}

#[track_caller]
pub(super) fn assert_refused(variables: &[(&str, &str)], arguments: &[&str], named: &[&str]) {
    let Ended { status, stdout, stderr } = refused_with(variables, arguments);
    assert_eq!(status, Some(2), "for {arguments:?}, {variables:?}");
    assert_eq!(stdout, Vec::<String>::new(), "for {arguments:?}, {variables:?}");
    for name in named {
        assert!(stderr[0].contains(name), "{:?} names {name:?}", stderr[0]);
    }
}

#[test]
fn each_dialect_is_served_on_its_own_port_or_the_one_given() {
    for dialect in DIALECTS {
        let (name, port) = (dialect.name(), dialect.default_port());
        assert_eq!(places(&["--dialect", name]), [format!("{name}://[::]:{port}")]);
        let host = ["--host", "127.0.0.2"];
        assert_eq!(
            places(&[&["--dialect", name][..], &host].concat()),
            [format!("{name}://127.0.0.2:{port}")]
        );
        for given in [&["5000"][..], &["-p", "5000"], &["-p5000"], &["--port", "5000"]] {
            let arguments = [&["--dialect", name], given].concat();
            assert_eq!(places(&arguments), [format!("{name}://[::]:5000")], "{arguments:?}");
            assert_eq!(places(given), [format!("{}://[::]:5000", DIALECTS[0].name())]);
        }
    }
}

/// [login/daemon-3]
#[test]
fn all_is_every_dialect_on_its_own_port() {
    for (host, arguments) in [("[::]", &["--all"][..]), ("[::1]", &["--all", "--host", "::1"])] {
        let on = |dialect: &&dyn Dialect| {
            format!("{}://{host}:{}", dialect.name(), dialect.default_port())
        };
        assert_eq!(places(arguments), DIALECTS.iter().map(on).collect::<Vec<_>>());
    }
}

/// [login/daemon-2]
#[test]
fn a_dialects_own_variable_is_asked_where_its_port_is_not_given_and_nowhere_else() {
    let served = |arguments: &[&str]| endpoints(arguments, |_| Some("7777".into())).unwrap();
    let expected = |dialect: &dyn Dialect| match dialect.port_variable() {
        Some(_) => 7777,
        None => dialect.default_port(),
    };
    for (endpoint, dialect) in served(&["--all"]).iter().zip(DIALECTS) {
        assert_eq!(endpoint.address.port(), expected(*dialect), "{}", dialect.name());
    }
    for dialect in DIALECTS {
        let name = dialect.name();
        assert_eq!(served(&["--dialect", name])[0].address.port(), expected(*dialect), "{name}");
        let listen = format!("{name}://127.0.0.1:5000");
        for given in [&["--dialect", name, "5000"][..], &["--listen", &listen]] {
            assert_eq!(served(given)[0].address.port(), 5000, "{given:?}");
            let bad = endpoints(given, |_| Some("bad".into()));
            assert_eq!(bad.unwrap()[0].address.port(), 5000, "{given:?}");
        }
    }
}

#[test]
fn a_bad_value_of_a_dialects_own_variable_is_named_with_it() {
    for dialect in DIALECTS {
        let Some(variable) = dialect.port_variable() else { continue };
        for value in ["0", "+80", "65536", "http"] {
            for arguments in [&["--dialect", dialect.name()][..], &["--all"]] {
                let read = |name: &str| (name == variable).then(|| value.into());
                let error = endpoints(arguments, read).unwrap_err();
                assert!(error.contains(&format!("'{value}' for '{variable}'")), "{error}");
            }
            let elsewhere = ["--dialect", dialect.name(), "--host", ELSEWHERE];
            assert_refused(&[(variable, value)], &elsewhere, &[variable, &format!("'{value}'")]);
        }
    }
}

/// [common/telnet-1] [common/tls-1]
#[test]
fn a_listener_of_any_dialect_can_be_one_of_telnet_or_of_tls() {
    for (dialect, transport) in DIALECTS.iter().flat_map(|each| [(each, "telnet"), (each, "tls")]) {
        let listen = format!("{}+{transport}://[::1]:5000", dialect.name());
        assert_eq!(places(&["--listen", &listen]), [listen.as_str()]);
    }
    for (scheme, named) in [
        ("rooms+ssl", &["\"+ssl\"", "+telnet, +tls"][..]),
        ("rooms+", &["\"+\"", "+telnet"]),
        ("rooms+telnet+telnet", &["\"+telnet+telnet\"", "+telnet"]),
        ("telnet", &["\"telnet\" is no dialect", "rooms"]),
        ("irc+telnet", &["\"irc\" is no dialect", "rooms"]),
    ] {
        assert_refused(&[], &["--listen", &format!("{scheme}://127.0.0.1:0")], named);
    }
    let (one, other) = ("rooms+telnet://127.0.0.1:5000", "rooms://127.0.0.1:5000");
    assert_refused(&[], &["--listen", one, "--listen", other], &[one, other, "write "]);
}

#[test]
fn two_listeners_in_one_place_are_both_named() {
    for [one, other] in [
        ["127.0.0.1:5000", "127.0.0.1:5000"],
        ["0.0.0.0:5000", "127.0.0.1:5000"],
        ["127.0.0.1:5000", "[::]:5000"],
        ["[::1]:5000", "[::]:5000"],
        ["[::]:5000", "0.0.0.0:5000"],
    ] {
        let last = DIALECTS[DIALECTS.len() - 1].name();
        let (one, other) = (format!("{}://{one}", DIALECTS[0].name()), format!("{last}://{other}"));
        let listen = ["--listen", &one, "--listen", "rooms://127.0.0.1:0", "--listen", &other];
        assert_refused(&[], &listen, &[&one, &other, "write "]);
    }
    for [one, other] in [
        ["127.0.0.1:5000", "127.0.0.1:5001"],
        ["127.0.0.1:5000", "127.0.0.2:5000"],
        ["127.0.0.1:0", "127.0.0.1:0"],
        ["0.0.0.0:5000", "[::1]:5000"],
    ] {
        let (one, other) = (format!("rooms://{one}"), format!("rooms://{other}"));
        assert_eq!(places(&["--listen", &one, "--listen", &other]), [&*one, &other]);
    }
}

#[test]
fn an_unknown_dialect_is_answered_with_those_there_are() {
    for arguments in [["--dialect", "irc"], ["--listen", "irc://127.0.0.1:0"]] {
        let Ended { status, stdout, stderr } = refused_with(&[], &arguments);
        assert_eq!((status, stdout.len()), (Some(2), 0));
        let said = stderr.concat();
        assert!(said.contains("irc"), "{said}");
        for dialect in DIALECTS {
            assert!(said.contains(dialect.name()), "{said} lists {:?}", dialect.name());
        }
    }
}
