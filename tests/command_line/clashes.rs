//! Options that cannot both be meant, and the word that counts.
//!
//! Goal: nobody is left to guess which of two settings won: what is typed wins over what the
//! environment says, and two of a kind are an error. Method and limits as in
//! [`places`](super::places).

use super::places::{ELSEWHERE, assert_refused, first_place};
use parlance_core::protocol::DIALECTS;

#[test]
fn conflicting_options_are_an_error_that_names_both() {
    let name = DIALECTS[0].name();
    let url = &format!("{name}://127.0.0.1:0");
    let cases: [(&[&str], [&str; 2]); 9] = [
        (&["1", "-p", "2"], ["'PORT'", "'--port'"]),
        (&["1", "--all"], ["'PORT'", "'--all'"]),
        (&["-p", "1", "--all"], ["'--port'", "'--all'"]),
        (&["--dialect", name, "--all"], ["'--dialect'", "'--all'"]),
        (&["--listen", url, "1"], ["'--listen'", "'PORT'"]),
        (&["--listen", url, "--port", "1"], ["'--listen'", "'--port'"]),
        (&["--listen", url, "--dialect", name], ["'--listen'", "'--dialect'"]),
        (&["--listen", url, "--all"], ["'--listen'", "'--all'"]),
        (&["--listen", url, "--host", "::1"], ["'--listen'", "'--host'"]),
    ];
    for (arguments, [one, other]) in cases {
        assert_refused(&[], arguments, &[one, other, "write "]);
    }
}

#[test]
fn conflicting_variables_are_an_error_that_names_both() {
    let name = DIALECTS[0].name();
    let url = &format!("{name}://127.0.0.1:0");
    let all = ("PARLANCE_ALL", "1");
    let listen = ("PARLANCE_LISTEN", &**url);
    let (port, dialect) = (("PARLANCE_PORT", "5000"), ("PARLANCE_DIALECT", name));
    let host = ("PARLANCE_HOST", ELSEWHERE);
    let cases = [
        [port, all],
        [dialect, all],
        [listen, port],
        [listen, dialect],
        [listen, all],
        [listen, host],
    ];
    for variables in cases {
        let named = variables.map(|(name, _)| format!("'{name}'"));
        assert_refused(&variables, &[], &[&named[0], &named[1], "write "]);
    }
}

#[test]
fn typed_options_overrule_the_environment() {
    let last = DIALECTS[DIALECTS.len() - 1];
    let (first, last, port) = (DIALECTS[0].name(), last.name(), last.default_port());
    let url = format!("{last}://{ELSEWHERE}:5001");
    let there = |port: u16| format!("{last}://{ELSEWHERE}:{port}");
    let host = ["--host", ELSEWHERE];

    let all = ("PARLANCE_ALL", "1");
    let set_port = ("PARLANCE_PORT", "5000");
    let set_dialect = ("PARLANCE_DIALECT", first);
    let set_host = ("PARLANCE_HOST", "::1");
    let set_listen = ("PARLANCE_LISTEN", "rooms://[::1]:0");
    for typed in [&["5002"][..], &["-p", "5002"]] {
        for set in [set_port, set_dialect, set_host, set_listen, all] {
            let arguments = [&["--dialect", last], typed, &host].concat();
            assert_eq!(first_place(&[set], &arguments), there(5002), "{set:?}, {typed:?}");
        }
    }
    for set in [set_dialect, set_host, set_listen, all] {
        let arguments = [&["--dialect", last][..], &host].concat();
        assert_eq!(first_place(&[set], &arguments), there(port), "{set:?}, --dialect");
    }
    let listen = ["--listen", &url];
    for set in [&[set_port, set_dialect, set_host, set_listen][..], &[all, set_host]] {
        assert_eq!(first_place(set, &listen), there(5001), "{set:?}, --listen");
    }
    let first_of_all = format!("{first}://{ELSEWHERE}:{}", DIALECTS[0].default_port());
    for set in [set_port, ("PARLANCE_DIALECT", last), set_host, ("PARLANCE_LISTEN", &url)] {
        let arguments = [&["--all"][..], &host].concat();
        assert_eq!(first_place(&[set], &arguments), first_of_all, "{set:?}, --all");
    }
}

#[test]
fn the_environment_fills_in_for_missing_options() {
    let last = DIALECTS[DIALECTS.len() - 1];
    let (name, port) = (last.name(), last.default_port());
    let host = ("PARLANCE_HOST", ELSEWHERE);
    let dialect = ("PARLANCE_DIALECT", name);
    assert_eq!(first_place(&[host, dialect], &[]), format!("{name}://{ELSEWHERE}:{port}"));
    assert_eq!(first_place(&[host, dialect], &["5000"]), format!("{name}://{ELSEWHERE}:5000"));
    let set = [host, dialect, ("PARLANCE_PORT", "5001")];
    assert_eq!(first_place(&set, &[]), format!("{name}://{ELSEWHERE}:5001"));
    // A flag that is switched off says nothing.
    let set = [host, dialect, ("PARLANCE_ALL", "0")];
    assert_eq!(first_place(&set, &[]), format!("{name}://{ELSEWHERE}:{port}"));
    let first = format!("{}://{ELSEWHERE}:{}", DIALECTS[0].name(), DIALECTS[0].default_port());
    assert_eq!(first_place(&[host, ("PARLANCE_ALL", "1")], &[]), first);
}
