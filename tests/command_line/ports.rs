//! The ports and variables of the documents, by name.
//!
//! Goal: each dialect is found where its document's clients look for it. Method and limits as in
//! [`places`](super::places): nothing is bound.

use super::places::{ELSEWHERE, assert_refused, first_place};
use crate::process::{Chat, Daemon, Wire};

/// [rooms/daemon-1] [lobby/daemon-1] [simple/daemon-1] [login/daemon-1] [channels/daemon-2]
#[test]
fn the_ports_are_those_of_the_documents() {
    let ports =
        [("rooms", 1234), ("lobby", 1235), ("simple", 1236), ("login", 4000), ("channels", 9999)];
    for (name, port) in ports {
        let place = first_place(&[], &["--dialect", name, "--host", ELSEWHERE]);
        assert_eq!(place, format!("{name}://{ELSEWHERE}:{port}"));
    }
}

/// [login/daemon-1] [login/daemon-2]
#[test]
fn chat_port_is_the_port_of_login_where_none_is_given() {
    let login = |port: u16| format!("login://{ELSEWHERE}:{port}");
    let chat = ("CHAT_PORT", "5000");
    let at = |arguments: &[&'static str]| [arguments, &["--host", ELSEWHERE]].concat();
    let dialect = ["--dialect", "login"];
    assert_eq!(first_place(&[chat], &at(&dialect)), login(5000));
    assert_eq!(first_place(&[chat, ("PARLANCE_DIALECT", "login")], &at(&[])), login(5000));
    assert_eq!(first_place(&[chat], &at(&["--dialect", "login", "5001"])), login(5001));
    assert_eq!(first_place(&[chat], &at(&["--dialect", "login", "-p", "5001"])), login(5001));
    assert_eq!(first_place(&[chat, ("PARLANCE_PORT", "5002")], &at(&dialect)), login(5002));
    let listen = login(5003);
    assert_eq!(first_place(&[chat], &["--listen", &listen]), listen);
}

/// [login/daemon-2]
#[test]
fn a_bad_chat_port_is_named_where_it_is_read() {
    for value in ["0", "+80", "65536", "http"] {
        let chat = ("CHAT_PORT", value);
        let named = ["CHAT_PORT", &*format!("'{value}'")];
        for what in [&["--dialect", "login"][..], &["--all"]] {
            assert_refused(&[chat], &[what, &["--host", ELSEWHERE]].concat(), &named);
        }
        let rooms = first_place(&[chat], &["--host", ELSEWHERE]);
        assert_eq!(rooms, format!("rooms://{ELSEWHERE}:1234"));
        let typed = first_place(&[chat], &["--dialect", "login", "5000", "--host", ELSEWHERE]);
        assert_eq!(typed, format!("login://{ELSEWHERE}:5000"));
    }
}

/// As somebody does who has set the variable for login alone.
#[test]
fn two_dialects_on_one_port_by_a_variable_are_both_named() {
    let named = ["rooms://[::]:1234", "login://[::]:1234", "write "];
    assert_refused(&[("CHAT_PORT", "1234")], &["--all"], &named);
}

/// A client of a dialect that knows no idleness outlives the one that is sent away.
/// [common/idle-1] [login/idle-1]
#[test]
fn the_idle_timeout_is_for_dialects_that_have_such_a_rule() {
    let rooms = Wire::of("rooms");
    let daemon = Daemon::serving(&["login", "rooms"], &["--idle-timeout", "1"]);
    let mut patient = rooms.enter(daemon.address_of("rooms"), "joe", &[]);
    let mut idle = Chat::connect(daemon.address_of("login"));
    idle.send("LOGIN joe\n");
    let heard = String::from_utf8(idle.rest()).unwrap();
    // Its second may be over before its line is on its way.
    assert!(["OK\nERR idle-timeout\n", "ERR idle-timeout\n"].contains(&&*heard), "{heard:?}");
    rooms.say(&mut patient, "joe", "still here");
}

/// What the document of channels types. [channels/daemon-1] [channels/daemon-2]
#[test]
fn p_is_the_port_of_channels() {
    let arguments = ["-p", "9998", "--dialect", "channels", "--host", ELSEWHERE];
    assert_eq!(first_place(&[], &arguments), format!("channels://{ELSEWHERE}:9998"));
    assert_refused(&[], &["--dialect", "channels", "-p", "0"], &["'0'", "--port"]);
}
