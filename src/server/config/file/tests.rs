//! Files: what is read, and which fault is named at which line.

use super::{FILE_BYTES_MAX, parse, read};
use proptest::prelude::*;
use std::fs;

#[test]
fn values_are_read_as_they_would_be_typed_with_their_lines() {
    let text = "# first\n[limits]\nclients-max = 1_000\nidle-timeout = 0.5\n\n[network]\n\
                listen = [\n  'rooms://[::1]:0', # one\n  'login://[::1]:0'\n]\nnagle = 0x1\n\
                [tls]\ntls-self-signed = true\ntls-cert = ['a,b']\n";
    let contents = parse("x.toml", text).unwrap_or_else(|error| panic!("{error}"));
    let entries = contents.entries.iter();
    let shown = entries.map(|each| format!("{} {} {:?}", each.place, each.key.name, each.values));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "x.toml:3 clients-max [\"1000\"]",
            "x.toml:4 idle-timeout [\"0.5\"]",
            "x.toml:7 listen [\"rooms://[::1]:0\", \"login://[::1]:0\"]",
            "x.toml:11 nagle [\"1\"]",
            "x.toml:13 tls-self-signed [\"true\"]",
            "x.toml:14 tls-cert [\"a,b\"]",
        ]
    );
}

/// The text behind `[limits]`, and how its fault begins.
const IN_LIMITS: [(&str, &str); 15] = [
    ("client-max = 1", "2: there is no key 'client-max' in [limits]; write 'clients-max'"),
    ("clients_max = 1", "2: there is no key 'clients_max' in [limits]; write 'clients-max'"),
    ("log = 'x'", "2: 'log' is not in [limits]; write it below [log]"),
    ("\nidle-timeout = '5w'", "3: invalid value '5w' for 'idle-timeout': \"w\" is no unit"),
    ("clients-max = -5", "2: invalid value '-5' for 'clients-max': a count is"),
    ("clients-max = 99999999999999999999", "2: invalid value '99999999999999999999' for"),
    ("clients-max = 1979-05-27", "2: 'clients-max' is a date; write a string"),
    ("clients-max = [1]", "2: 'clients-max' is an array; write a string"),
    ("clients-max.a = 1", "2: 'clients-max' is a table; write a string"),
    ("idle-timeout = inf", "2: invalid value 'inf' for 'idle-timeout'"),
    ("clients-max = 1\nclients-max = 2", "3: duplicate key"),
    ("config = 'x'", "2: there is no key 'config'"),
    ("clients-max = ", "2: "),
    (
        "outbox-bytes-max = '1MB'",
        "2: invalid value '1MB' for 'outbox-bytes-max': \"MB\" is no unit",
    ),
    ("\"\\u001b[2J\" = 1", "2: there is no key '\\x1b[2J' in [limits]"),
];

/// A whole text, and how its fault begins.
const WHOLE: [(&str, &str); 12] = [
    (
        "[log]\nidle-timeot = 1",
        "2: there is no key 'idle-timeot' in [log]; write 'idle-timeout' below",
    ),
    ("[web]\ncolour = 1", "2: there is no key 'colour' in [web]; write one of ws-origin"),
    ("\n[limts]\na = 1", "2: there is no section [limts]; write [limits]"),
    ("[colours]", "1: there is no section [colours]; write one of [network], [tls], "),
    ("clients-max = 1", "1: 'clients-max' is in no section; write 'clients-max' below [limits]"),
    ("colour = 1", "1: there is no key 'colour', and each stands below a [section]"),
    ("limits = 1", "1: 'limits' is a section; write [limits]"),
    ("[[limits]]", "1: 'limits' is a section; write [limits]"),
    ("[log]\nlog-format = 'xml'", "2: invalid value 'xml' for 'log-format' [possible values: text"),
    ("[network]\nall = 'perhaps'", "2: invalid value 'perhaps' for 'all'"),
    ("[network]\nlisten = 'x'", "2: 'listen' has several values; write an array"),
    (
        "[network]\nlisten = ['irc://x:1']",
        "2: invalid value 'irc://x:1' for 'listen': \"irc\" is no",
    ),
];

/// [common/config-2]
#[test]
fn a_fault_is_named_with_its_line_and_what_would_be_right() {
    let in_limits = IN_LIMITS.map(|(text, named)| (format!("[limits]\n{text}"), named));
    let whole = WHOLE.map(|(text, named)| (text.to_owned(), named));
    for (text, named) in in_limits.into_iter().chain(whole) {
        let error = parse("x.toml", &text).map(|_| ()).expect_err(&text);
        assert!(error.starts_with(&format!("x.toml:{named}")), "{text}: {error}");
    }
}

/// [common/config-2]
#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = std::env::temp_dir().join(format!("parlance-file-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("it is made");
    let path = folder.join("it.toml");
    let fault = || read(&path).map(|_| ()).expect_err("it is no good");
    let name = path.display().to_string();
    assert!(fault().starts_with(&format!("{name}: the file cannot be read: ")), "{}", fault());
    fs::write(&path, b"[log]\n# \xff\n").expect("it is written");
    assert_eq!(fault(), format!("{name}:2: a byte is no UTF-8; write the file in UTF-8"));
    let length = usize::try_from(FILE_BYTES_MAX).expect("it is small") + 1;
    fs::write(&path, "\n".repeat(length)).expect("it is written");
    assert!(fault().contains("is longer than 1048576 bytes"), "{}", fault());
    fs::write(&path, "\n".repeat(length - 1)).expect("it is written");
    assert!(read(&path).is_ok());
    fs::remove_file(&path).expect("it is ours");
    fs::create_dir(&path).expect("it is made");
    assert!(fault().contains("it is no file"), "{}", fault());
    fs::remove_dir_all(&folder).expect("it is ours");
}

/// Pieces of a file.
#[rustfmt::skip]
const PIECES: [&str; 32] = [
    "[limits]", "[network]", "[log]", "[x]", "clients-max", "idle-timeout", "listen", "log", "all",
    " = ", "=", "1", "-1", "'2m'", "\"x\"", "[", "]", "[[", "]]", "{", "}", ",", ".", "\n", "\n",
    "true", "1e999", "0x", "\u{202e}", "\\", "#", "1979-05-27",
];

/// Something like a file, mostly wrong.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(&PIECES[..]).prop_map(str::to_owned);
    let anything = any::<char>().prop_map(String::from);
    let pieces = prop_oneof![8 => piece, 1 => anything];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// [common/config-2]
    #[test]
    fn any_text_is_read_or_has_a_fault_with_a_line_of_its_own(text in text()) {
        if let Err(error) = parse("x.toml", &text) {
            let rest = error.strip_prefix("x.toml:").and_then(|rest| rest.split_once(": "));
            let line = rest.and_then(|(line, _)| line.parse::<usize>().ok());
            let lines = 1 + text.matches('\n').count();
            prop_assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{error}");
            prop_assert!(!error.contains(parlance_printable::is_hidden), "{error:?}");
        }
    }
}
